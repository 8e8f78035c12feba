use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::audio;
use crate::recording::{
    Alarm, Mark, Writer, finish,
    journal::{Reader, Record},
    recover,
};

const WAIT: Duration = Duration::from_secs(20);

fn start(dir: &Path) -> (Writer, Receiver<Alarm>) {
    let (alarms, heard) = mpsc::channel();
    let writer = Writer::start(dir, move |alarm| alarms.send(alarm).unwrap_or_default()).unwrap();
    (writer, heard)
}

/// Packets and marks of a journal that is closed.
fn contents(journal: &Path) -> (usize, Vec<Mark>) {
    contents_so_far(journal).unwrap()
}

/// Packets and marks of a journal; `None` when it is being written just now.
fn contents_so_far(journal: &Path) -> Option<(usize, Vec<Mark>)> {
    let mut reader = Reader::open(journal).ok()?;
    let (mut packets, mut marks) = (0, Vec::new());
    while let Some(record) = reader.next_record().unwrap() {
        match record {
            Record::Packet { .. } => packets += 1,
            Record::Mark { mark, .. } => marks.push(mark),
        }
    }
    (!reader.is_torn()).then_some((packets, marks))
}

fn wait_until(mut holds: impl FnMut() -> bool, what: &str) {
    let give_up = Instant::now() + WAIT;
    while !holds() {
        assert!(Instant::now() < give_up, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_recorded_call_becomes_an_mp3_with_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, alarms) = start(&dir.path().join("journals"));
    let call = Uuid::new_v4();
    let sink = writer.begin(call);
    assert_eq!(sink.journal(), writer.journal_path(call));
    audio::record(&sink, Instant::now(), &audio::conversation(8000));
    let closed = writer.finish(call).blocking_recv().unwrap();
    assert!(closed.is_complete);
    let made = finish(&closed.journal, &dir.path().join("out")).unwrap();
    assert_eq!(made.gap_ms, 0);
    audio::assert_each_side_holds_its_own_tone(&made.mp3, 7500);
    assert!(alarms.try_recv().is_err());
}

#[test]
fn the_file_exists_before_the_first_packet() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _alarms) = start(dir.path());
    let begun = Instant::now();
    let sink = writer.begin(Uuid::new_v4());
    wait_until(|| Reader::open(sink.journal()).is_ok(), "no journal");
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn packets_reach_the_file_while_the_call_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _alarms) = start(dir.path());
    let sink = writer.begin(Uuid::new_v4());
    audio::record(&sink, Instant::now(), &audio::conversation(200));
    sink.mark(Instant::now(), Mark::Hold);
    let written = || contents_so_far(sink.journal()) == Some((20, vec![Mark::Hold]));
    wait_until(written, "packets do not reach the file");
}

#[test]
fn many_calls_are_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _alarms) = start(dir.path());
    let calls: Vec<Uuid> = (0..20).map(|_| Uuid::new_v4()).collect();
    for (at, call) in calls.iter().enumerate() {
        let sink = writer.begin(*call);
        audio::record(
            &sink,
            Instant::now(),
            &audio::conversation(20 * (at as u64 + 1)),
        );
    }
    for (at, call) in calls.iter().enumerate() {
        let closed = writer.finish(*call).blocking_recv().unwrap();
        assert_eq!(contents(&closed.journal), (2 * (at + 1), vec![Mark::End]));
    }
}

#[test]
fn beginning_again_goes_on_with_the_same_journal() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, alarms) = start(dir.path());
    let call = Uuid::new_v4();
    audio::record(
        &writer.begin(call),
        Instant::now(),
        &audio::conversation(100),
    );
    audio::record(
        &writer.begin(call),
        Instant::now(),
        &audio::conversation(100),
    );
    let closed = writer.finish(call).blocking_recv().unwrap();
    assert_eq!(contents(&closed.journal).0, 20);
    assert!(alarms.try_recv().is_err());
}

#[test]
fn finishing_an_unknown_call_is_answered_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _alarms) = start(dir.path());
    assert!(writer.finish(Uuid::new_v4()).blocking_recv().is_err());
}

#[test]
fn shutdown_writes_what_is_in_memory_and_the_next_start_finds_it() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _alarms) = start(dir.path());
    let call = Uuid::new_v4();
    let sink = writer.begin(call);
    audio::record(&sink, Instant::now(), &audio::conversation(1000));
    writer.shutdown();
    let found = recover(dir.path()).unwrap();
    assert_eq!((found.len(), found[0].call), (1, call));
    assert_eq!(contents(&found[0].journal).0, 100);
    audio::record(&sink, Instant::now(), &audio::conversation(20)); // late packets harm nobody
}

