//! Pings to a registrar that gave a `Flow-Timer` (RFC 5626 §4.4, §5.4).

use super::RegistrationHandle;
use crate::{Flow, Millis, stack::Stack, timers::Timer};

/// How long a pong is waited for, in milliseconds (RFC 5626 §4.4.1).
const PATIENCE: Millis = 10_000;

/// Where the exchange of ping and pong stands.
pub struct Keepalive {
    /// Longest silence the registrar accepts, in milliseconds.
    silence: Millis,
    /// A ping is out.
    waiting: bool,
}

impl Keepalive {
    pub fn start(seconds: u32, registration: RegistrationHandle, stack: &mut Stack) -> Self {
        let keepalive = Self {
            silence: Millis::from(seconds) * 1000,
            waiting: false,
        };
        keepalive.rest(registration, stack);
        keepalive
    }

    /// Sends a ping; `false` when the last one is unanswered.
    pub fn ping(
        &mut self,
        registration: RegistrationHandle,
        flow: Flow,
        stack: &mut Stack,
    ) -> bool {
        if self.waiting {
            return false;
        }
        stack.transmit(flow, b"\r\n\r\n".to_vec());
        // Over datagrams the answer would be STUN's; there the ping only keeps the NAT's door open.
        self.waiting = flow.is_reliable();
        if self.waiting {
            stack.set_timer(Timer::Keepalive(registration), PATIENCE);
        } else {
            self.rest(registration, stack);
        }
        true
    }

    pub fn answered(&mut self, registration: RegistrationHandle, stack: &mut Stack) {
        if self.waiting {
            self.waiting = false;
            self.rest(registration, stack);
        }
    }

    /// RFC 5626 §4.4: the next ping after 80–100 % of the time.
    fn rest(&self, registration: RegistrationHandle, stack: &mut Stack) {
        let after = stack.random.between(self.silence * 80 / 100, self.silence);
        stack.set_timer(Timer::Keepalive(registration), after);
    }
}
