//! Making new input out of old.

/// What breaks readers of text protocols, put in now and then.
const WORDS: [&[u8]; 44] = [
    b"\r\n",
    b"\n",
    b"\r\n\r\n",
    b"\r\n ",
    b":",
    b";",
    b",",
    b"=",
    b"\"",
    b"\\",
    b"<",
    b">",
    b"@",
    b"%",
    b"%00",
    b"%C3",
    b"[",
    b"]",
    b"[::1]",
    b"?",
    b"&",
    b"/",
    b" ",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"-1",
    b"4294967296",
    b"18446744073709551616",
    b"SIP/2.0",
    b"INVITE",
    b"ACK",
    b"CANCEL",
    b"sip:",
    b"tel:",
    b"Via: ",
    b"Content-Length: ",
    b"l: 5",
    b";tag=",
    b"branch=z9hG4bK",
    b"Digest ",
    b"nonce=",
    b"algorithm=SHA-256-sess",
    b"a=rtpmap:",
];

/// Octets an input may have.
const LONGEST: usize = 8192;

/// A small seeded generator.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % limit.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}

/// One to eight changes to `input`; `other` lends parts.
pub fn mutate(input: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = input.to_vec();
    for _ in 0..=dice.below(8) {
        change(&mut out, other, dice);
    }
    out.truncate(LONGEST);
    out
}

fn change(out: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let at = dice.below(out.len() + 1);
    let end = (at + dice.below(32)).min(out.len());
    match dice.below(9) {
        0 if at < out.len() => out[at] = dice.byte(),
        1 if at < out.len() => out[at] ^= 1 << dice.below(8),
        2 => insert(out, at, &[dice.byte()]),
        3 => drop(out.drain(at..end)),
        4 | 5 => insert(out, at, WORDS[dice.below(WORDS.len())]),
        6 => {
            let part = out[at..end].to_vec();
            let most = if dice.below(8) == 0 { 200 } else { 4 };
            let times = 1 + dice.below(most);
            insert(out, at, &part.repeat(times));
        }
        7 => {
            let from = dice.below(other.len() + 1);
            let to = (from + dice.below(256)).min(other.len());
            insert(out, at, &other[from..to]);
        }
        _ => out.truncate(at),
    }
}

fn insert(out: &mut Vec<u8>, at: usize, part: &[u8]) {
    if out.len() + part.len() <= LONGEST {
        out.splice(at..at, part.iter().copied());
    }
}
