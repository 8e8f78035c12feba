//! The thin shell between the machine and the browser. It decides nothing.

use crate::{Command, PhoneEvent};

/// The telephone of this page. Dropping it closes everything.
pub struct Phone {
    on_event: Box<dyn Fn(PhoneEvent)>,
}

impl Phone {
    /// A telephone that does nothing until [`Command::Start`]. `on_event` is called on the
    /// page's only thread, never from within [`Phone::new`]; it may call [`Phone::send`].
    pub fn new(on_event: impl Fn(PhoneEvent) + 'static) -> Phone {
        Phone { on_event: Box::new(on_event) }
    }

    /// Hands a command over. Its effects come back as events, some of them before this returns.
    pub fn send(&self, command: Command) {
        let _ = (&self.on_event, command);
    }
}
