//! `Check`: one real REGISTER of a line that may not be saved yet.

use std::{io, net::SocketAddr};

use sip_core::{Flow, Millis, RegistrationHandle, RegistrationState, uri::SipUri};
use tokio::sync::oneshot;

use super::{
    AgentTask,
    registering::{look_up, registration_request},
};
use crate::{
    lines::{Line, peer_of, state_of},
    orders::Order,
    ports::{CheckReport, CheckStep, LineConfig, LineState, Seen},
};

/// After this long without an answer the check has failed, ms.
const PATIENCE: Millis = 10_000;
/// Seconds a check asks to be registered for.
const EXPIRES: u32 = 60;

#[derive(Debug)]
struct Check {
    number: u64,
    line: Line,
    until: Millis,
    registration: Option<RegistrationHandle>,
    address: Option<SocketAddr>,
    /// Taken when the check has been answered; the check then waits to be unregistered.
    reply: Option<oneshot::Sender<CheckReport>>,
}

/// The checks under way.
#[derive(Debug, Default)]
pub(super) struct Checks {
    next: u64,
    all: Vec<Check>,
}

impl Checks {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Check {
    fn report(&mut self, state: LineState) {
        if let Some(reply) = self.reply.take() {
            let seen = self.address.and_then(|address| seen(address, &state));
            let steps = seen.map(|seen| CheckStep { took_ms: 0, seen });
            let _ = reply.send(CheckReport {
                steps: steps.into_iter().collect(),
                state,
            });
        }
    }
}

fn seen(address: SocketAddr, state: &LineState) -> Option<Seen> {
    Some(match state {
        LineState::Trying | LineState::Reachable { .. } => return None,
        LineState::Registered {
            expires_secs,
            seen_as,
            ..
        } => Seen::Registered {
            address,
            expires_secs: *expires_secs,
            seen_as: *seen_as,
        },
        LineState::Failed { code, reason, .. } => Seen::Refused {
            address,
            code: *code,
            reason: reason.clone(),
            retry_after: None,
            with_credentials: true,
        },
    })
}

impl AgentTask {
    pub(super) fn check(&mut self, config: LineConfig, reply: oneshot::Sender<CheckReport>) {
        self.checks.next += 1;
        let number = self.checks.next;
        let (host, port) = peer_of(&config);
        let line = Line::new(LineConfig {
            expires_secs: EXPIRES,
            ..config
        });
        let until = self.clock.now() + PATIENCE;
        self.checks.all.push(Check {
            number,
            line,
            until,
            registration: None,
            address: None,
            reply: Some(reply),
        });
        let orders = self.services.orders.clone();
        let v4 = self.udp.local_addr().is_ok_and(|address| address.is_ipv4());
        tokio::spawn(async move {
            let found = look_up(&host, port, v4).await;
            orders.send(Order::CheckResolved {
                check: number,
                found,
            });
        });
    }

    pub(super) fn check_resolved(&mut self, number: u64, found: io::Result<SocketAddr>) {
        let now = self.clock.now();
        let Some(index) = self
            .checks
            .all
            .iter()
            .position(|check| check.number == number)
        else {
            return;
        };
        match found {
            Err(error) => {
                let mut check = self.checks.all.swap_remove(index);
                let (host, _) = peer_of(&check.line.config);
                check.report(LineState::Failed {
                    code: 503,
                    reason: format!("The address {host} was not found ({error})"),
                    trouble: None,
                });
            }
            Ok(address) => {
                self.face(address.ip());
                let host = self.locals.towards(address.ip());
                let Some(check) = self.checks.all.get_mut(index) else {
                    return;
                };
                check.address = Some(address);
                // A Contact of its own: the line's own registration is not touched.
                let user = format!("check-{}-{}", check.line.token, check.number);
                let contact = SipUri::new(user, host.host).with_port(host.port);
                let request =
                    registration_request(&check.line, Flow::Udp { remote: address }, contact);
                check.registration = Some(self.ua.register(now, request));
            }
        }
    }

    /// Whether the registration was a check's.
    pub(super) fn check_changed(
        &mut self,
        handle: RegistrationHandle,
        state: &RegistrationState,
    ) -> bool {
        let Some(index) = self
            .checks
            .all
            .iter()
            .position(|check| check.registration == Some(handle))
        else {
            return false;
        };
        match state {
            RegistrationState::Trying => {}
            RegistrationState::Removed => {
                self.checks.all.swap_remove(index);
            }
            RegistrationState::Registered { .. } | RegistrationState::Failed { .. } => {
                if let (Some(check), Some(shown)) =
                    (self.checks.all.get_mut(index), state_of(state))
                {
                    check.report(shown);
                }
                self.ua.unregister(self.clock.now(), handle);
                if matches!(state, RegistrationState::Failed { .. }) {
                    self.checks.all.swap_remove(index);
                }
            }
        }
        true
    }

    pub(super) fn give_up_checks(&mut self) {
        let now = self.clock.now();
        let late: Vec<u64> = self
            .checks
            .all
            .iter()
            .filter(|check| check.until <= now)
            .map(|check| check.number)
            .collect();
        for number in late {
            let Some(index) = self
                .checks
                .all
                .iter()
                .position(|check| check.number == number)
            else {
                continue;
            };
            let mut check = self.checks.all.swap_remove(index);
            check.report(LineState::Failed {
                code: 408,
                reason: "The provider does not answer".to_owned(),
                trouble: None,
            });
            if let Some(handle) = check.registration {
                self.ua.unregister(now, handle);
            }
        }
    }
}
