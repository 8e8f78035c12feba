//! The server's API: requests and the stream of events.

pub mod events;
pub mod http;

use api_types::{
    CallPatch, CallRecord, Contact, ContactDraft, Line, LineDraft, Me, Page, PhoneCredentials,
    SetPassword, SignIn, SignInByLink,
};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    state::session::Session,
    view::{callee::Callee, failure::Failure, query::query},
};

/// Requests of a person who is signed in. A 401 ends the session on the page; the address stays,
/// so that after signing in the person is where they were.
#[derive(Clone, Copy)]
pub struct Api {
    session: Session,
}

/// From the context.
pub fn use_api() -> Api {
    expect_context()
}

impl Api {
    /// For this session.
    pub fn provide(session: Session) -> Self {
        let api = Self { session };
        provide_context(api);
        api
    }

    async fn text(
        self,
        method: &'static str,
        path: &str,
        body: Option<String>,
    ) -> Result<String, Failure> {
        let answer = http::request(method, path, body).await;
        if answer.as_ref().err().is_some_and(is_signed_out) {
            self.session.expire();
            return Err(Failure::SignedOut);
        }
        answer
    }

    /// GET.
    pub async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, Failure> {
        parse(self.text("GET", path, None).await?)
    }

    async fn send<T: DeserializeOwned>(
        self,
        method: &'static str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        parse(self.text(method, path, Some(encode(body)?)).await?)
    }

    /// GET of a page of a list, and how many rows there are in all where the server says so.
    pub async fn list<T: DeserializeOwned>(
        self,
        path: &str,
    ) -> Result<(Page<T>, Option<u64>), Failure> {
        let answer = http::list(path).await;
        let is_out = answer.as_ref().err().is_some_and(is_signed_out);
        if is_out {
            self.session.expire();
            return Err(Failure::SignedOut);
        }
        let (text, total) = answer?;
        Ok((parse(text)?, total))
    }

    /// Changes a part of what `path` names.
    pub async fn patch<T: DeserializeOwned>(
        self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.send("PATCH", path, body).await
    }

    /// A page of contacts.
    pub async fn contacts(
        self,
        search: &str,
        limit: u32,
        cursor: &str,
    ) -> Result<Page<Contact>, Failure> {
        let path = query(&[
            ("q", search.trim()),
            ("limit", &limit.to_string()),
            ("cursor", cursor),
        ]);
        self.get(&format!("/contacts{path}")).await
    }

    /// Contacts with numbers, as many as a choice shows.
    pub async fn callees(self, search: &str, limit: u32) -> Result<Vec<Callee>, Failure> {
        let path = query(&[("q", search.trim()), ("limit", &limit.to_string())]);
        let page: Page<Callee> = self.get(&format!("/contacts{path}")).await?;
        Ok(page.items)
    }

    /// Makes a contact, or changes the one with this id.
    pub async fn save_contact(
        self,
        id: Option<&str>,
        draft: &ContactDraft,
    ) -> Result<Contact, Failure> {
        match id {
            None => self.send("POST", "/contacts", draft).await,
            Some(id) => self.send("PUT", &format!("/contacts/{id}"), draft).await,
        }
    }

    /// Deletes a contact.
    pub async fn delete_contact(self, id: &str) -> Result<(), Failure> {
        self.text("DELETE", &format!("/contacts/{id}"), None)
            .await
            .map(drop)
    }

    /// Brings a deleted contact back.
    pub async fn restore_contact(self, id: &str) -> Result<Contact, Failure> {
        parse(
            self.text("POST", &format!("/contacts/{id}/restore"), None)
                .await?,
        )
    }

    /// A page of the call log; `filter` is a query string.
    pub async fn calls(self, filter: &str) -> Result<Page<CallRecord>, Failure> {
        self.get(&format!("/calls{filter}")).await
    }

    /// One call.
    pub async fn call(self, id: &str) -> Result<CallRecord, Failure> {
        self.get(&format!("/calls/{id}")).await
    }

    /// Keeps the notes of a call.
    pub async fn save_note(self, id: &str, note: String) -> Result<CallRecord, Failure> {
        let patch = CallPatch {
            note: Some(note),
            ..CallPatch::default()
        };
        self.patch_call(id, &patch).await
    }

    /// Says who a call is with.
    pub async fn call_is_with(self, id: &str, contact: String) -> Result<CallRecord, Failure> {
        let patch = CallPatch {
            contact: Some(contact),
            ..CallPatch::default()
        };
        self.patch_call(id, &patch).await
    }

