//! Transfers, three-way calls, parking.

use sip_core::{CallHandle, Event, IncomingRefer};

use super::World;
use crate::{CallKey, CallPhase, Command, TransferKind, TransferProgress};

fn refer(world: &World) -> IncomingRefer {
    let refers = world.seen.iter().rev().filter_map(|event| match event {
        Event::Refer(refer) => Some(*refer.clone()),
        _ => None,
    });
    refers.into_iter().next().expect("a REFER")
}

fn progress(world: &World, key: CallKey) -> Option<TransferProgress> {
    let transfer = world.view(key).transfer.clone();
    transfer.map(|transfer| transfer.progress)
}

fn tell(world: &mut World, code: u16, reason: &str) {
    let refer = refer(world);
    world
        .server
        .notify_refer(world.now, refer.call, refer.handle, code, reason);
    world.settle();
}

fn agree(world: &mut World) {
    let refer = refer(world);
    world
        .server
        .accept_refer(world.now, refer.call, refer.handle);
    world.settle();
}

/// A call in talk and another that is asked about it.
fn asked() -> (World, (CallHandle, CallKey), (CallHandle, CallKey)) {
    let (mut world, leg, key) = World::talking();
    world.command(Command::Consult {
        call: key,
        number: "102".to_owned(),
    });
    let (other, asked) = (world.invite().call, world.call().key);
    world.accept_change(leg);
    world.accept(other, "server answers");
    assert_eq!(world.view(asked).consults_for, Some(key));
    (world, (leg, key), (other, asked))
}

#[test]
fn a_call_is_handed_over_to_a_number_and_ends_when_it_is_answered_there() {
    let (mut world, _, key) = World::talking();
    world.command(Command::Transfer {
        call: key,
        number: "1 0 2".to_owned(),
    });
    let refer_to = refer(&world).refer_to;
    assert_eq!(refer_to.target().to_string(), "sip:102@trubka.test");
    assert!(refer_to.replaces().is_none());
    agree(&mut world);
    assert_eq!(progress(&world, key), Some(TransferProgress::Trying));
    tell(&mut world, 180, "Ringing");
    assert_eq!(progress(&world, key), Some(TransferProgress::Ringing));
    assert_eq!(world.phase(), CallPhase::Talking);
    tell(&mut world, 200, "OK");
    assert!(matches!(world.phase(), CallPhase::Ended(end) if end.by_us && end.code == 200));
    assert!(matches!(
        progress(&world, key),
        Some(TransferProgress::Done { .. })
    ));
}

#[test]
fn a_transfer_nobody_takes_gives_the_call_back() {
    let (mut world, leg, key) = World::talking();
    world.command(Command::Transfer {
        call: key,
        number: "603".to_owned(),
    });
    agree(&mut world);
    tell(&mut world, 486, "Busy Here");
    let failed = TransferProgress::Failed {
        code: 486,
        reason: "Busy Here".to_owned(),
    };
    assert_eq!(progress(&world, key), Some(failed));
    assert_eq!(world.phase(), CallPhase::Talking);
    world.command(Command::Hold(key, true));
    world.accept_change(leg);
    assert!(world.view(key).held);
}

#[test]
fn a_transfer_that_is_refused_says_why() {
    let (mut world, _, key) = World::talking();
    world.command(Command::Transfer {
        call: key,
        number: "999".to_owned(),
    });
    let refer = refer(&world);
    world.server.respond(
        world.now,
        refer.handle,
        404,
        "No such number",
        Vec::new(),
        None,
    );
    world.settle();
    assert!(
        matches!(progress(&world, key), Some(TransferProgress::Failed { code: 404, reason }) if reason == "No such number")
    );
}

#[test]
fn a_call_is_handed_over_to_somebody_who_was_asked_first() {
    let (mut world, (leg, key), (other, asked)) = asked();
    world.command(Command::Connect {
        call: key,
        to: asked,
    });
    let refer = refer(&world);
    assert_eq!(refer.call, leg);
    let named = refer.refer_to.replaces().expect("Replaces");
    assert_eq!(
        world.server.dialog_named(&named),
        sip_core::Replaced::Call(other)
    );
    agree(&mut world);
    tell(&mut world, 200, "OK");
    for call in [key, asked] {
        assert!(matches!(world.view(call).phase, CallPhase::Ended(_)));
    }
}

#[test]
fn two_calls_become_one_of_three_and_the_second_card_goes() {
    let (mut world, (leg, key), (other, asked)) = asked();
    world.command(Command::Join {
        call: key,
        other: asked,
    });
    let named = refer(&world).refer_to.joins().expect("Join");
    assert_eq!(
        world.server.dialog_named(&named),
        sip_core::Replaced::Call(other)
    );
    agree(&mut world);
    tell(&mut world, 200, "OK");
    world.server.hang_up(world.now, other, None);
    world.settle();
    world.accept_change(leg);
    assert_eq!(world.state.calls.len(), 1);
    let call = world.view(key);
    assert!(!call.held && call.phase == CallPhase::Talking);
    assert_eq!(call.members[0].number, "102");
}

#[test]
fn the_second_card_goes_also_when_its_leg_ends_before_the_network_says_why() {
    let (mut world, (_, key), (other, asked)) = asked();
    world.command(Command::Join {
        call: key,
        other: asked,
    });
    agree(&mut world);
    world.server.hang_up(world.now, other, None);
    world.settle();
    assert_eq!(world.state.calls.len(), 1);
    tell(&mut world, 200, "OK");
    let numbers: Vec<_> = world
        .view(key)
        .members
        .iter()
        .map(|one| one.number.as_str())
        .collect();
    assert_eq!(numbers, ["102"]);
}

#[test]
fn calls_that_could_not_be_joined_are_two_still() {
    let (mut world, (_, key), (other, asked)) = asked();
    world.command(Command::Join {
        call: key,
        other: asked,
    });
    agree(&mut world);
    tell(&mut world, 488, "Not Acceptable Here");
    world.server.hang_up(world.now, other, None);
    world.settle();
    assert!(matches!(world.view(asked).phase, CallPhase::Ended(_)));
    assert!(world.view(key).members.is_empty());
}

#[test]
fn a_parked_call_goes_and_the_network_says_where_it_waits() {
    let (mut world, _, key) = World::talking();
    world.command(Command::Park(key));
    let target = refer(&world).refer_to.target().to_string();
    assert_eq!(target, "sip:park@trubka.test");
    agree(&mut world);
    tell(&mut world, 200, "Parked in 7");
    let transfer = world.view(key).transfer.clone().expect("parked");
    assert_eq!(transfer.kind, TransferKind::Park);
    let note = "Parked in 7".to_owned();
    assert_eq!(transfer.progress, TransferProgress::Done { note });
}
