//! What the gateway plays and mixes by itself.

use std::time::Instant;

use super::{Plane, packets::send_rtp};
use crate::{
    media::{
        LegId, Sound,
        leg::ROOM,
        player::{Manners, PLAYER, Player},
        room::{Room, SEATS},
    },
    recording::Mark,
};

impl Plane {
    /// Plays a sound to a leg; what plays already goes on.
    pub(super) fn play(&mut self, id: LegId, sound: Sound, manners: Manners) {
        let now_us = self.micros(Instant::now());
        let number = self.next_source();
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let same = |player: &Player| player.sound == sound && player.manners == manners;
        if leg.player.as_ref().is_some_and(same) {
            return;
        }
        leg.player = Some(Player::new(sound, manners, number, now_us));
        if !self.playing.contains(&id) {
            self.playing.push(id);
        }
    }

    pub(super) fn hush(&mut self, id: LegId) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.player = None;
        }
        self.playing.retain(|playing| *playing != id);
    }

    fn next_source(&mut self) -> u32 {
        self.sources = self.sources.wrapping_add(1);
        self.sources
    }

    /// Plays the next frames of sounds that are due.
    pub(super) fn play_sounds(&mut self, now: Instant) {
        let now_us = self.micros(now);
        for id in &self.playing {
            let Some(leg) = self.legs.get_mut(id) else {
                continue;
            };
            let codec = leg.agreement.as_ref().map(|agreement| agreement.codec);
            let (Some(mut player), Some(codec)) = (leg.player.take(), codec) else {
                continue;
            };
            if let Some(frame) = player.frame(&self.clips, codec, now_us)
                && let Some((len, to)) = leg.forward(PLAYER, frame, now_us, &mut self.leaving)
            {
                send_rtp(leg, &mut self.doors, &self.leaving[..len], to);
            }
            leg.player = Some(player);
        }
    }

    /// Lets three talk with each other, the first of them the employee. What those two say together
    /// becomes the other side of the recording.
    pub(super) fn mix(&mut self, legs: [LegId; SEATS]) {
        if self.rooms.iter().any(|room| room.legs == legs) {
            return;
        }
        let now = Instant::now();
        let mut room = Room::new(legs, self.next_source(), self.micros(now));
        for id in legs {
            self.unjoin(id);
            self.hush(id);
        }
        // The third may come from a call that was recorded too, and whose recording ends now.
        let host = self.legs.get(&legs[0]).and_then(|leg| leg.tap.as_ref());
        let host = host.map(|(sink, _)| sink.call());
        for id in &legs[1..] {
            let tap = self.legs.get_mut(id).and_then(|leg| leg.tap.take());
            if let Some((sink, channel)) = tap
                && (room.tap.is_none() || host == Some(sink.call()))
            {
                sink.mark(now, Mark::LegChanged(channel));
                room.tap = Some((sink, channel));
            }
        }
        for id in legs {
            if let Some(leg) = self.legs.get_mut(&id) {
                leg.in_room = true;
            }
        }
        self.rooms.push(room);
    }

    /// A leg leaves its room, and so the room is no more.
    pub(super) fn leave_room(&mut self, id: LegId) {
        let Some(at) = self.rooms.iter().position(|room| room.legs.contains(&id)) else {
            return;
        };
        let room = self.rooms.swap_remove(at);
        for id in room.legs {
            if let Some(leg) = self.legs.get_mut(&id) {
                leg.in_room = false;
            }
        }
        // The recording goes on with one of them until it is said with whom.
        let heir = room.legs[1..].iter().find(|heir| **heir != id);
        if let Some(leg) = heir.and_then(|heir| self.legs.get_mut(heir)) {
            leg.tap = leg.tap.take().or(room.tap);
        }
    }

    /// Sends everyone in a room the next frame if it is due.
    pub(super) fn mix_rooms(&mut self, now: Instant) {
        let now_us = self.micros(now);
        for room in &mut self.rooms {
            let Some(frames) = room.frames(now, now_us) else {
                continue;
            };
            for (seat, id) in room.legs.iter().enumerate() {
                let Some(leg) = self.legs.get_mut(id) else {
                    continue;
                };
                let heard = leg.forward(ROOM, frames.of(seat), now_us, &mut self.leaving);
                if let Some((len, to)) = heard {
                    send_rtp(leg, &mut self.doors, &self.leaving[..len], to);
                }
            }
        }
    }
}
