use std::{
    fs::{self, OpenOptions},
    io::Write,
    sync::mpsc,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use uuid::Uuid;

use super::audio::{self, Speaker};
use crate::{
    media::Channel,
    recording::{Closed, FinishError, Finisher, Mark, finish, journal, recover},
};

const WAIT: Duration = Duration::from_secs(60);

struct Case {
    dir: TempDir,
    call: Uuid,
}

impl Case {
    fn new(journal: impl FnOnce(Uuid) -> Vec<u8>) -> Self {
        let (dir, call) = (tempfile::tempdir().unwrap(), Uuid::new_v4());
        let case = Self { dir, call };
        fs::write(case.journal(), journal(call)).unwrap();
        case
    }

    fn journal(&self) -> std::path::PathBuf {
        self.dir.path().join(format!("{}.journal", self.call))
    }

    fn out(&self) -> std::path::PathBuf {
        self.dir.path().join("recordings")
    }

    fn finish(&self) -> Result<crate::recording::Finished, FinishError> {
        finish(&self.journal(), &self.out())
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.out())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn each_side_hears_only_its_own_tone_through_loss_and_reordering() {
    let case = Case::new(|call| {
        let packets = audio::through_bad_network(audio::conversation(20_000), 1);
        audio::journal_of(call, &packets, Some(20_000_000))
    });
    let made = case.finish().unwrap();
    assert_eq!(
        (made.duration_ms, made.gap_ms, made.peaks_per_sec),
        (20_000, 0, 50)
    );
    audio::assert_each_side_holds_its_own_tone(&made.mp3, 19_500);
    assert_eq!(
        case.files(),
        [format!("{}.mp3", case.call), format!("{}.peaks", case.call)]
    );
    assert_eq!(fs::metadata(&made.mp3).unwrap().len(), made.bytes);
    assert!(
        !case.journal().exists(),
        "the journal goes when the mp3 is safe"
    );
}

#[test]
fn the_mp3_is_as_long_as_the_call_to_the_sample() {
    let case =
        Case::new(|call| audio::journal_of(call, &audio::conversation(3000), Some(3_000_000)));
    let made = case.finish().unwrap();
    for side in audio::decode(&made.mp3) {
        assert_eq!(side.len(), 48_000);
        assert!(
            side[..400].iter().any(|sample| sample.abs() > 5000),
            "speaks at once"
        );
    }
}

#[test]
fn peaks_show_who_spoke_when() {
    let case = Case::new(|call| {
        let mut packets = audio::conversation(2000);
        // The agent speaks in the first second, the client in the second.
        packets.retain(|sent| (sent.at_us < 1_000_000) == (sent.channel == Channel::Left));
        audio::journal_of(call, &packets, Some(2_000_000))
    });
    let made = case.finish().unwrap();
    let peaks = fs::read(&made.peaks).unwrap();
    assert_eq!(peaks.len(), 200);
    for (step, pair) in peaks.chunks(2).enumerate() {
        // 60 ms of concealment after the agent's last packet.
        if step < 50 {
            assert!(pair[0] > 80 && pair[1] == 0, "{step}: {pair:?}");
        } else if step >= 53 {
            assert!(pair[0] == 0 && pair[1] > 80, "{step}: {pair:?}");
        }
    }
}

#[test]
fn a_journal_cut_anywhere_is_complete_to_its_last_record() {
    let whole = audio::journal_of(Uuid::nil(), &audio::conversation(5000), None);
    for cut in [
        journal::HEADER_LEN + 200,
        17_001,
        33_333,
        60_000,
        whole.len() - 1,
    ] {
        let case = Case::new(|call| {
            let mut cut_short = audio::journal_of(call, &audio::conversation(5000), None);
            cut_short.truncate(cut);
            cut_short
        });
        let records = (cut - journal::HEADER_LEN) / journal::packet_len(160);
        let expected = (records as u64 - 1) / 2 * 20 + 20;
        assert_eq!(case.finish().unwrap().duration_ms, expected, "{cut}");
    }
}

#[test]
fn silence_hold_and_events_keep_the_sides_aligned() {
    let case = Case::new(|call| {
        let mut packets = audio::conversation(10_000);
        // Left pauses for four seconds; right sends telephone events for 200 ms.
        packets.retain(|sent| {
            sent.channel == Channel::Right || !(2_000_000..6_000_000).contains(&sent.at_us)
        });
        for sent in &mut packets {
            if sent.channel == Channel::Right && (8_000_000..8_200_000).contains(&sent.at_us) {
                sent.header.payload_type = 101;
                sent.payload = vec![5, 10, 0, 160];
            }
        }
        audio::journal_of(call, &packets, Some(10_000_000))
    });
    let made = case.finish().unwrap();
    let [left, right] = audio::decode(&made.mp3);
    let second = |side: &[i16], from: usize| audio::hear(&side[from * 16_000..(from + 1) * 16_000]);
    assert_eq!(second(&left, 1)[0].heard_ms, 1000);
    assert_eq!(second(&left, 4)[0].heard_ms, 0);
    assert_eq!(second(&left, 7)[0].heard_ms, 1000);
    assert_eq!(second(&right, 4)[1].heard_ms, 1000);
    assert!(
        (800..=900).contains(&second(&right, 8)[1].heard_ms),
        "{:?}",
        second(&right, 8)
    );
}

#[test]
fn gaps_are_added_up() {
    let case = Case::new(|call| {
        let mut octets = audio::journal_of(call, &audio::conversation(100), None);
        journal::write_mark(Mark::Gap(40), 200_000, &mut octets);
        journal::write_mark(Mark::Gap(2), 300_000, &mut octets);
        journal::write_mark(Mark::End, 400_000, &mut octets);
        octets
    });
    let made = case.finish().unwrap();
    assert_eq!((made.gap_ms, made.duration_ms), (42, 400));
}

#[test]
fn a_call_without_audio_has_no_recording_and_no_journal() {
    for journal in [Vec::new(), vec![b'T'; 12]] {
        let case = Case::new(|_| journal);
        assert!(matches!(case.finish(), Err(FinishError::NothingRecorded)));
        assert!(!case.journal().exists());
    }
    let case = Case::new(|call| audio::journal_of(call, &[], None));
    assert!(matches!(case.finish(), Err(FinishError::NothingRecorded)));
    assert!(!case.journal().exists() && case.files().is_empty());
}

#[test]
fn a_damaged_journal_is_kept_and_set_aside() {
    let case = Case::new(|call| {
        let mut octets = audio::journal_of(call, &audio::conversation(100), None);
        octets[5] ^= 0xff;
        octets
    });
    assert!(matches!(case.finish(), Err(FinishError::NotAJournal)));
    assert!(case.journal().exists());
    assert_eq!(recover(case.dir.path()).unwrap(), []);
    assert!(case.journal().with_extension("damaged").exists());
}

#[test]
fn impossible_times_are_refused_and_nothing_is_left() {
    let case = Case::new(|call| audio::journal_of(call, &audio::conversation(100), Some(u64::MAX)));
    assert!(matches!(case.finish(), Err(FinishError::TooLong(_))));
    assert!(case.journal().exists() && case.files().is_empty());
}

#[test]
fn finishing_again_after_a_crash_replaces_the_files() {
    let case = Case::new(|call| audio::journal_of(call, &audio::conversation(1000), None));
    let journal = fs::read(case.journal()).unwrap();
    let first = case.finish().unwrap();
    fs::write(case.journal(), journal).unwrap();
    fs::write(case.out().join(format!("{}.mp3.part", case.call)), b"half").unwrap();
    assert_eq!(case.finish().unwrap(), first);
    assert_eq!(case.files().len(), 2);
}

#[test]
fn a_recording_of_another_call_with_the_same_id_is_never_replaced() {
    let case = Case::new(|call| audio::journal_of(call, &audio::conversation(1000), None));
    let first = case.finish().unwrap();
    let kept = fs::read(&first.mp3).unwrap();
    let second = audio::journal_of(case.call, &audio::conversation(2000), None);
    fs::write(case.journal(), second).unwrap();
    assert!(matches!(case.finish(), Err(FinishError::Occupied)));
    assert_eq!(fs::read(&first.mp3).unwrap(), kept);
    assert!(case.journal().exists() && case.files().len() == 2);

    let (done, results) = mpsc::channel();
    let finisher = Finisher::start(&case.out(), move |_, result| {
        done.send(result.is_ok()).unwrap();
    })
    .unwrap();
    finisher.enqueue(case.journal());
    assert!(!results.recv_timeout(WAIT).unwrap());
    assert!(case.journal().with_extension("duplicate").exists());
    assert_eq!(recover(case.dir.path()).unwrap(), []);
}

#[test]
fn what_the_disk_refused_at_the_end_counts_as_a_gap() {
    let case = Case::new(|call| audio::journal_of(call, &audio::conversation(1000), None));
    let (done, results) = mpsc::channel();
    let finisher = Finisher::start(&case.out(), move |_, result| {
        done.send(result.map(|made| made.gap_ms)).unwrap();
    })
    .unwrap();
    finisher.enqueue_closed(Closed {
        journal: case.journal(),
        is_complete: false,
        lost_ms: 700,
    });
    assert_eq!(results.recv_timeout(WAIT).unwrap().unwrap(), 700);
}

#[test]
fn the_worker_finishes_one_after_the_other_and_cleans_up_first() {
    let cases: Vec<Case> = (0..3)
        .map(|_| Case::new(|call| audio::journal_of(call, &audio::conversation(1000), None)))
        .collect();
    let out = tempfile::tempdir().unwrap();
    let leftover = out.path().join("x.mp3.part");
    fs::write(&leftover, b"half").unwrap();
    let (done, results) = mpsc::channel();
    let finisher = Finisher::start(out.path(), move |call, result| {
        done.send((call, result.map(|made| made.duration_ms)))
            .unwrap();
    })
    .unwrap();
    assert!(!leftover.exists());
    cases
        .iter()
        .for_each(|case| finisher.enqueue(case.journal()));
    for case in &cases {
        let (call, result) = results.recv_timeout(WAIT).unwrap();
        assert_eq!((call, result.unwrap()), (case.call, 1000));
    }
}

/// Six minutes, an hour with `TRUBKA_SOAK`: a second of work for a minute of talk at most.
#[test]
fn a_long_call_is_finished_quickly() {
    let minutes = if std::env::var_os("TRUBKA_SOAK").is_some() {
        60
    } else {
        6
    };
    let case = Case::new(|call| audio::journal_of(call, &[], None));
    let mut sides = [Speaker::new(Channel::Left), Speaker::new(Channel::Right)];
    let mut journal = OpenOptions::new()
        .append(true)
        .open(case.journal())
        .unwrap();
    for _ in 0..minutes * 60 {
        let mut second = Vec::new();
        for _ in 0..50 {
            for sent in sides.each_mut().map(Speaker::speak) {
                if sent.header.sequence % 20 != 7 {
                    journal::write_packet(sent.channel, sent.at_us, &sent.packet(), &mut second);
                }
            }
        }
        journal.write_all(&second).unwrap();
    }
    let begun = Instant::now();
    let made = case.finish().unwrap();
    assert_eq!(made.duration_ms, minutes * 60_000);
    assert!(
        begun.elapsed() < Duration::from_secs(minutes),
        "{:?}",
        begun.elapsed()
    );
}
