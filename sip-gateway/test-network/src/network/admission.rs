//! Who may register and call, and what the provider wants to see of them.

use super::Network;
use crate::{
    Quirk,
    digest::{Asker, Verdict},
    log::lock,
    registrar::SHORT,
    response::{Extra, tag_for},
    wire::{self, Message, Start, user_of},
};
use std::net::SocketAddr;

/// The session interval the 422 asks for, seconds.
const MIN_SE: u32 = 3600;

impl Network {
    pub(super) async fn unavailable(&self, request: &Message, source: SocketAddr) {
        let extra = Extra {
            lines: "Retry-After: 1 (be patient)".to_owned(),
            ..Extra::default()
        };
        let tag = tag_for(request);
        self.reply(request, source, "503 Service Unavailable", &tag, &extra)
            .await;
    }

    /// The Contact and Expires lines of a 200 to REGISTER.
    pub(super) fn list(&self, bindings: &[(String, u64)], extra: &mut Extra) {
        let bare = self.shows(Quirk::NoExpires) || self.shows(Quirk::ExpiresHeader);
        self.shows(Quirk::ShortExpires);
        let line = |(uri, left): &(String, u64)| {
            if bare {
                return format!("Contact: <{uri}>");
            }
            match self.shows(Quirk::RewrittenContact) {
                true => format!(
                    "Contact: <sip:{}@198.51.100.7:40000;nat=yes>;expires={left}",
                    user_of(uri)
                ),
                false => format!("Contact: <{uri}>;expires={left}"),
            }
        };
        let mut lines: Vec<String> = bindings.iter().map(line).collect();
        if self.shows(Quirk::ManyContacts) {
            let others = "Contact: \"Desk, left\" <sip:line1@192.0.2.1>;expires=7;q=0.5, \
                          <sip:line1@192.0.2.2:5070;transport=tcp>;q=1.0;expires=9";
            lines.insert(0, others.to_owned());
            lines.insert(0, "Contact: <sip:other@192.0.2.3>;expires=11".to_owned());
        }
        extra.contact = lines.join("\r\n");
        if self.has(Quirk::ExpiresHeader) {
            extra.lines = format!("Expires: {SHORT}");
        }
    }

    /// What the provider wants of an INVITE before it passes it on.
    pub(super) async fn admits(&self, invite: &Message, source: SocketAddr, user: &str) -> bool {
        let from = wire::uri_of(invite.header("from").unwrap_or_default());
        if self.has(Quirk::WantsAccount) {
            let vouched = ["p-preferred-identity", "p-asserted-identity"];
            let has_caller = vouched.iter().any(|name| invite.header(name).is_some());
            if user_of(from) != user || !has_caller {
                self.refuse(invite, source, "403 Who Are You").await;
                return false;
            }
            self.meet(Quirk::WantsAccount);
        }
        if self.has(Quirk::WantsFromDomain) {
            let ours = format!("accounts.{}", self.config.domain);
            if wire::host_port(from).is_none_or(|(host, _)| host != ours) {
                self.refuse(invite, source, "403 Not From Here").await;
                return false;
            }
            self.meet(Quirk::WantsFromDomain);
        }
        !self.has(Quirk::MinSe) || self.long_enough(invite, source).await
    }

    /// RFC 4028 §8.1.
    async fn long_enough(&self, invite: &Message, source: SocketAddr) -> bool {
        let seconds = |name| -> Option<u32> {
            let value = invite.header(name)?;
            value.split(';').next()?.trim().parse().ok()
        };
        if seconds("session-expires").is_some_and(|asked| asked >= MIN_SE) {
            let told = seconds("min-se") == Some(MIN_SE);
            self.judge(Quirk::MinSe, told, "the second INVITE lacks Min-SE");
            return true;
        }
        let extra = Extra {
            lines: format!("Min-SE: {MIN_SE}"),
            ..Extra::default()
        };
        let tag = tag_for(invite);
        self.reply(
            invite,
            source,
            "422 Session Interval Too Small",
            &tag,
            &extra,
        )
        .await;
        false
    }

    /// The user whose credentials a request carries; otherwise it has been answered.
    pub async fn authenticate(
        &self,
        asker: Asker,
        request: &Message,
        source: SocketAddr,
    ) -> Option<String> {
        let Start::Request { uri, .. } = &request.start else {
            return None;
        };
        let password = |user: &str| {
            let account = self
                .config
                .accounts
                .iter()
                .find(|account| self.digest_name(account) == user);
            account.map(|account| account.password.clone())
        };
        let challenge = {
            let mut gate = lock(&self.gate);
            match gate.check(asker, request, uri, password) {
                Verdict::Good(user) => return Some(self.authenticated(request, user)),
                Verdict::Ask { stale } => Some(gate.challenge(asker, request, stale)),
                Verdict::Wrong => None,
            }
        };
        let status = match (&challenge, asker) {
            (None, _) => "403 Forbidden",
            (Some(_), Asker::Registrar) => "401 Unauthorized",
            (Some(_), Asker::Proxy) => "407 Proxy Authentication Required",
        };
        let extra = Extra {
            lines: challenge.unwrap_or_default(),
            ..Extra::default()
        };
        self.reply(request, source, status, &tag_for(request), &extra)
            .await;
        None
    }

    fn digest_name(&self, account: &crate::Account) -> String {
        match self.has(Quirk::AuthName) {
            true => format!("auth-{}", account.user),
            false => account.user.clone(),
        }
    }

    /// Right credentials: every quirk of the digest has been mastered.
    fn authenticated(&self, request: &Message, name: String) -> String {
        let always = [
            Quirk::NoQop,
            Quirk::AuthInt,
            Quirk::AuthAndAuthInt,
            Quirk::UpperCaseScheme,
            Quirk::Sha256,
            Quirk::Sha512,
            Quirk::Md5Sess,
            Quirk::NoAlgorithm,
            Quirk::SeveralChallenges,
            Quirk::Opaque,
            Quirk::SameCall,
            Quirk::StrictDigestUri,
            Quirk::OtherRealm,
            Quirk::AuthName,
        ];
        always.into_iter().for_each(|quirk| {
            self.shows(quirk);
        });
        if request.tag("to").is_some() {
            for quirk in [
                Quirk::ChallengesInDialog,
                Quirk::OneTimeNonce,
                Quirk::NoStale,
            ] {
                self.shows(quirk);
            }
        }
        let prefix = if self.has(Quirk::AuthName) {
            "auth-"
        } else {
            ""
        };
        name.trim_start_matches(prefix).to_owned()
    }
}
