//! A test browser's signalling: `sip-core` over a WebSocket.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use sip_core::{
    AgentConfig, CallHandle, Event, Flow, IncomingInvite, InviteRequest, Millis, Output,
    RegistrationRequest, RegistrationState, SipCause, StreamKind, UserAgent, digest::Credentials,
    header::NameAddr, uri::SipUri,
};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use super::PATIENCE;

type Work = Box<dyn FnOnce(&mut UserAgent, Millis) + Send>;

const FLOW: Flow = Flow::Stream {
    kind: StreamKind::Ws,
    id: 1,
};

/// One page.
pub struct Browser {
    work: mpsc::UnboundedSender<Work>,
    events: mpsc::UnboundedReceiver<Event>,
    page: tokio::task::JoinHandle<()>,
    extension: String,
    domain: String,
    contact: SipUri,
    /// `+sip.instance`, which survives a reload.
    pub instance: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.page.abort();
    }
}

impl Browser {
    /// Opens the page; nothing is registered yet.
    pub async fn open(url: &str, extension: &str) -> Self {
        let mut request = url.into_client_request().unwrap();
        request
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", "sip".parse().unwrap());
        let (socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "sip");
        let name = format!("{}.invalid", uuid::Uuid::new_v4().simple());
        let config = AgentConfig {
            product: "test browser".to_owned(),
            via_host: name.clone(),
            allow: vec!["INVITE".to_owned()],
        };
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
        let (work, jobs) = mpsc::unbounded_channel();
        let (teller, events) = mpsc::unbounded_channel();
        let page = tokio::spawn(run(socket, UserAgent::new(config, seed), jobs, teller));
        let contact = SipUri::new(extension, name).with_param("transport", Some("ws"));
        Self {
            work,
            events,
            page,
            extension: extension.to_owned(),
            domain: "trubka".to_owned(),
            contact,
            instance: format!("<urn:uuid:{}>", uuid::Uuid::new_v4()),
        }
    }

    /// The page is left and loaded again: nothing is known but its instance. Not registered yet.
    pub async fn reloaded(self, url: &str) -> Self {
        let (extension, instance) = (self.extension.clone(), self.instance.clone());
        drop(self);
        let mut page = Self::open(url, &extension).await;
        page.instance = instance;
        page
    }

    /// A client of another RFC 7118 server, registered there.
    pub async fn elsewhere(url: &str, user: &str, domain: &str, password: &str) -> Self {
        let mut browser = Self::open(url, user).await;
        domain.clone_into(&mut browser.domain);
        let state = browser.register(password).await;
        assert!(
            matches!(state, RegistrationState::Registered { .. }),
            "{state:?}"
        );
        browser
    }

    /// Opens the page and registers.
    pub async fn registered(url: &str, extension: &str, password: &str) -> Self {
        let mut browser = Self::open(url, extension).await;
        let state = browser.register(password).await;
        assert!(
            matches!(state, RegistrationState::Registered { .. }),
            "{state:?}"
        );
        browser
    }

    /// Registers; returns the first final state.
    pub async fn register(&mut self, password: &str) -> RegistrationState {
        let request = RegistrationRequest {
            flow: FLOW,
            registrar: SipUri::from_host(self.domain.clone()),
            aor: SipUri::new(self.extension.clone(), self.domain.clone()),
            contact: self.contact.clone(),
            contact_params: vec![(
                "+sip.instance".to_owned(),
                Some(format!("\"{}\"", self.instance)),
            )],
            credentials: credentials(&self.extension, password),
            expires_secs: 300,
        };
        self.does(move |ua, now| ua.register(now, request)).await;
        self.wait(|event| match event {
            Event::RegistrationChanged { state, .. } if state != RegistrationState::Trying => {
                Some(state)
            }
            _ => None,
        })
        .await
    }

