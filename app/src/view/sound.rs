//! Choices of devices and the loudness of a microphone, in words.

use phone::{Device, DeviceName, DeviceRole, devices::find};

/// Decibels at which nothing is heard.
pub const SILENCE: f32 = -100.0;

phrases! {
    /// How loud a microphone is.
    pub enum Loudness {
        /// Not at all.
        Nothing => devices.level_none,
        /// Hard to understand.
        Low => devices.level_low,
        /// As speech should be.
        Good => devices.level_good,
        /// Distorts.
        High => devices.level_high,
    }
}

impl Loudness {
    /// Of decibels below the loudest there is.
    pub fn of(decibels: f32) -> Self {
        match decibels {
            level if level < -60.0 => Self::Nothing,
            level if level < -42.0 => Self::Low,
            level if level < -4.0 => Self::Good,
            _ => Self::High,
        }
    }
}

/// Decibels as part of a bar: 0 at -70, 100 at the loudest there is.
pub fn percent(decibels: f32) -> u8 {
    ((decibels + 70.0) / 70.0 * 100.0).clamp(0.0, 100.0) as u8
}

/// The ids of the microphones.
pub fn inputs(present: &[Device]) -> Vec<String> {
    let inputs = present.iter().filter(|device| device.is_input);
    inputs.map(|device| device.name.id.clone()).collect()
}

/// Those one may choose for a role. The browser's own entry for the default is our first one.
fn fitting(role: DeviceRole, present: &[Device]) -> impl Iterator<Item = &DeviceName> {
    let is_input = role == DeviceRole::Microphone;
    let fits = move |device: &&Device| {
        let id = device.name.id.as_str();
        device.is_input == is_input && !matches!(id, "" | "default" | "communications")
    };
    present.iter().filter(fits).map(|device| &device.name)
}

/// What is chosen, as the list knows it; empty: the default.
pub fn value(role: DeviceRole, chosen: Option<&DeviceName>, present: &[Device]) -> String {
    let is_input = role == DeviceRole::Microphone;
    let Some(chosen) = chosen else {
        return String::new();
    };
    let found = find(chosen, is_input, present).unwrap_or(chosen);
    found.id.clone()
}

/// The device of an id.
pub fn named(role: DeviceRole, id: &str, present: &[Device]) -> Option<DeviceName> {
    fitting(role, present).find(|name| name.id == id).cloned()
}

/// The list to choose from: `first` is the default; the chosen one stays in it when it is unplugged.
pub fn options(
    role: DeviceRole,
    chosen: Option<&DeviceName>,
    present: &[Device],
    first: &str,
    away: &dyn Fn(&str) -> String,
    nameless: &dyn Fn(usize) -> String,
) -> Vec<(String, String)> {
    let words = |(place, name): (usize, &DeviceName)| match name.label.as_str() {
        "" => (name.id.clone(), nameless(place + 1)),
        label => (name.id.clone(), label.to_owned()),
    };
    let mut options = vec![(String::new(), first.to_owned())];
    options.extend(fitting(role, present).enumerate().map(words));
    let is_input = role == DeviceRole::Microphone;
    if let Some(chosen) = chosen
        && find(chosen, is_input, present).is_none()
    {
        options.push((chosen.id.clone(), away(&chosen.label)));
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str) -> DeviceName {
        DeviceName {
            id: id.to_owned(),
            label: id.to_uppercase(),
            group: String::new(),
        }
    }

    fn offered(chosen: &str, present: &[&str]) -> Vec<String> {
        let present: Vec<_> = present
            .iter()
            .map(|id| Device {
                is_input: true,
                name: name(id),
            })
            .collect();
        let away = |label: &str| format!("{label} is away");
        let list = options(
            DeviceRole::Microphone,
            Some(&name(chosen)),
            &present,
            "first",
            &away,
            &|place| place.to_string(),
        );
        list.into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn the_list_has_the_default_once_and_keeps_what_is_unplugged() {
        assert_eq!(offered("a", &["default", "a", "b"]), ["first", "A", "B"]);
        assert_eq!(offered("c", &["default", "a"]), ["first", "A", "C is away"]);
    }

    #[test]
    fn speech_is_good_and_silence_is_nothing() {
        assert_eq!(Loudness::of(SILENCE), Loudness::Nothing);
        assert_eq!(Loudness::of(-25.0), Loudness::Good);
        assert_eq!((percent(SILENCE), percent(0.0)), (0, 100));
    }
}
