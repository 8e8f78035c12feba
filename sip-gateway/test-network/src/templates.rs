//! Every message the test network sends, letter for letter.
//!
//! `{name}` stands for a value; a line whose values are all empty disappears. Values that end in
//! `_lines` are whole header lines and may be several.

/// Any response without a body.
pub const RESPONSE: &str = "\
SIP/2.0 {status}
{via_lines}
{record_route_lines}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq}
{contact_lines}
{extra_lines}
Server: Trubka test network
Content-Length: 0

";

/// 183 and 2xx with a session description.
pub const RESPONSE_WITH_SDP: &str = "\
SIP/2.0 {status}
{via_lines}
{record_route_lines}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq}
{contact_lines}
{allow_lines}
{extra_lines}
Server: Trubka test network
Content-Type: application/sdp
Content-Length: {length}

{sdp}";

/// The robot's call.
pub const INVITE: &str = "\
INVITE {target} SIP/2.0
Via: SIP/2.0/UDP {our_address};rport;branch={branch}
{record_route_lines}
Max-Forwards: 69
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq} INVITE
{contact_lines}
{identity_lines}
{allow_lines}
{extra_lines}
User-Agent: Trubka test network
{type_lines}
Content-Length: {length}

{sdp}";

/// What it can; UPDATE is a switch.
pub const ALLOW: &str = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE";
/// Without.
pub const ALLOW_NO_UPDATE: &str = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO";

/// Any other request.
pub const REQUEST: &str = "\
{method} {target} SIP/2.0
Via: SIP/2.0/UDP {our_address};rport;branch={branch}
Max-Forwards: 70
{route_lines}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq} {method}
{extra_lines}
User-Agent: Trubka test network
{type_lines}
Content-Length: {length}

{sdp}";

/// A session of one audio stream. `{media_lines}` are the streams, ours first or zeroed ones.
pub const SDP: &str = "\
v=0
o=- {session} {version} IN {family} {ip}
s=-
c=IN {family} {ip}
t=0 0
{media_lines}
";

/// The audio stream of an offer: A-law, µ-law, digits.
pub const AUDIO_OFFER: &str = "\
m=audio {port} RTP/AVP 8 0 {digits}
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:{digits} telephone-event/8000
a=fmtp:{digits} 0-15
a=ptime:20
a={direction}
";

/// A picture beside the voice.
pub const VIDEO_OFFER: &str = "\
m=video {port} RTP/AVP 96
a=rtpmap:96 H264/90000
a=sendrecv
";

/// A fax (ITU-T T.38).
pub const FAX_OFFER: &str = "\
m=image {port} udptl t38
a=T38FaxVersion:0
a=T38MaxBitRate:14400
a=T38FaxRateManagement:transferredTCF
a=T38FaxUdpEC:t38UDPRedundancy
";

/// The audio stream of an answer to an offer with telephone-event.
pub const AUDIO_ANSWER_WITH_DIGITS: &str = "\
m=audio {port} RTP/AVP {type} {digits}
a=rtpmap:{type} {codec}/8000
a=rtpmap:{digits} telephone-event/8000
a=fmtp:{digits} 0-15
a=ptime:20
a={direction}
";

/// The audio stream of an answer to an offer without.
pub const AUDIO_ANSWER: &str = "\
m=audio {port} RTP/AVP {type}
a=rtpmap:{type} {codec}/8000
a=ptime:20
a={direction}
";

/// Fills a template in. Line ends become CRLF; carriage returns and line feeds inside values are
/// kept only in `_lines` and `sdp`.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let (head, body) = template.split_once("\n\n").unwrap_or((template, ""));
    let lines: Vec<String> = head
        .lines()
        .map(|line| (line, fill_line(line, values)))
        .filter(|(line, filled)| line.is_empty() || !filled.is_empty())
        .map(|(_, filled)| filled)
        .collect();
    out.push_str(&lines.join("\r\n"));
    if template.contains("\n\n") {
        out.push_str("\r\n\r\n");
        out.push_str(&fill_line(body, values));
    } else if template.ends_with('\n') {
        out.push_str("\r\n");
    }
    out
}

fn fill_line(line: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(line.len() * 2);
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        let value = values
            .iter()
            .find(|(n, _)| *n == name)
            .map_or("", |(_, v)| v);
        if name.ends_with("_lines") || name == "sdp" {
            out.push_str(
                value
                    .strip_suffix("\r\n")
                    .filter(|_| name != "sdp")
                    .unwrap_or(value),
            );
        } else {
            out.extend(value.chars().filter(|c| !c.is_control()));
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_vanish_and_values_cannot_break_out() {
        let values = [
            ("method", "BYE"),
            ("target", "sip:a@b\r\nEvil: 1"),
            ("cseq", "2"),
            ("length", "0"),
        ];
        let message = fill(REQUEST, &values);
        assert!(message.starts_with("BYE sip:a@bEvil: 1 SIP/2.0\r\nVia: "));
        assert!(!message.contains("\r\n\r\nFrom"));
        assert!(message.contains("Max-Forwards: 70\r\nFrom: "));
        assert!(message.ends_with("Content-Length: 0\r\n\r\n"));
    }

    #[test]
    fn every_line_ends_in_crlf() {
        for template in [
            RESPONSE,
            RESPONSE_WITH_SDP,
            INVITE,
            REQUEST,
            SDP,
            AUDIO_ANSWER,
        ] {
            let message = fill(template, &[("media_lines", "m=x\r\n"), ("sdp", "v=0\r\n")]);
            assert_eq!(
                message.matches('\n').count(),
                message.matches("\r\n").count()
            );
            assert!(message.ends_with("\r\n"), "{message}");
        }
    }
}