    /// Changes a call.
    pub async fn patch_call(self, id: &str, patch: &CallPatch) -> Result<CallRecord, Failure> {
        self.send("PATCH", &format!("/calls/{id}"), patch).await
    }

    /// Every line.
    pub async fn lines(self) -> Result<Vec<Line>, Failure> {
        self.get("/lines").await
    }

    /// Makes a line, or changes the one with this id.
    pub async fn save_line(self, id: Option<&str>, draft: &LineDraft) -> Result<Line, Failure> {
        match id {
            None => self.send("POST", "/lines", draft).await,
            Some(id) => self.send("PUT", &format!("/lines/{id}"), draft).await,
        }
    }

    /// Deletes a line.
    pub async fn delete_line(self, id: &str) -> Result<(), Failure> {
        self.text("DELETE", &format!("/lines/{id}"), None)
            .await
            .map(drop)
    }

    /// Sets `path`'s settings; the answer is what is in force.
    pub async fn put<T: DeserializeOwned>(
        self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.send("PUT", path, body).await
    }

    /// The same where there is no answer but that it was done.
    pub async fn put_only(self, path: &str, body: &impl Serialize) -> Result<(), Failure> {
        self.text("PUT", path, Some(encode(body)?)).await.map(drop)
    }

    /// Makes something, or asks for something to be done.
    pub async fn post<T: DeserializeOwned>(
        self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.send("POST", path, body).await
    }

    /// Asks for something that needs no body.
    pub async fn order<T: DeserializeOwned>(self, path: &str) -> Result<T, Failure> {
        parse(self.text("POST", path, None).await?)
    }

    /// Sends a file of CSV.
    pub async fn upload<T: DeserializeOwned>(self, path: &str, csv: String) -> Result<T, Failure> {
        parse(http::upload(path, "text/csv", csv).await?)
    }

    /// Sends a file as it is.
    pub async fn send_file<T: DeserializeOwned>(
        self,
        path: &str,
        file: &web_sys::File,
    ) -> Result<T, Failure> {
        parse(http::upload_file(path, file).await?)
    }

    /// Deletes what `path` names; the answer is what is left.
    pub async fn remove<T: DeserializeOwned>(self, path: &str) -> Result<T, Failure> {
        parse(self.text("DELETE", path, None).await?)
    }

    /// Deletes what `path` names.
    pub async fn delete(self, path: &str) -> Result<(), Failure> {
        self.text("DELETE", path, None).await.map(drop)
    }

    /// Sets the password.
    pub async fn set_password(self, change: &SetPassword) -> Result<(), Failure> {
        self.text("PUT", "/me/password", Some(encode(change)?))
            .await
            .map(drop)
    }

    /// What the phone registers with.
    pub async fn phone_credentials(self) -> Result<PhoneCredentials, Failure> {
        parse(self.text("POST", "/phone/credentials", None).await?)
    }

    /// The robot of the test network calls in.
    pub async fn robot_call(self, order: &impl Serialize) -> Result<(), Failure> {
        self.text("POST", "/test-network/calls", Some(encode(order)?))
            .await
            .map(drop)
    }

    /// Ends the session.
    pub async fn sign_out(self) -> Result<(), Failure> {
        http::request("DELETE", "/session", None).await.map(drop)
    }
}

/// Who is signed in.
pub async fn me() -> Result<Me, Failure> {
    parse(http::request("GET", "/session", None).await?)
}

/// Signs in by password.
pub async fn sign_in(login: String, password: String) -> Result<Me, Failure> {
    parse(
        http::request(
            "POST",
            "/session",
            Some(encode(&SignIn { login, password })?),
        )
        .await?,
    )
}

/// Signs in by the first-run link.
pub async fn sign_in_by_link(token: String) -> Result<Me, Failure> {
    parse(
        http::request(
            "POST",
            "/session/link",
            Some(encode(&SignInByLink { token })?),
        )
        .await?,
    )
}

fn is_signed_out(failure: &Failure) -> bool {
    use crate::view::failure::FailureWords::{WrongCurrent, WrongPassword};
    match failure {
        Failure::SignedOut => true,
        Failure::Refused { status: 401, .. } => {
            let words = crate::view::failure::FailureWords::of(failure);
            !matches!(words, Some(WrongPassword | WrongCurrent))
        }
        _ => false,
    }
}

fn encode(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body).map_err(|_| Failure::Garbled)
}

fn parse<T: DeserializeOwned>(text: String) -> Result<T, Failure> {
    serde_json::from_str(&text).map_err(|_| Failure::Garbled)
}
