//! Where buttons and lights are in a device's reports (HID 1.11 §5.6, §6.2.2).

use super::Button;

/// A report as the browser describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Its number; 0: the device numbers none.
    pub id: u8,
    /// What is in it, in this order.
    pub items: Vec<Item>,
}

/// Fields of the same kind in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// Page and usage of the fields; if there are fewer, the last one counts for the rest.
    pub usages: Vec<u32>,
    /// Each field holds the place of one usage instead of standing for one.
    pub is_array: bool,
    /// A change and not a state.
    pub is_relative: bool,
    /// Bits of a field.
    pub size: u32,
    /// Fields.
    pub count: u32,
    /// The least value; with one below 0 a field is signed.
    pub minimum: i32,
}

/// How a button speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// 1 as long as it is so.
    State,
    /// 1 when it is pressed, which changes what was.
    Press,
}

/// A button's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) button: Button,
    pub(super) nature: Nature,
    pub(super) report: u8,
    /// Bits before it.
    offset: u32,
    size: u32,
    is_signed: bool,
    /// In an array: the value that stands for the button.
    selects: Option<i32>,
}

/// A light's place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Light {
    usage: u32,
    report: u8,
    offset: u32,
}

/// All that is of use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    pub(super) inputs: Vec<Input>,
    lights: Vec<Light>,
    /// Octets of the output reports.
    lengths: Vec<(u8, usize)>,
}

impl Layout {
    /// Reads it out of the reports. That an item is called constant says nothing: Jabra calls its
    /// buttons so.
    #[must_use]
    pub fn new(inputs: &[Report], outputs: &[Report]) -> Self {
        let mut layout = Self::default();
        for report in inputs {
            let mut offset = 0;
            for item in &report.items {
                layout.add_inputs(report.id, item, offset);
                offset += item.size * item.count;
            }
        }
        for report in outputs {
            let mut offset = 0;
            for item in &report.items {
                layout.add_lights(report.id, item, offset);
                offset += item.size * item.count;
            }
            layout
                .lengths
                .push((report.id, offset.div_ceil(8) as usize));
        }
        layout
    }

    fn add_inputs(&mut self, report: u8, item: &Item, offset: u32) {
        let nature = match item.is_relative {
            true => Nature::Press,
            false => Nature::State,
        };
        let input = |button, at: u32, nature, selects| Input {
            button,
            nature,
            report,
            offset: offset + at * item.size,
            size: item.size.min(32),
            is_signed: item.minimum < 0,
            selects,
        };
        for (place, usage) in item.usages.iter().enumerate() {
            let (Some(button), place) = (Button::of(*usage), place as u32) else {
                continue;
            };
            if !item.is_array {
                self.inputs.push(input(button, place, nature, None));
                continue;
            }
            // Pressed as long as any of the fields names it.
            let selects = Some(item.minimum + place as i32);
            let fields = (0..item.count).map(|at| input(button, at, Nature::Press, selects));
            self.inputs.extend(fields);
        }
    }

    fn add_lights(&mut self, report: u8, item: &Item, offset: u32) {
        if item.is_array {
            return;
        }
        for (place, usage) in item.usages.iter().enumerate() {
            self.lights.push(Light {
                usage: *usage,
                report,
                offset: offset + place as u32 * item.size,
            });
        }
    }

    /// Every report that has a light of ours, with each as `is_on` says.
    pub(super) fn output(&self, is_on: impl Fn(u32) -> Option<bool>) -> Vec<(u8, Vec<u8>)> {
        let mut reports: Vec<(u8, Vec<u8>)> = Vec::new();
        for light in &self.lights {
            let Some(on) = is_on(light.usage) else {
                continue;
            };
            let at = match reports.iter().position(|(id, _)| *id == light.report) {
                Some(at) => at,
                None => {
                    let length = self.lengths.iter().find(|(id, _)| *id == light.report);
                    let length = length.map_or(0, |(_, length)| *length);
                    reports.push((light.report, vec![0; length]));
                    reports.len() - 1
                }
            };
            let octet = reports[at].1.get_mut(light.offset as usize / 8);
            if let (true, Some(octet)) = (on, octet) {
                *octet |= 1 << (light.offset % 8);
            }
        }
        reports
    }
}

impl Input {
    /// What the report says of the button: 1 pressed or so, -1 the opposite, 0 nothing.
    pub(super) fn value(&self, data: &[u8]) -> i32 {
        let mut value: u32 = 0;
        for bit in 0..self.size {
            let at = (self.offset + bit) as usize;
            let octet = data.get(at / 8).copied().unwrap_or_default();
            value |= u32::from(octet >> (at % 8) & 1) << bit;
        }
        let is_negative = self.is_signed && self.size < 32 && value >> (self.size - 1) == 1;
        let value = if is_negative {
            value as i32 - (1 << self.size)
        } else {
            value as i32
        };
        match self.selects {
            Some(place) => i32::from(value == place),
            None => value.signum(),
        }
    }
}
