//! The threads that own the handshakes.

use std::{
    collections::HashMap,
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{Configs, Input, LegId, Output, handshake::Handshake};

/// Fragments are reassembled recursively; the caps keep it shallow, this keeps it harmless.
const STACK: usize = 8 << 20;
/// Waits no longer than this when nothing is due.
const IDLE: Duration = Duration::from_secs(60);

/// The threads; a leg always meets the same one.
pub(in crate::media) struct Workers {
    inputs: Vec<Sender<(LegId, Input)>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` threads. What they have to say goes to `report`.
    pub(in crate::media) fn start(
        count: usize,
        configs: &Configs,
        report: &(impl Fn(LegId, Output) + Clone + Send + 'static),
    ) -> io::Result<Self> {
        let (mut inputs, mut threads) = (Vec::new(), Vec::new());
        for number in 0..count.max(1) {
            let (sender, receiver) = mpsc::channel();
            let (configs, report) = (configs.clone(), report.clone());
            let thread = std::thread::Builder::new()
                .name(format!("dtls-{number}"))
                .stack_size(STACK)
                .spawn(move || run(&receiver, &configs, report))?;
            inputs.push(sender);
            threads.push(thread);
        }
        Ok(Self { inputs, threads })
    }

    /// Hands an input to the leg's thread.
    pub(in crate::media) fn send(&self, leg: LegId, input: Input) {
        let count = self.inputs.len() as u64;
        let at = usize::try_from(leg.0 % count).unwrap_or(0);
        // It only fails when the thread has ended, and then nothing is left to be done.
        let _ = self.inputs[at].send((leg, input));
    }

    /// Ends the threads after what was sent before is done.
    pub(in crate::media) fn stop(self) {
        drop(self.inputs);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

struct Leg {
    handshake: Handshake,
    /// Whether we are to begin, and whether there is a path to begin on.
    active: bool,
    ready: bool,
}

fn run(inputs: &Receiver<(LegId, Input)>, configs: &Configs, report: impl Fn(LegId, Output)) {
    let mut legs: HashMap<LegId, Leg> = HashMap::new();
    // Only handshakes under way have timers; there are few at a time.
    let mut timers: HashMap<LegId, Instant> = HashMap::new();
    loop {
        let now = Instant::now();
        let wait = timers
            .values()
            .min()
            .map_or(IDLE, |at| at.saturating_duration_since(now));
        match inputs.recv_timeout(wait) {
            Ok((id, input)) => take(&mut legs, &mut timers, id, input, configs, &report),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let now = Instant::now();
        let due: Vec<LegId> = timers
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(leg) = legs.get_mut(&id) else {
                continue;
            };
            leg.handshake.timeout(now);
            settle(leg, &mut timers, id, &report);
        }
    }
}

fn take(
    legs: &mut HashMap<LegId, Leg>,
    timers: &mut HashMap<LegId, Instant>,
    id: LegId,
    input: Input,
    configs: &Configs,
    report: &impl Fn(LegId, Output),
) {
    let now = Instant::now();
    let leg = legs.entry(id).or_insert_with(|| Leg {
        handshake: Handshake::new(configs),
        active: false,
        ready: false,
    });
    match input {
        Input::Datagram(datagram) => leg.handshake.read(now, &datagram),
        Input::Peer {
            fingerprints,
            active,
        } => {
            leg.handshake.announce(fingerprints);
            leg.active = active;
        }
        Input::Ready => leg.ready = true,
        Input::Close { goodbye_to } => {
            leg.handshake.close(now);
            for output in leg.handshake.outputs() {
                if let (Output::Send(datagram), Some(to)) = (output, goodbye_to) {
                    report(id, Output::Goodbye(datagram, to));
                }
            }
            legs.remove(&id);
            timers.remove(&id);
            return;
        }
    }
    if leg.active && leg.ready {
        leg.handshake.begin(now);
    }
    settle(leg, timers, id, report);
}

fn settle(
    leg: &mut Leg,
    timers: &mut HashMap<LegId, Instant>,
    id: LegId,
    report: &impl Fn(LegId, Output),
) {
    for output in leg.handshake.outputs() {
        report(id, output);
    }
    match leg.handshake.next_timeout() {
        Some(at) => timers.insert(id, at),
        None => timers.remove(&id),
    };
}
