//! What is played with each quirk: a registration, a call out that the agent holds and resumes, a
//! call in that the agent hands to a colleague; tones tell who hears whom.

use std::time::Duration;

use sip_core::{CallHandle, Event, ReferRequest, header::ReferTo, uri::SipUri};
use sip_gateway::ports::{CallEvent, CallerIdHeader, LineConfig};
use test_network::{FarCall, FarState, Quirk, Quirks, RobotCall, TestNetwork};

use crate::signalling::{
    PATIENCE,
    audio::Audio,
    browser::Browser,
    stage::{PASSWORD, Stage},
};

/// What the agent says, Hz.
const AGENT: f32 = 1300.0;
/// What the colleague says, Hz.
const COLLEAGUE: f32 = 700.0;
/// What the test network's numbers say, Hz.
const NUMBER: f32 = 1000.0;
/// What they say before the answer, Hz.
const EARLY: f32 = 620.0;
/// Our own ringback, Hz.
const RINGBACK: f32 = 425.0;
/// What the robot says, Hz.
const ROBOT: f32 = 941.0;
/// Who calls in.
const CALLER: &str = "74951234567";
/// Who passed the call on.
const DIVERTED_BY: &str = "74957654321";
/// How much of a tone proves that it comes through, ms.
const PROOF: u64 = 400;
/// How long audio may still be under way after a hold began.
const UNDER_WAY: Duration = Duration::from_millis(250);

/// What is played.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// A call out with hold, and a call in with transfer.
    Whole,
    /// A call out with early media.
    Early,
    /// A call out that the agent gives up as it is answered.
    Cancelled,
    /// A call out that lasts until its session has been refreshed.
    Refreshed,
}

/// Plays a scene with a quirk.
pub async fn play(quirk: Quirk, scene: Scene) {
    let mut play = Play::begin(quirk).await;
    match scene {
        Scene::Whole => {
            play.call_out().await;
            play.call_in().await;
        }
        Scene::Early => play.early().await,
        Scene::Cancelled => play.cancelled().await,
        Scene::Refreshed => play.refreshed().await,
    }
    play.quirk_was_met().await;
}

struct Play {
    quirk: Quirk,
    stage: Stage,
    network: TestNetwork,
    anna: Browser,
}

impl Play {
    /// A line registered at a provider with the quirk, and an agent's page.
    async fn begin(quirk: Quirk) -> Self {
        let mut quirks = vec![quirk];
        if [Quirk::OneTimeNonce, Quirk::NoStale].contains(&quirk) {
            // Only what is asked for again shows that a nonce is worn out.
            quirks.push(Quirk::ChallengesInDialog);
        }
        let quirks: Quirks = quirks.into_iter().collect();
        let (stage, network, granted) = Stage::with_quirks(quirks, |line| adapt(line, quirk)).await;
        let expected = match quirk {
            Quirk::ShortExpires | Quirk::ExpiresHeader => 60,
            Quirk::MinExpires => 600,
            _ => 300,
        };
        assert_eq!(granted, expected);
        let anna = stage.browser("101").await;
        Self {
            quirk,
            stage,
            network,
            anna,
        }
    }

    async fn call_out(&mut self) {
        let audio = Audio::new(AGENT, &[NUMBER]).await;
        let offer = audio.offer().await;
        let call = self.anna.dial("602", PASSWORD, offer.clone()).await;
        audio.take_answer(&self.anna.answered().await).await;
        audio.hears(&[NUMBER]).await;
        self.far_hears(AGENT).await;
        self.what_happens_in_the_call(&audio, NUMBER).await;
        self.hold_and_resume(call, &audio, &offer).await;
        audio.hears_anew(&[NUMBER]).await;
        self.far_hears(AGENT).await;
        self.anna
            .does(move |ua, now| ua.hang_up(now, call, None))
            .await;
        self.far_is_over().await;
    }

