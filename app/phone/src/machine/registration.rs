//! Registering at the gateway or any other RFC 7118 server (RFC 3261 §10, RFC 5626).

use sip_core::{
    RegistrationHandle, RegistrationRequest, RegistrationState, digest::Credentials,
    header::NameAddr, uri::SipUri,
};

use super::{Machine, link::State};
use crate::{PhoneConfig, PhoneEvent, Trouble};

/// Seconds asked for.
const EXPIRES_SECS: u32 = 300;

/// How far the server trusts the credentials at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Trust {
    /// Nothing speaks against them.
    #[default]
    Unknown,
    /// They were refused; new ones have been asked for.
    Asked,
    /// These are the new ones.
    Renewed,
}

/// The registration in force.
#[derive(Default)]
pub(super) struct Registration {
    pub(super) handle: Option<RegistrationHandle>,
    /// Password it was made with.
    password: String,
    trust: Trust,
}

impl Registration {
    /// Begins afresh; `renewed`: with credentials that replace refused ones.
    pub(super) fn forget(&mut self, renewed: bool) {
        self.handle = None;
        self.trust = if renewed {
            Trust::Renewed
        } else {
            Trust::Unknown
        };
    }
}

impl Machine {
    /// REGISTER over the socket just opened.
    pub(super) fn register(&mut self) {
        match (self.link.registration.handle, self.link.flow()) {
            (Some(handle), Some(flow)) if self.registered_with_present_password() => {
                self.agent
                    .refresh_registration(self.now.mono, handle, Some(flow));
            }
            _ => self.register_afresh(),
        }
    }

    /// New credentials were handed in for the same account. A running registration is good until
    /// the registrar says no; a refused one is made again.
    pub(super) fn credentials_renewed(&mut self) {
        if self.link.registration.trust == Trust::Asked {
            self.link.registration.trust = Trust::Renewed;
            self.register_afresh();
        }
    }

    fn registered_with_present_password(&self) -> bool {
        let present = self.link.config.as_ref();
        present.is_some_and(|config| config.password == self.link.registration.password)
    }

    fn register_afresh(&mut self) {
        let Some(request) = self.registration_request() else {
            return;
        };
        self.link
            .registration
            .password
            .clone_from(&request.credentials.password);
        let handle = self.agent.register(self.now.mono, request);
        self.link.registration.handle = Some(handle);
    }

    fn registration_request(&self) -> Option<RegistrationRequest> {
        let config = self.link.config.as_ref()?;
        Some(RegistrationRequest {
            flow: self.link.flow()?,
            registrar: SipUri::from_host(&config.domain),
            aor: SipUri::new(&config.extension, &config.domain),
            contact: self.contact(),
            contact_params: vec![
                // RFC 5626 §4.2
                (
                    "+sip.instance".to_owned(),
                    Some(format!("\"<urn:uuid:{}>\"", self.instance)),
                ),
                ("reg-id".to_owned(), Some("1".to_owned())),
            ],
            credentials: credentials_of(config),
            expires_secs: EXPIRES_SECS,
        })
    }

    /// Where requests reach this page: nowhere but over its own WebSocket (RFC 7118 §5.2; `ob` of
    /// RFC 5626 §5.4 says so).
    pub(super) fn contact(&self) -> SipUri {
        SipUri::new(&self.link.contact_user, &self.host)
            .with_param("transport", Some("ws"))
            .with_param("ob", None)
    }

    /// Where the registrar wants calls to go first (RFC 3608 §6.1).
    pub(super) fn service_routes(&self) -> Vec<NameAddr> {
        let handle = self.link.registration.handle;
        let binding = handle.and_then(|handle| self.agent.binding(handle));
        binding.map_or_else(Vec::new, |binding| binding.service_route.clone())
    }

    pub(super) fn registration_changed(
        &mut self,
        handle: RegistrationHandle,
        state: RegistrationState,
    ) {
        if self.link.registration.handle != Some(handle) {
            return;
        }
        match state {
            RegistrationState::Trying => {}
            RegistrationState::Registered { round_trip_ms, .. } => self.registered(round_trip_ms),
            RegistrationState::Failed { code, reason, .. } => self.not_registered(code, reason),
            RegistrationState::Removed => {
                self.link.registration.forget(false);
                self.unregistered();
            }
        }
    }

    fn registered(&mut self, round_trip_ms: u32) {
        if matches!(self.link.state, State::Open { .. }) {
            self.link.registration.trust = Trust::Unknown;
            self.link_is_ready(round_trip_ms);
            self.move_calls();
        }
    }

    fn not_registered(&mut self, code: u16, reason: String) {
        match self.link.state {
            State::Closing { .. } => self.unregistered(),
            State::Open { .. } if matches!(code, 401 | 403 | 407) => self.password_refused(),
            // 408: the server is there but silent; 5xx: it is in trouble itself.
            State::Open { .. } if code == 408 || code >= 500 => {
                self.connection_lost(Trouble::Registrar { code, reason });
            }
            State::Open { .. } => self.connection_refused(Trouble::Registrar { code, reason }),
            // The socket is gone; it is opened again anyway.
            State::Off | State::Opening { .. } | State::Waiting { .. } | State::Refused => {}
        }
    }

    /// The credentials are wrong or have expired: new ones are tried once.
    fn password_refused(&mut self) {
        if !self.registered_with_present_password() {
            return self.register_afresh();
        }
        match self.link.registration.trust {
            // Asked again after a new connection: the page may have missed the first time.
            Trust::Unknown | Trust::Asked => {
                self.link.registration.trust = Trust::Asked;
                self.tell(PhoneEvent::CredentialsNeeded);
            }
            Trust::Renewed => self.connection_refused(Trouble::WrongPassword),
        }
    }
}

/// Name and password for digest.
pub(super) fn credentials_of(config: &PhoneConfig) -> Credentials {
    Credentials {
        username: config.username.clone(),
        password: config.password.clone(),
    }
}
