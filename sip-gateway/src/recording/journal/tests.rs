use proptest::prelude::*;

use super::*;

const HEADER: Header = Header {
    call: Uuid::from_u128(7),
    start_unix_us: 1_700_000_000_000_000,
};

fn packet(sequence: u16, payload: &[u8]) -> rtp::Packet<'_> {
    rtp::Packet {
        payload_type: 8,
        marker: sequence == 0,
        sequence,
        timestamp: u32::from(sequence) * 160,
        ssrc: 99,
        payload,
        header_len: 0,
    }
}

/// A journal and the octets at which its records end.
fn journal() -> (Vec<u8>, Vec<usize>) {
    let (mut out, mut ends) = (HEADER.encode().to_vec(), Vec::new());
    for sequence in 0..5 {
        assert!(write_packet(
            Channel::Right,
            20_000,
            &packet(sequence, &[1; 160]),
            &mut out
        ));
        ends.push(out.len());
        write_mark(Mark::Gap(40), 30_000, &mut out);
        ends.push(out.len());
    }
    (out, ends)
}

fn count(octets: &[u8]) -> (usize, u64, bool) {
    let mut reader = Reader::new(octets).unwrap();
    let mut count = 0;
    while reader.next_record().unwrap().is_some() {
        count += 1;
    }
    (count, reader.good_len(), reader.is_torn())
}

#[test]
fn what_is_written_is_read() {
    let (octets, _) = journal();
    assert_eq!(
        octets.len(),
        HEADER_LEN + 5 * (packet_len(160) + mark_len())
    );
    let mut reader = Reader::new(&octets[..]).unwrap();
    assert_eq!(reader.header(), HEADER);
    let expected = packet(0, &[1; 160]);
    assert_eq!(
        reader.next_record().unwrap(),
        Some(Record::Packet {
            channel: Channel::Right,
            arrival_us: 20_000,
            packet: expected
        })
    );
    assert_eq!(
        reader.next_record().unwrap(),
        Some(Record::Mark {
            at_us: 30_000,
            mark: Mark::Gap(40)
        })
    );
}

#[test]
fn every_mark_survives() {
    let marks = [
        Mark::LegChanged(Channel::Left),
        Mark::LegChanged(Channel::Right),
        Mark::Hold,
        Mark::Unhold,
        Mark::Pause,
        Mark::Resume,
        Mark::Gap(u64::MAX),
        Mark::End,
    ];
    let mut octets = HEADER.encode().to_vec();
    marks
        .iter()
        .for_each(|mark| write_mark(*mark, 5, &mut octets));
    let mut reader = Reader::new(&octets[..]).unwrap();
    for mark in marks {
        assert_eq!(
            reader.next_record().unwrap(),
            Some(Record::Mark { at_us: 5, mark })
        );
    }
}

#[test]
fn a_cut_at_any_octet_keeps_all_whole_records() {
    let (octets, ends) = journal();
    for cut in HEADER_LEN..=octets.len() {
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let good = ends[..whole].last().copied().unwrap_or(HEADER_LEN);
        assert_eq!(
            count(&octets[..cut]),
            (whole, good as u64, good != cut),
            "{cut}"
        );
    }
}

#[test]
fn other_files_are_no_journals() {
    let mut header = HEADER.encode();
    assert!(matches!(
        Reader::new(&header[..39]),
        Err(JournalError::NotAJournal)
    ));
    header[20] ^= 1;
    assert!(matches!(
        Reader::new(&header[..]),
        Err(JournalError::NotAJournal)
    ));
    assert!(matches!(
        Reader::new(&b""[..]),
        Err(JournalError::NotAJournal)
    ));
}

proptest! {
    #[test]
    fn a_flipped_bit_ends_reading_at_its_record(at in HEADER_LEN..1000usize, bit in 0u8..8) {
        let (mut octets, ends) = journal();
        octets[at] ^= 1 << bit;
        let whole = ends.iter().filter(|end| **end <= at).count();
        let (records, _, torn) = count(&octets);
        prop_assert_eq!((records, torn), (whole, true));
    }

    #[test]
    fn any_octets_are_read_without_panic(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut all = HEADER.encode().to_vec();
        all.extend_from_slice(&octets);
        count(&all);
    }
}
