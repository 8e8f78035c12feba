//! Other spellings of the same message (RFC 3261 §7.3): what quirks make of the templates on
//! their way out.

use crate::{Quirk, Quirks};

/// Long and short names (RFC 3261 §20).
const SHORT: [(&str, &str); 8] = [
    ("Via", "v"),
    ("From", "f"),
    ("To", "t"),
    ("Call-ID", "i"),
    ("Contact", "m"),
    ("Content-Type", "c"),
    ("Content-Length", "l"),
    ("Supported", "k"),
];
/// A quirk and what it makes of a message.
type Step = (Quirk, fn(&str) -> String);

const BOUNDARY: &str = "a-part-of-the-whole";

/// Dresses a message; gives the quirks that changed it.
pub fn dress(text: &str, quirks: &Quirks) -> (String, Vec<Quirk>) {
    let steps: [Step; 8] = [
        (Quirk::MultipartSdp, multipart),
        (Quirk::NoRport, without_rport),
        (Quirk::NoReason, without_reason),
        (Quirk::NoContentLength, without_length),
        (Quirk::Folded, folded),
        (Quirk::Spaces, spaced),
        (Quirk::Compact, |text| each_header(text, compact)),
        (Quirk::LowerCase, |text| each_header(text, lower_case)),
    ];
    let mut dressed = text.to_owned();
    let mut used = Vec::new();
    for (quirk, step) in steps.into_iter().filter(|(quirk, _)| quirks.has(*quirk)) {
        let next = step(&dressed);
        if next != dressed {
            used.push(quirk);
        }
        dressed = next;
    }
    (dressed, used)
}

/// Rewrites each header line; `None` leaves it out.
fn each_header(text: &str, change: fn(&str, &str) -> Option<String>) -> String {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut lines = head.split("\r\n");
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else {
            out.push_str("\r\n");
            out.push_str(line);
            continue;
        };
        if let Some(line) = change(name, value) {
            out.push_str("\r\n");
            out.push_str(&line);
        }
    }
    format!("{out}\r\n\r\n{body}")
}

fn compact(name: &str, value: &str) -> Option<String> {
    let short = SHORT.iter().find(|(long, _)| *long == name);
    Some(format!(
        "{}: {value}",
        short.map_or(name, |(_, short)| short)
    ))
}

fn lower_case(name: &str, value: &str) -> Option<String> {
    Some(format!("{}: {value}", name.to_lowercase()))
}

fn folded(text: &str) -> String {
    each_header(text, |name, value| {
        // White space may stand around semicolons and after the colon.
        Some(match name {
            "Via" | "From" | "To" | "Contact" => {
                format!("{name}:\r\n {}", outside_brackets(value, "\r\n\t;"))
            }
            "CSeq" => format!("{name}: {}", value.replacen(' ', "\r\n ", 1)),
            _ => format!("{name}: {value}"),
        })
    })
}

fn spaced(text: &str) -> String {
    each_header(text, |name, value| {
        let value = match name {
            "Via" => outside_brackets(&value.replace("SIP/2.0/UDP", "SIP / 2.0 / UDP"), " ; ")
                .replace("branch=", "branch = "),
            "From" | "To" | "Contact" => outside_brackets(value, " ; "),
            "CSeq" => value.replacen(' ', "   ", 1),
            _ => value.to_owned(),
        };
        Some(format!("{name}  :   {value}  "))
    })
}

/// Writes the semicolons of the header's own parameters in another way.
fn outside_brackets(value: &str, semicolon: &str) -> String {
    match value.rsplit_once('>') {
        Some((uri, parameters)) => format!("{uri}>{}", parameters.replace(';', semicolon)),
        None => value.replace(';', semicolon),
    }
}

fn without_length(text: &str) -> String {
    each_header(text, |name, value| {
        (name != "Content-Length").then(|| format!("{name}: {value}"))
    })
}

fn without_reason(text: &str) -> String {
    let Some((line, rest)) = text.split_once("\r\n").filter(|_| is_response(text)) else {
        return text.to_owned();
    };
    format!("{} \r\n{rest}", line.get(..11).unwrap_or(line))
}

fn is_response(text: &str) -> bool {
    text.starts_with("SIP/2.0 ")
}

/// Requests do not ask for it, responses do not tell (RFC 3261 before RFC 3581).
fn without_rport(text: &str) -> String {
    each_header(text, |name, value| {
        let unknown = |part: &&str| !["rport", "received"].iter().any(|p| part.starts_with(p));
        let parts: Vec<&str> = value.split(';').filter(unknown).collect();
        Some(match name {
            "Via" => format!("{name}: {}", parts.join(";")),
            _ => format!("{name}: {value}"),
        })
    })
}

fn multipart(text: &str) -> String {
    let Some((_, sdp)) = text
        .split_once("\r\n\r\n")
        .filter(|(_, sdp)| !sdp.is_empty())
    else {
        return text.to_owned();
    };
    let body = format!(
        "--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nA word before.\r\n--{BOUNDARY}\r\n\
         Content-Type: application/sdp\r\n\r\n{sdp}\r\n--{BOUNDARY}--\r\n"
    );
    let kind = format!("Content-Type: multipart/mixed;boundary=\"{BOUNDARY}\"");
    let wrapped = text
        .replace("Content-Type: application/sdp", &kind)
        .replace(
            &format!("Content-Length: {}\r\n", sdp.len()),
            &format!("Content-Length: {}\r\n", body.len()),
        );
    let head = wrapped.split("\r\n\r\n").next().unwrap_or_default();
    format!("{head}\r\n\r\n{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RINGING: &str = "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP a;rport=1;branch=z;received=b\r\n\
        From: \"A\" <sip:a@b;x=1>;tag=1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

    fn dressed(quirk: Quirk) -> String {
        let (text, used) = dress(RINGING, &[quirk].into());
        assert_eq!(used, [quirk]);
        text
    }

    #[test]
    fn each_dress_is_literal() {
        assert!(dressed(Quirk::Compact).contains("\r\nv: SIP/2.0/UDP a;rport=1;branch=z"));
        assert!(dressed(Quirk::LowerCase).contains("\r\ncseq: 1"));
        assert!(dressed(Quirk::Folded).contains("From:\r\n \"A\" <sip:a@b;x=1>\r\n\t;tag=1\r\n"));
        assert!(
            dressed(Quirk::Spaces).contains("Via  :   SIP / 2.0 / UDP a ; rport=1 ; branch = z")
        );
        assert!(dressed(Quirk::NoReason).starts_with("SIP/2.0 180 \r\nVia"));
        assert!(dressed(Quirk::NoContentLength).ends_with("CSeq: 1 INVITE\r\n\r\n"));
        assert!(dressed(Quirk::NoRport).contains("UDP a;branch=z\r\n"));
    }

    #[test]
    fn a_description_is_wrapped_and_its_length_is_right() {
        let text = RINGING.replace(
            "Content-Length: 0",
            "Content-Type: application/sdp\r\nContent-Length: 5",
        ) + "v=0\r\n";
        let (text, used) = dress(&text, &[Quirk::MultipartSdp].into());
        assert_eq!(used, [Quirk::MultipartSdp]);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("Content-Length: {}", body.len())),
            "{text}"
        );
        assert!(body.contains("\r\n\r\nv=0\r\n\r\n--"));
    }
}