    /// The quirks of a running call come to bear; then both must hear each other as before.
    async fn what_happens_in_the_call(&mut self, audio: &Audio, tone: f32) {
        if !happens_in_the_call(self.quirk) {
            return;
        }
        let mut call = self.latest();
        let until = tokio::time::Instant::now() + Duration::from_millis(2200);
        while call.seconds < 2.0 && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
            call = self.latest();
        }
        self.no_complaints();
        audio.hears_anew(&[tone]).await;
        self.far_hears(AGENT).await;
        if self.quirk.name().starts_with("dtmf-") {
            self.keys_arrive().await;
        }
    }

    async fn keys_arrive(&mut self) {
        let mut keys = String::new();
        while keys.len() < 3 {
            let key = self.stage.event(|event| match event {
                CallEvent::Digit {
                    digit,
                    from_agent: false,
                    ..
                } => Some(digit),
                _ => None,
            });
            keys.push(key.await);
        }
        assert_eq!(keys, "42#");
    }

    /// The agent's hold: the far end hears the agent no longer, and then again.
    async fn hold_and_resume(&mut self, call: CallHandle, audio: &Audio, offer: &str) {
        let held = reoffer(offer, 1, "inactive");
        audio.speaks(false);
        self.reinvite(call, held).await;
        tokio::time::sleep(UNDER_WAY).await;
        let before = self.latest().media.heard_ms(AGENT, 15.0);
        tokio::time::sleep(UNDER_WAY).await;
        let after = self.latest().media.heard_ms(AGENT, 15.0);
        assert_eq!(before, after, "the far end hears who holds it");
        self.reinvite(call, reoffer(offer, 2, "sendrecv")).await;
        audio.speaks(true);
    }

    async fn reinvite(&mut self, call: CallHandle, sdp: String) {
        self.anna
            .does(move |ua, now| ua.reinvite(now, call, sdp))
            .await;
        self.anna
            .wait(|event| match event {
                Event::ReOfferAnswered { .. } => Some(()),
                Event::ReOfferRefused { cause, .. } => panic!("{cause:?}"),
                _ => None,
            })
            .await;
    }

    async fn call_in(&mut self) {
        let mut robot = RobotCall::new("line1", Some(CALLER));
        robot.caller_name = Some("Customer".to_owned());
        robot.talk_ms = u64::MAX;
        robot.tone_hz = ROBOT;
        let far = self.network.ring(robot).await.unwrap();
        let audio = Audio::new(AGENT, &[ROBOT]).await;
        let call = answer(&mut self.anna, &audio).await;
        self.caller_is_known();
        audio.hears(&[ROBOT]).await;
        self.far_hears(AGENT).await;
        self.what_happens_in_the_call(&audio, ROBOT).await;
        self.hand_over(call).await;
        self.network.hang_up(far).await;
        self.far_is_over().await;
        self.stage
            .event(|event| matches!(event, CallEvent::CallEnded { code: 200, .. }).then_some(()))
            .await;
    }

    fn caller_is_known(&self) {
        let asked = self.stage.director.asked.lock().unwrap();
        let call = asked.last().unwrap();
        assert_eq!(call.caller.as_deref(), Some(CALLER));
        let diverted = [Quirk::Diverted, Quirk::History].contains(&self.quirk);
        assert_eq!(
            call.redirected_by.as_deref(),
            diverted.then_some(DIVERTED_BY)
        );
    }

    /// The agent hands the caller to a colleague.
    async fn hand_over(&mut self, call: CallHandle) {
        let mut boris = self.stage.browser("102").await;
        let wish = ReferRequest {
            refer_to: ReferTo::new(SipUri::new("102", "trubka")),
            referred_by: None,
            notify: true,
        };
        self.anna
            .does(move |ua, now| ua.refer(now, call, wish))
            .await;
        let audio = Audio::new(COLLEAGUE, &[ROBOT]).await;
        answer(&mut boris, &audio).await;
        self.anna.ended().await;
        audio.hears(&[ROBOT]).await;
        self.far_hears(COLLEAGUE).await;
    }

    async fn early(&mut self) {
        let audio = Audio::new(AGENT, &[EARLY, NUMBER, RINGBACK]).await;
        let call = self.anna.dial("605", PASSWORD, audio.offer().await).await;
        let early = self.anna.wait(|event| match event {
            Event::Progress { sdp: Some(sdp), .. } => Some(sdp),
            _ => None,
        });
        audio.take_answer(&early.await).await;
        let expected = match self.quirk {
            Quirk::SilentEarly => RINGBACK,
            _ => EARLY,
        };
        audio.hears(&[expected]).await;
        self.anna
            .wait(|event| matches!(event, Event::Answered { .. }).then_some(()))
            .await;
        audio.hears(&[NUMBER]).await;
        self.far_hears(AGENT).await;
        self.anna
            .does(move |ua, now| ua.hang_up(now, call, None))
            .await;
        self.far_is_over().await;
    }

    async fn cancelled(&mut self) {
        let audio = Audio::new(AGENT, &[NUMBER]).await;
        let call = self.anna.dial("604", PASSWORD, audio.offer().await).await;
        self.anna
            .wait(|event| matches!(event, Event::Progress { code: 180, .. }).then_some(()))
            .await;
        self.anna
            .does(move |ua, now| ua.hang_up(now, call, None))
            .await;
        assert_eq!(self.anna.ended().await.code, 487);
        self.far_is_over().await;
        let far = self.latest();
        assert_eq!((far.final_code, &*far.reason), (Some(200), "OK"));
    }

    async fn refreshed(&mut self) {
        let audio = Audio::new(AGENT, &[NUMBER]).await;
        let call = self.anna.dial("602", PASSWORD, audio.offer().await).await;
        audio.take_answer(&self.anna.answered().await).await;
        audio.hears(&[NUMBER]).await;
        self.quirk_was_met().await;
        audio.hears_anew(&[NUMBER]).await;
        self.far_hears(AGENT).await;
        self.anna
            .does(move |ua, now| ua.hang_up(now, call, None))
            .await;
        self.far_is_over().await;
    }

    fn latest(&self) -> FarCall {
        self.network.calls().pop().unwrap()
    }

    async fn far(&self, what: &str, wanted: impl Fn(&FarCall) -> bool) {
        let search = async {
            while !wanted(&self.latest()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, search).await;
        let complaints = self.network.complaints();
        assert!(
            found.is_ok(),
            "{what}: {:#?}, {complaints:?}",
            self.latest()
        );
    }

    /// From now on, for long enough.
    async fn far_hears(&self, hz: f32) {
        let before = self.latest().media.heard_ms(hz, 15.0);
        let anew = move |call: &FarCall| call.media.heard_ms(hz, 15.0) >= before + PROOF;
        self.far("the tone does not arrive", anew).await;
    }

    async fn far_is_over(&self) {
        self.far("the call does not end", |call| {
            call.state == FarState::Ended
        })
        .await;
        self.no_complaints();
    }

    fn no_complaints(&self) {
        let complaints = self.network.complaints();
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    /// The test would prove nothing otherwise.
    async fn quirk_was_met(&self) {
        let search = async {
            while !self.network.met().contains(&self.quirk) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let met = tokio::time::timeout(PATIENCE * 2, search).await;
        self.no_complaints();
        assert!(met.is_ok(), "only {:?} came to bear", self.network.met());
    }
}

/// The settings a provider with this quirk asks for.
fn adapt(line: &mut LineConfig, quirk: Quirk) {
    match quirk {
        Quirk::WantsAccount => line.caller_id = CallerIdHeader::PAssertedIdentity,
        Quirk::WantsFromDomain => line.from_domain = Some("accounts.test.trubka".to_owned()),
        Quirk::AuthName => line.auth_user = "auth-line1".to_owned(),
        _ => {}
    }
}

fn happens_in_the_call(quirk: Quirk) -> bool {
    let families = ["hold-", "rtp-", "dtmf-", "offer-", "dialog-", "timer-"];
    families
        .iter()
        .any(|family| quirk.name().starts_with(family))
}

async fn answer(page: &mut Browser, audio: &Audio) -> CallHandle {
    let invite = page.rung().await;
    let sdp = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, sdp).await;
    invite.call
}

/// The same description in another direction, `rise` versions later.
fn reoffer(offer: &str, rise: u64, direction: &str) -> String {
    let mut lines = Vec::new();
    for line in offer.lines() {
        lines.push(match line.strip_prefix("o=") {
            Some(origin) => {
                let mut words: Vec<String> = origin.split(' ').map(str::to_owned).collect();
                words[2] = (words[2].parse::<u64>().unwrap() + rise).to_string();
                format!("o={}", words.join(" "))
            }
            None => line.replace("a=sendrecv", &format!("a={direction}")),
        });
    }
    lines.join("\r\n") + "\r\n"
}
