//! What a person speaks into and hears by: the choices this browser keeps. Pure.

/// What a device is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceRole {
    /// Takes the voice.
    Microphone,
    /// Plays the other side.
    Speaker,
    /// Rings.
    Ringer,
}

/// A device as browsers name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceName {
    /// `deviceId`: the same for this site until its data are cleared.
    pub id: String,
    /// Words for people; empty before the browser was allowed to tell.
    pub label: String,
    /// `groupId`: what is one piece of hardware.
    pub group: String,
}

/// A device that is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Takes sound; else plays it.
    pub is_input: bool,
    /// Names it.
    pub name: DeviceName,
}

/// What the browser does to the voice on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processing {
    /// Takes out what the speaker plays.
    pub echo: bool,
    /// Takes out steady noise.
    pub noise: bool,
    /// Makes a low voice louder.
    pub gain: bool,
    /// Takes out all that is no voice: our own program, after what the browser does.
    pub clean: bool,
}

impl Default for Processing {
    fn default() -> Self {
        Self {
            echo: true,
            noise: true,
            gain: true,
            clean: false,
        }
    }
}

/// What was chosen; `None`: whatever the system has as default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// Takes the voice.
    pub microphone: Option<DeviceName>,
    /// Plays the other side.
    pub speaker: Option<DeviceName>,
    /// Rings; `None`: the speaker does.
    pub ringer: Option<DeviceName>,
    /// What is done to the voice.
    pub processing: Processing,
    /// Whether all that is no voice is taken out of what the other side sends.
    pub clean_theirs: bool,
}

/// What is to be opened as microphone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MicrophoneWish {
    /// Its id; `None`: the system's default.
    pub device: Option<String>,
    /// What is done to the voice.
    pub processing: Processing,
    /// What the default was when it was asked for, where the browser tells.
    pub default: Option<DeviceName>,
}

impl Choices {
    /// The choice for a role.
    #[must_use]
    pub fn of(&self, role: DeviceRole) -> &Option<DeviceName> {
        match role {
            DeviceRole::Microphone => &self.microphone,
            DeviceRole::Speaker => &self.speaker,
            DeviceRole::Ringer => &self.ringer,
        }
    }

    pub(crate) fn of_mut(&mut self, role: DeviceRole) -> &mut Option<DeviceName> {
        match role {
            DeviceRole::Microphone => &mut self.microphone,
            DeviceRole::Speaker => &mut self.speaker,
            DeviceRole::Ringer => &mut self.ringer,
        }
    }
}

/// The same device among those present, also when the browser has given it another id: then by
/// its words, and of several with the same words the one on the same piece of hardware.
#[must_use]
pub fn find<'a>(
    wanted: &DeviceName,
    is_input: bool,
    present: &'a [Device],
) -> Option<&'a DeviceName> {
    let fits = |device: &&Device| device.is_input == is_input;
    let names = || present.iter().filter(fits).map(|device| &device.name);
    let alike = || names().filter(|name| name.label == wanted.label && !name.label.is_empty());
    names()
        .find(|name| name.id == wanted.id)
        .or_else(|| alike().find(|name| name.group == wanted.group))
        .or_else(|| alike().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(is_input: bool, id: &str, label: &str, group: &str) -> Device {
        let (id, label, group) = (id.to_owned(), label.to_owned(), group.to_owned());
        let name = DeviceName { id, label, group };
        Device { is_input, name }
    }

    #[test]
    fn a_device_is_known_by_its_id_then_by_its_words_and_hardware() {
        let present = [
            device(false, "a", "Headset", "h1"),
            device(true, "b", "Headset", "h2"),
            device(true, "c", "Headset", "h1"),
            device(true, "d", "Built-in", "h3"),
        ];
        let id = |id: &str, label: &str, group: &str| {
            let wanted = device(true, id, label, group).name;
            find(&wanted, true, &present).map(|name| name.id.clone())
        };
        assert_eq!(id("d", "Headset", "h1").as_deref(), Some("d"));
        assert_eq!(id("gone", "Headset", "h1").as_deref(), Some("c"));
        assert_eq!(id("gone", "Headset", "h9").as_deref(), Some("b"));
        assert_eq!(id("gone", "Other", "h1"), None);
        assert_eq!(id("a", "", ""), None, "a speaker is no microphone");
    }
}
