//! The registrar for browsers and SIP phones (RFC 3261 §10.3): who is where, and who would ring.
//!
//! Pure: time and requests come in, answers go out; digest is [`crate::agent_task`]'s business.

mod binding;
pub(crate) mod guard;
pub(crate) mod lockout;

pub(crate) use binding::Binding;

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
};

use sip_core::{Flow, Millis, OutgoingHandle, StreamKind, header::NameAddr, message::Request};

use crate::{calls::Target, ports::SipUser};

/// Longest registration granted, seconds.
const MAX_EXPIRES: u32 = 3600;
/// Granted to those who ask for nothing, seconds.
const DEFAULT_EXPIRES: u32 = 600;
/// Shortest registration granted over datagrams, seconds.
const MIN_EXPIRES: u32 = 30;
/// A connection that answered pings before and has not for this long does not ring, ms.
const SILENCE: Millis = 3000;

/// How often a phone that is no page is asked whether it is there, ms.
const PROBE: Millis = 30_000;
/// One whose answer is awaited for longer than this does not ring, ms: three datagrams were sent by
/// then.
const PROBE_PATIENCE: Millis = 4_000;

/// Whether pages come over such a flow.
pub(crate) fn is_browser(flow: Flow) -> bool {
    matches!(
        flow,
        Flow::Stream {
            kind: StreamKind::Ws | StreamKind::Wss,
            ..
        }
    )
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The path back.
    pub flow: Flow,
    /// The address, for people.
    pub peer: SocketAddr,
}

/// A REGISTER that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Status code.
    pub code: u16,
    /// Reason phrase.
    pub reason: &'static str,
    /// Header fields of the answer.
    pub headers: Vec<(String, String)>,
}

impl Refusal {
    fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code,
            reason,
            headers: Vec::new(),
        }
    }
}

/// What changed since it was asked last.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Extensions whose number of reachable phones changed, with the number.
    pub counts: Vec<(String, u32)>,
    /// Phones that can be rung now and could not before.
    pub appeared: Vec<Target>,
}

/// All bindings.
#[derive(Debug)]
pub(crate) struct Registrar {
    by_extension: BTreeMap<String, Vec<Binding>>,
    /// When a connection last answered a ping.
    pongs: HashMap<Flow, Millis>,
    told: BTreeMap<String, u32>,
    most_bindings: usize,
}

impl Registrar {
    pub(crate) fn new(most_bindings: usize) -> Self {
        Self {
            by_extension: BTreeMap::new(),
            pongs: HashMap::new(),
            told: BTreeMap::new(),
            most_bindings,
        }
    }

    /// Carries out a REGISTER of `user`; the answer is the `Contact` fields of the 200.
    pub(crate) fn register(
        &mut self,
        now: Millis,
        origin: Origin,
        request: &Request,
        user: &SipUser,
        username: &str,
    ) -> Result<Vec<(String, String)>, Refusal> {
        self.check_address_of_record(request, user, username)?;
        self.expire(now);
        // RFC 3261 §10.3 step 6: "*" needs Expires 0 and stands alone.
        if request
            .header_values("Contact")
            .any(|value| value.trim() == "*")
        {
            if request.expires() != Some(0) {
                return Err(Refusal::new(400, "Contact * needs Expires 0"));
            }
            self.remove(|binding| {
                binding.extension == user.extension && binding.username == username
            });
            return Ok(Vec::new());
        }
        for contact in request.contacts() {
            self.update(now, origin, request, user, username, &contact)?;
        }
        Ok(self.contact_fields(now, &user.extension))
    }

    fn check_address_of_record(
        &self,
        request: &Request,
        user: &SipUser,
        username: &str,
    ) -> Result<(), Refusal> {
        let to = request
            .to_header()
            .map_err(|_| Refusal::new(400, "To cannot be read"))?;
        let named = to.uri.user.as_deref().unwrap_or_default();
        if named == user.extension || named == username {
            Ok(())
        } else {
            Err(Refusal::new(403, "This is another person's extension"))
        }
    }

