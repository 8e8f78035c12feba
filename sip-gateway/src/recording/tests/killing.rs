//! A process that is killed while it records.

use std::{
    env, fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use uuid::Uuid;

use super::audio::{self, Speaker};
use crate::{
    media::Channel,
    recording::{Writer, finish, journal::Reader, recover},
};

const DIR: &str = "TRUBKA_TEST_RECORD_UNTIL_KILLED";
const CALL: Uuid = Uuid::from_u128(0x1234);

/// Not a test of its own: the process that [`a_killed_process_loses_less_than_a_second`] kills.
#[test]
fn child_that_records_until_killed() {
    let Some(dir) = env::var_os(DIR) else {
        return;
    };
    let writer = Writer::start(Path::new(&dir), |alarm| panic!("{alarm:?}")).unwrap();
    let sink = writer.begin(CALL);
    let mut sides = [Speaker::new(Channel::Left), Speaker::new(Channel::Right)];
    let begun = Instant::now();
    for count in 1..6000 {
        thread::sleep((begun + Duration::from_millis(count * 20)) - Instant::now());
        for side in &mut sides {
            sink.packet(side.channel(), Instant::now(), &side.speak().packet());
        }
    }
}

fn start_child(dir: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "recording::tests::killing::child_that_records_until_killed",
        ])
        .env(DIR, dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn recorded(journal: &Path) -> Duration {
    let Ok(mut reader) = Reader::open(journal) else {
        return Duration::ZERO;
    };
    let mut last_us = 0;
    while let Ok(Some(record)) = reader.next_record() {
        last_us = record.at_us();
    }
    Duration::from_micros(last_us)
}

#[test]
fn a_killed_process_loses_less_than_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = start_child(dir.path());
    let journal = dir.path().join(format!("{CALL}.journal"));
    let give_up = Instant::now() + Duration::from_secs(60);
    while recorded(&journal) < Duration::from_millis(2500) {
        assert!(Instant::now() < give_up, "nothing is recorded");
        thread::sleep(Duration::from_millis(10));
    }
    let killed = SystemTime::now();
    child.kill().unwrap();
    child.wait().unwrap();

    let recovered = recover(dir.path()).unwrap();
    assert_eq!((recovered.len(), recovered[0].call), (1, CALL));
    let lost = killed
        .duration_since(recovered[0].last_activity)
        .unwrap_or_default();
    assert!(lost < Duration::from_secs(1), "{lost:?} lost");
    let made = finish(&recovered[0].journal, &dir.path().join("out")).unwrap();
    assert!(made.duration_ms >= 2500, "{made:?}");
    audio::assert_each_side_holds_its_own_tone(&made.mp3, 2000);
    assert!(
        fs::read_dir(dir.path()).unwrap().count() == 1,
        "only the folder of recordings is left"
    );
}