/// A file system of its own that is unmounted at the end.
struct Small {
    dir: PathBuf,
    _parent: tempfile::TempDir,
}

impl Small {
    fn mount(kilobytes: u32) -> Option<Self> {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().to_owned();
        let size = format!("size={kilobytes}k");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&dir)
            .output();
        mount
            .is_ok_and(|output| output.status.success())
            .then_some(Self {
                dir,
                _parent: parent,
            })
    }

    /// Fills it to the last octet; removing the file makes room again.
    fn fill(&self) -> PathBuf {
        let path = self.dir.join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        path
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.dir).status();
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "says why nothing was tested")]
fn a_full_disk_leaves_a_marked_gap_and_the_recording_goes_on() {
    let Some(disk) = Small::mount(2048) else {
        eprintln!("skipped: mounting a small tmpfs needs root");
        return;
    };
    let (writer, alarms) = start(&disk.dir.join("journals"));
    let call = Uuid::new_v4();
    let sink = writer.begin(call);
    wait_until(|| Reader::open(sink.journal()).is_ok(), "no journal");
    let filler = disk.fill();

    // 60 s of audio find room neither on the disk nor in the ring.
    let (begun, packets) = (Instant::now(), audio::conversation(70_000));
    let (during, after) = packets.split_at(packets.len() * 6 / 7);
    audio::record(&sink, begun, during);
    let alarm = alarms.recv_timeout(WAIT).unwrap();
    assert_eq!((alarm.call, alarm.lost_ms), (call, 0), "{alarm:?}");
    assert!(alarm.reason.contains("disk is full"), "{alarm:?}");

    // Room again: the next packets are recorded, and the gap is told.
    fs::remove_file(filler).unwrap();
    let mut after = after.chunks(10);
    let alarm = loop {
        audio::record(&sink, begun, after.next().unwrap());
        if let Ok(alarm) = alarms.recv_timeout(Duration::from_millis(100)) {
            break alarm;
        }
    };
    assert!(alarm.lost_ms > 30_000, "{alarm:?}");
    after.for_each(|packets| audio::record(&sink, begun, packets));
    let closed = writer.finish(call).blocking_recv().unwrap();
    assert!(closed.is_complete);

    let out = tempfile::tempdir().unwrap();
    let made = finish(&closed.journal, out.path()).unwrap();
    assert_eq!(made.gap_ms, alarm.lost_ms);
    assert!(made.duration_ms >= 69_000, "{made:?}");
    let [left, _] = audio::decode(&made.mp3);
    assert!(
        audio::hear(&left[..5 * 16_000])[0].heard_ms >= 4900,
        "before the gap"
    );
    assert!(
        audio::hear(&left[left.len() - 5 * 16_000..])[0].heard_ms >= 4900,
        "after the gap"
    );
}

#[test]
#[expect(clippy::print_stderr, reason = "says why nothing was tested")]
fn a_disk_full_at_the_beginning_delays_the_journal_only() {
    let Some(disk) = Small::mount(256) else {
        eprintln!("skipped: mounting a small tmpfs needs root");
        return;
    };
    let (writer, alarms) = start(&disk.dir);
    let filler = disk.fill();
    let call = Uuid::new_v4();
    let sink = writer.begin(call);
    audio::record(&sink, Instant::now(), &audio::conversation(2000));
    assert_eq!(alarms.recv_timeout(WAIT).unwrap().lost_ms, 0);
    fs::remove_file(filler).unwrap();
    let closed = writer.finish(call).blocking_recv().unwrap();
    assert!(closed.is_complete);
    assert_eq!(contents(&closed.journal), (200, vec![Mark::End]));
}

#[test]
#[expect(clippy::print_stderr, reason = "says why nothing was tested")]
fn a_disk_full_at_the_end_is_told_with_what_is_missing() {
    let Some(disk) = Small::mount(256) else {
        eprintln!("skipped: mounting a small tmpfs needs root");
        return;
    };
    let (writer, alarms) = start(&disk.dir);
    let call = Uuid::new_v4();
    let sink = writer.begin(call);
    wait_until(|| Reader::open(sink.journal()).is_ok(), "no journal");
    let _filler = disk.fill();
    audio::record(&sink, Instant::now(), &audio::conversation(2000));
    assert_eq!(alarms.recv_timeout(WAIT).unwrap().lost_ms, 0);
    thread::sleep(Duration::from_secs(1));
    let closed = writer.finish(call).blocking_recv().unwrap();
    assert!(!closed.is_complete);
    assert!((1000..5000).contains(&closed.lost_ms), "{closed:?}");
}