    fn update(
        &mut self,
        now: Millis,
        origin: Origin,
        request: &Request,
        user: &SipUser,
        username: &str,
        contact: &NameAddr,
    ) -> Result<(), Refusal> {
        let binding = Binding::read(now, origin, request, user, username, contact);
        let asked = contact
            .param("expires")
            .and_then(|text| text.parse().ok())
            .or_else(|| request.expires());
        let granted = asked.unwrap_or(DEFAULT_EXPIRES).min(MAX_EXPIRES);
        let list = self.by_extension.entry(user.extension.clone()).or_default();
        let known = list.iter().position(|old| old.is_same_phone(&binding));
        // RFC 3261 §10.3 step 7: an older REGISTER of the same Call-ID comes too late.
        if let Some(old) = known.and_then(|index| list.get(index))
            && old.call_id == binding.call_id
            && binding.cseq <= old.cseq
        {
            return Err(Refusal::new(500, "An older REGISTER"));
        }
        if granted == 0 {
            list.retain(|old| !old.is_same_phone(&binding));
            return Ok(());
        }
        if granted < MIN_EXPIRES && !binding.flow.is_reliable() {
            let mut refusal = Refusal::new(423, "Interval Too Brief");
            refusal
                .headers
                .push(("Min-Expires".to_owned(), MIN_EXPIRES.to_string()));
            return Err(refusal);
        }
        let rang = known
            .and_then(|index| list.get(index))
            .is_some_and(|old| old.rang && old.flow == binding.flow);
        list.retain(|old| !old.is_same_phone(&binding));
        if list.len() >= self.most_bindings {
            return Err(Refusal::new(403, "Too many phones for this extension"));
        }
        list.push(Binding {
            expires_at: now + u64::from(granted) * 1000,
            // It has just shown that it is there.
            probe_at: now + PROBE,
            rang,
            ..binding
        });
        Ok(())
    }

    fn contact_fields(&self, now: Millis, extension: &str) -> Vec<(String, String)> {
        let bindings = self
            .by_extension
            .get(extension)
            .map(Vec::as_slice)
            .unwrap_or_default();
        bindings
            .iter()
            .map(|binding| ("Contact".to_owned(), binding.contact_value(now)))
            .collect()
    }

    /// Something answered a ping; whether it was a connection something is registered over.
    /// Only those are pinged: a datagram that looks like an answer says nothing, and one more entry
    /// for every sender would never be removed.
    pub(crate) fn ponged(&mut self, now: Millis, flow: Flow) -> bool {
        let counts = flow.is_reliable() && self.knows(flow);
        if counts {
            self.pongs.insert(flow, now);
        }
        counts
    }

    /// A user's credential was withdrawn.
    pub(crate) fn drop_user(&mut self, username: &str) {
        self.remove(|binding| binding.username == username);
    }

    /// A connection is gone, and with it what was registered over it.
    pub(crate) fn flow_closed(&mut self, flow: Flow) {
        self.pongs.remove(&flow);
        self.remove(|binding| binding.flow == flow);
    }

    fn expire(&mut self, now: Millis) {
        self.remove(|binding| binding.expires_at <= now);
    }

    fn remove(&mut self, gone: impl Fn(&Binding) -> bool) {
        self.by_extension.retain(|_, list| {
            list.retain(|binding| !gone(binding));
            !list.is_empty()
        });
    }

    fn is_reachable(pongs: &HashMap<Flow, Millis>, now: Millis, binding: &Binding) -> bool {
        let silent = pongs
            .get(&binding.flow)
            .filter(|_| is_browser(binding.flow))
            .is_some_and(|at| now.saturating_sub(*at) > SILENCE);
        binding.expires_at > now && !silent && !binding.mute && !binding.is_overdue(now)
    }