    /// Has the user agent do something.
    pub async fn does<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut UserAgent, Millis) -> T + Send + 'static,
    ) -> T {
        let (reply, answer) = oneshot::channel();
        let _ = self.work.send(Box::new(move |ua, now| {
            let _ = reply.send(job(ua, now));
        }));
        answer.await.unwrap()
    }

    /// Calls a number.
    pub async fn dial(&self, number: &str, password: &str, sdp: String) -> CallHandle {
        self.dial_with(number, password, sdp, Vec::new()).await
    }

    /// Calls a number with further header fields.
    pub async fn dial_with(
        &self,
        number: &str,
        password: &str,
        sdp: String,
        headers: Vec<(String, String)>,
    ) -> CallHandle {
        let request = InviteRequest {
            flow: FLOW,
            target: SipUri::new(number, self.domain.clone()),
            from: NameAddr::new(SipUri::new(self.extension.clone(), self.domain.clone())),
            to: NameAddr::new(SipUri::new(number, self.domain.clone())),
            contact: self.contact.clone(),
            routes: Vec::new(),
            headers,
            sdp: Some(sdp),
            credentials: Some(credentials(&self.extension, password)),
            ring_timeout_ms: None,
        };
        self.does(move |ua, now| ua.invite(now, request)).await
    }

    /// Waits for the next incoming call and rings.
    pub async fn rung(&mut self) -> IncomingInvite {
        let invite = self
            .wait(|event| match event {
                Event::IncomingInvite(invite) => Some(*invite),
                _ => None,
            })
            .await;
        let call = invite.call;
        self.does(move |ua, now| ua.ring(now, call, 180, None))
            .await;
        invite
    }

    /// Answers a call.
    pub async fn accept(&self, call: CallHandle, sdp: String) {
        let contact = self.contact.clone();
        self.does(move |ua, now| ua.accept(now, call, contact, sdp, Vec::new()))
            .await;
    }

    /// Waits until a call of ours was answered; its SDP.
    pub async fn answered(&mut self) -> String {
        self.answered_or_refused()
            .await
            .expect("the call was not answered")
    }

    /// Waits until a call of ours was answered or is over.
    pub async fn answered_or_refused(&mut self) -> Result<String, SipCause> {
        self.wait(|event| match event {
            Event::Answered { sdp, .. } => Some(Ok(sdp.unwrap())),
            Event::Ended { cause, .. } => Some(Err(cause)),
            _ => None,
        })
        .await
    }

    /// Waits for the end of a call.
    pub async fn ended(&mut self) -> SipCause {
        self.wait(|event| match event {
            Event::Ended { cause, .. } => Some(cause),
            _ => None,
        })
        .await
    }

    /// Waits for the first event that is wanted.
    pub async fn wait<T>(&mut self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the page is open");
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search)
            .await
            .expect("what was waited for did not happen")
    }
}

fn credentials(extension: &str, password: &str) -> Credentials {
    Credentials {
        username: extension.to_owned(),
        password: password.to_owned(),
    }
}

async fn run<S>(
    socket: tokio_tungstenite::WebSocketStream<S>,
    mut ua: UserAgent,
    mut jobs: mpsc::UnboundedReceiver<Work>,
    teller: mpsc::UnboundedSender<Event>,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let start = Instant::now();
    let now = || start.elapsed().as_millis() as Millis;
    loop {
        while let Some(output) = ua.poll_output() {
            match output {
                Output::Transmit { bytes, .. } => {
                    let text = String::from_utf8(bytes).unwrap();
                    if sink.send(Message::Text(text.into())).await.is_err() {
                        return;
                    }
                }
                Output::Event(event) => drop(teller.send(event)),
            }
        }
        let wait = ua.poll_timeout().map_or(Duration::from_secs(3600), |at| {
            Duration::from_millis(at.saturating_sub(now()))
        });
        tokio::select! {
            job = jobs.recv() => match job {
                Some(job) => job(&mut ua, now()),
                None => return,
            },
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => ua.handle_bytes(now(), FLOW, text.as_bytes()),
                Some(Ok(Message::Binary(bytes))) => ua.handle_bytes(now(), FLOW, &bytes),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            () = tokio::time::sleep(wait) => ua.handle_timeout(now()),
        }
    }
}
