//! Prints how many messages a second sip-core and rsip read and write, natively, as JSON. Rounds
//! alternate, so that a change of the machine's load meets both.
#![expect(clippy::print_stdout, reason = "the figures are its output")]

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::time::{Duration, Instant};

    use parse_bench::{MESSAGES, read};
    use rsip::{headers::ToTypedHeader as _, message::HeadersExt as _};
    use sip_core::{message::Message, wire::parse_message};

    const ROUNDS: usize = 9;
    const ROUND: Duration = Duration::from_millis(300);

    pub fn run() {
        let messages: Vec<Vec<u8>> = MESSAGES
            .iter()
            .map(|text| text.replace('\n', "\r\n").into_bytes())
            .collect();
        let ours: Vec<Message> = messages
            .iter()
            .filter_map(|bytes| parse_message(bytes).ok())
            .collect();
        let theirs: Vec<rsip::SipMessage> = messages
            .iter()
            .filter_map(|bytes| rsip::SipMessage::try_from(bytes.clone()).ok())
            .collect();
        assert_eq!(
            (ours.len(), theirs.len()),
            (MESSAGES.len(), MESSAGES.len()),
            "both read all"
        );
        let mut rates = [const { Vec::new() }; 4];
        for _ in 0..ROUNDS {
            rates[0].push(rate(&messages, |bytes| read(bytes) as usize));
            rates[1].push(rate(&messages, |bytes| rsip_reads(bytes)));
            rates[2].push(rate(&ours, print));
            rates[3].push(rate(&theirs, |message| {
                Vec::<u8>::from(message.clone()).len()
            }));
        }
        let [read, rsip_read, print, rsip_print] = rates.map(median);
        println!(
            "{{\"sip_parse_per_s\":{read:.0},\"rsip_parse_per_s\":{rsip_read:.0},\
             \"sip_parse_ratio_vs_rsip\":{:.2},\"sip_print_per_s\":{print:.0},\
             \"rsip_print_per_s\":{rsip_print:.0},\"sip_print_ratio_vs_rsip\":{:.2}}}",
            read / rsip_read,
            print / rsip_print,
        );
    }

    fn print(message: &Message) -> usize {
        match message {
            Message::Request(request) => request.to_bytes().len(),
            Message::Response(response) => response.to_bytes().len(),
        }
    }

    /// The same typed values, where rsip has them; it has but one Via, From, To, CSeq and Contact.
    fn rsip_reads(bytes: &[u8]) -> usize {
        let Ok(message) = rsip::SipMessage::try_from(bytes.to_vec()) else {
            return 0;
        };
        let via = message.via_header().ok().and_then(|via| via.typed().ok());
        let from = message
            .from_header()
            .ok()
            .and_then(|from| from.typed().ok());
        let to = message.to_header().ok().and_then(|to| to.typed().ok());
        let cseq = message
            .cseq_header()
            .ok()
            .and_then(|cseq| cseq.typed().ok());
        let contact = message
            .contact_header()
            .ok()
            .and_then(|contact| contact.typed().ok());
        let found = [
            via.is_some(),
            from.is_some(),
            to.is_some(),
            cseq.is_some(),
            contact.is_some(),
        ];
        found.into_iter().filter(|found| *found).count()
    }

    fn rate<T>(messages: &[T], mut work: impl FnMut(&T) -> usize) -> f64 {
        let (start, mut count, mut sum) = (Instant::now(), 0_u32, 0);
        while start.elapsed() < ROUND {
            for message in messages {
                sum += std::hint::black_box(work(message));
                count += 1;
            }
        }
        assert!(sum > 0);
        f64::from(count) / start.elapsed().as_secs_f64()
    }

    fn median(mut rates: Vec<f64>) -> f64 {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    }
}

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    native::run();
}