    /// Phones of these extensions that would ring now.
    pub(crate) fn targets(&self, now: Millis, extensions: &[String]) -> Vec<Target> {
        extensions
            .iter()
            .filter_map(|extension| self.by_extension.get(extension))
            .flatten()
            .filter(|binding| Self::is_reachable(&self.pongs, now, binding))
            .map(Binding::target)
            .collect()
    }

    /// What changed since the last call. To be called after anything happened, and every second.
    pub(crate) fn changes(&mut self, now: Millis) -> Changes {
        self.expire(now);
        let mut changes = Changes::default();
        let mut counts: BTreeMap<String, u32> =
            self.told.keys().map(|name| (name.clone(), 0)).collect();
        for (extension, list) in &mut self.by_extension {
            for binding in list {
                let reachable = Self::is_reachable(&self.pongs, now, binding);
                if reachable && !binding.rang {
                    changes.appeared.push(binding.target());
                }
                binding.rang = reachable;
                *counts.entry(extension.clone()).or_default() += u32::from(reachable);
            }
        }
        for (extension, count) in counts {
            if self.told.insert(extension.clone(), count).unwrap_or(0) != count {
                changes.counts.push((extension, count));
            }
        }
        self.told.retain(|_, count| *count > 0);
        changes
    }

    /// Connections of pages, which are pinged every second.
    pub(crate) fn browsers(&self) -> Vec<Flow> {
        let mut flows = self.streams();
        flows.retain(|flow| is_browser(*flow));
        flows
    }

    /// Connections with a binding, sorted.
    pub(crate) fn streams(&self) -> Vec<Flow> {
        let mut flows: Vec<Flow> = self
            .all()
            .map(|binding| binding.flow)
            .filter(|flow| flow.is_reliable())
            .collect();
        flows.sort_unstable();
        flows.dedup();
        flows
    }

    /// Whether something is registered from this flow.
    pub(crate) fn knows(&self, flow: Flow) -> bool {
        self.all().any(|binding| binding.flow == flow)
    }

    /// The phone registered over a flow.
    pub(crate) fn phone_at(&self, flow: Flow) -> Option<Target> {
        self.all()
            .find(|binding| binding.flow == flow)
            .map(Binding::target)
    }

    /// Phones that are to be asked with OPTIONS now whether they are there (RFC 3261 §11): those
    /// that show no other sign of life.
    pub(crate) fn due_for_probe(&mut self, now: Millis) -> Vec<Target> {
        let mut due = Vec::new();
        for binding in self.by_extension.values_mut().flatten() {
            let quiet = binding.probe.is_none() && binding.probe_at <= now;
            let silent = !self.pongs.contains_key(&binding.flow);
            if quiet && silent {
                binding.probe_at = now + PROBE;
                due.push(binding.target());
            }
        }
        due
    }

    /// The OPTIONS to this phone is under way.
    pub(crate) fn probing(&mut self, target: &Target, handle: OutgoingHandle) {
        let all = self.by_extension.values_mut().flatten();
        for binding in all.filter(|b| b.flow == target.flow && b.contact == target.contact) {
            binding.probe = Some(handle);
        }
    }

    /// The answer to it came, or none (408); whether it was a phone's.
    pub(crate) fn probed(&mut self, handle: OutgoingHandle, code: u16) -> bool {
        let mut all = self.by_extension.values_mut().flatten();
        let Some(binding) = all.find(|binding| binding.probe == Some(handle)) else {
            return false;
        };
        binding.probe = None;
        binding.mute = matches!(code, 408 | 503);
        if binding.mute {
            binding.probe_at = 0;
        }
        true
    }

    /// Every binding and whether it would ring.
    pub(crate) fn all_with_reach(&self, now: Millis) -> Vec<(&Binding, bool)> {
        self.all()
            .map(|binding| (binding, Self::is_reachable(&self.pongs, now, binding)))
            .collect()
    }

    fn all(&self) -> impl Iterator<Item = &Binding> {
        self.by_extension.values().flatten()
    }
}

#[cfg(test)]
mod tests;
