//! The browser's telephone: SIP over WebSocket driven by `sip-core`, audio by `RTCPeerConnection`.
//! It knows no UI framework: [`Command`]s go in, [`PhoneEvent`]s come out, and what a screen shows
//! is [`PhoneState`] after [`PhoneState::apply`].
//!
//! The state types compile and are tested natively; everything that touches the browser lives
//! behind `cfg(target_arch = "wasm32")`.

#[cfg(target_arch = "wasm32")]
mod browser;
pub mod command;
pub mod devices;
pub mod headset;
pub mod machine;
pub mod quality;
pub mod state;
pub mod tones;
pub mod way;
pub mod wire;

#[cfg(target_arch = "wasm32")]
pub use browser::{
    Ear, Phone, check,
    headset::{Headsets, has_headsets},
    look, media_way, rtc_configuration,
};
pub use command::{CallFrom, Command, IceServer, PhoneConfig, Rejection};
pub use devices::{Choices, Device, DeviceName, DeviceRole, MicrophoneWish, Processing};
pub use quality::{Advice, FarFigures, Grade, QualityReport, QualityView};
pub use state::{
    CallKey, CallPhase, CallView, Connection, EndReason, Member, PhoneEvent, PhoneState, Side,
    Transfer, TransferKind, TransferProgress, Trouble,
};
pub use way::MediaWay;
