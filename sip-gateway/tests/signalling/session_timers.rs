//! Session timers (RFC 4028) with SIPp behind Kamailio, in real time: who refreshes, and what
//! happens when nobody does. An interval may be as short as 10 s here, since an answer may be
//! shorter than what a request must not be; the soak tests run the same calls with the real 90 s.

use std::time::{Duration, Instant};

use sip_gateway::ports::{CallEvent, Disposition, HungUpBy};

use super::{
    audio::Audio,
    programs::{Kamailio, Sipp},
    stage::{PASSWORD, Stage},
};

/// What SIPp waits for when the gateway refreshes with UPDATE.
const UPDATE: &str = r#"
  <recv request="UPDATE" timeout="@PATIENCE@">
    <action><ereg regexp="@ASKED@;refresher=uac" search_in="hdr" header="Session-Expires:" check_it="true" assign_to="again"/></action>
  </recv>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Require: timer
Session-Expires: @SECS@;refresher=uac
Content-Length: 0

]]></send>
"#;

/// And when it refreshes with INVITE.
const INVITE: &str = r#"
  <recv request="INVITE" timeout="@PATIENCE@">
    <action><ereg regexp="@ASKED@;refresher=uac" search_in="hdr" header="Session-Expires:" check_it="true" assign_to="again"/></action>
  </recv>
  <send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Require: timer
Session-Expires: @SECS@;refresher=uac
Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
]]></send>
  <recv request="ACK"/>
"#;

/// A call to SIPp with this scenario; it is left to run for `talk`, or until the far end's side of it
/// ends. Who ended it, with which code, and how long it lasted.
async fn call(scenario: Sipp, provider: &Kamailio, talk: Duration) -> (HungUpBy, u16, Duration) {
    let mut stage = Stage::new().await;
    let line = stage.line_at(provider.address, "trunk1", "secret1", "provider.test");
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let call = page.dial("9700", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    let answered = Instant::now();
    audio.take_answer(&answer).await;
    audio.hears(&[1300.0]).await;
    let ended = |event| match event {
        CallEvent::CallEnded {
            disposition: Disposition::Answered,
            by,
            code,
            ..
        } => Some((by, code)),
        _ => None,
    };
    let (by, code) = match tokio::time::timeout(talk, stage.event_ever(ended)).await {
        Ok(early) => early,
        Err(_) => {
            page.does(move |ua, now| ua.hang_up(now, call, None)).await;
            stage.event(ended).await
        }
    };
    let lasted = answered.elapsed();
    scenario.succeeded().await;
    // The tone was there all the time: at most a second for the connection, and half of what the
    // echo of the first packets may lack.
    let heard = Duration::from_millis(audio.heard_ms(1300.0).into());
    assert!(
        heard + Duration::from_millis(1_500) > lasted,
        "the tone was heard for {heard:?} of {lasted:?}"
    );
    stage.gateway.shutdown().await;
    (by, code, lasted)
}

/// The far end refreshes three times, with UPDATE and INVITE; the call lasts two intervals less a second.
pub async fn the_far_end_refreshes(secs: u64) {
    let provider = Kamailio::start(&[]).await;
    // RFC 4028 §5: a request must not ask for less than 90 s; then the interval stays as it was.
    let asked = if secs < 90 {
        String::new()
    } else {
        format!("\nSession-Expires: {secs};refresher=uac")
    };
    let values = [
        ("EXPIRES", asked),
        ("SECS", secs.to_string()),
        ("HALF", (secs * 500).to_string()),
    ];
    let sipp = Sipp::adapted("sipp_refreshes.xml", &values, &provider, secs * 2 + 30);
    let talk = Duration::from_secs(secs * 2 - 1);
    let (by, code, lasted) = call(sipp, &provider, talk).await;
    assert_eq!((by, code), (HungUpBy::Agent, 200), "after {lasted:?}");
}

/// The gateway refreshes three times; the call lasts two intervals less a second.
pub async fn the_gateway_refreshes(secs: u64, with_update: bool) {
    let provider = Kamailio::start(&[]).await;
    let (method, allowed) = if with_update {
        (UPDATE, ", UPDATE")
    } else {
        (INVITE, "")
    };
    let values = [
        ("REFRESHES", method.repeat(3)),
        ("UPDATE", allowed.to_owned()),
        // RFC 4028 §5: no request of ours asks for less.
        ("ASKED", secs.max(90).to_string()),
        ("SECS", secs.to_string()),
        // Half of the interval, and what a busy machine may take.
        ("PATIENCE", (secs * 500 + 1_500).to_string()),
    ];
    let sipp = Sipp::adapted("sipp_is_refreshed.xml", &values, &provider, secs * 2 + 30);
    let talk = Duration::from_secs(secs * 2 - 1);
    let (by, code, lasted) = call(sipp, &provider, talk).await;
    assert_eq!((by, code), (HungUpBy::Agent, 200), "after {lasted:?}");
}

/// The far end breaks its promise: the call ends a third of the interval before its end.
pub async fn nobody_refreshes(secs: u64) {
    let provider = Kamailio::start(&[]).await;
    let values = [("SECS", secs.to_string())];
    let sipp = Sipp::adapted(
        "sipp_refreshes_no_more.xml",
        &values,
        &provider,
        secs * 2 + 30,
    );
    let (by, code, lasted) = call(sipp, &provider, Duration::from_secs(secs)).await;
    assert_eq!((by, code), (HungUpBy::System, 408), "after {lasted:?}");
    let wanted = Duration::from_secs(secs - secs / 3);
    assert!(
        // The gateway knew of the answer a little before the page.
        lasted + Duration::from_secs(1) > wanted && lasted < wanted + Duration::from_secs(2),
        "{lasted:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_refreshed_by_either_side_with_update_and_invite_and_ends_when_it_is_not() {
    tokio::join!(
        the_far_end_refreshes(10),
        the_gateway_refreshes(10, true),
        the_gateway_refreshes(10, false),
        nobody_refreshes(10),
    );
}
