//! Connecting, registering, losing the connection and coming back.

use super::world::{INSTANCE, World, config};
use crate::{CallPhase, Command, Connection, Trouble, machine::Input};

fn is_ready(world: &World) -> bool {
    matches!(world.state.connection, Connection::Ready { .. })
}

#[test]
fn the_phone_registers_with_digest_under_its_instance() {
    let world = World::ready();
    let register = world.register.as_ref().unwrap();
    assert_eq!(register.uri.to_string(), "sip:trubka.test");
    let contact = register.header("Contact").unwrap();
    assert!(
        contact.contains(&format!("+sip.instance=\"<urn:uuid:{INSTANCE}>\"")),
        "{contact}"
    );
    assert!(contact.contains(".invalid;transport=ws;ob>"), "{contact}");
    assert!(register.header("Via").unwrap().starts_with("SIP/2.0/WSS "));
    assert!(
        register
            .header("Authorization")
            .unwrap()
            .contains("username=\"browser-1\"")
    );
}

#[test]
fn a_wrong_password_asks_for_new_credentials_once_and_then_gives_up() {
    let mut world = World::new();
    world.command(Command::Start(config("wrong")));
    assert_eq!(
        (world.credentials_asked, &world.state.connection),
        (1, &Connection::Connecting)
    );
    world.command(Command::Start(config("wrong again")));
    assert_eq!(world.credentials_asked, 1);
    let refused = Connection::Refused {
        trouble: Trouble::WrongPassword,
    };
    assert_eq!(world.state.connection, refused);
    world.advance(60_000);
    assert_eq!(world.sockets_opened, 1);
    world.command(Command::Start(config("right")));
    assert!(is_ready(&world));
}

#[test]
fn expired_credentials_are_replaced_without_a_word() {
    let mut world = World::new();
    world.command(Command::Start(config("expired")));
    world.command(Command::Start(config("right")));
    assert!(is_ready(&world));
}

#[test]
fn a_registration_is_refreshed_before_it_ends() {
    let mut world = World::ready();
    world.register = None;
    world.advance(290_000);
    assert!(world.register.is_some() && is_ready(&world));
}

#[test]
fn a_lost_server_is_tried_again_about_every_second_until_it_is_back() {
    let mut world = World::ready();
    world.is_up = false;
    world.cut();
    assert!(matches!(
        world.state.connection,
        Connection::Lost {
            trouble: Trouble::NoServer,
            retry_in_secs: 0..=2
        }
    ));
    world.advance(60_000);
    assert!(
        (40..=62).contains(&world.sockets_opened),
        "{}",
        world.sockets_opened
    );
    world.is_up = true;
    world.advance(10_000);
    assert!(is_ready(&world));
}

#[test]
fn coming_back_on_line_tries_at_once() {
    let mut world = World::ready();
    world.is_up = false;
    world.feed(Input::Network(false));
    world.cut();
    let lost = |trouble: &Trouble| *trouble == Trouble::Offline;
    assert!(matches!(&world.state.connection, Connection::Lost { trouble, .. } if lost(trouble)));
    world.advance(60_000);
    world.is_up = true;
    world.feed(Input::Network(true));
    assert!(is_ready(&world));
}

#[test]
fn a_silent_socket_is_replaced_within_two_seconds_of_the_last_ping() {
    let mut world = World::ready();
    world.advance(3_000);
    world.pings = false;
    world.advance(1_900);
    assert_eq!(world.sockets_opened, 1);
    world.advance(200);
    assert_eq!(world.sockets_opened, 2);
    assert!(is_ready(&world));
}

#[test]
fn a_page_that_stood_still_looks_into_its_queue_before_it_gives_up() {
    let mut world = World::ready();
    world.advance(3_000);
    world.pings = false;
    world.now += 10_000;
    world.phone.handle_timeout(world.moment());
    world.settle();
    assert_eq!(world.sockets_opened, 1);
    world.pings = true;
    world.advance(10_000);
    assert_eq!(world.sockets_opened, 2);
}

#[test]
fn a_server_out_of_reach_is_tried_slowly_after_a_minute() {
    let mut world = World::ready();
    world.is_up = false;
    world.cut();
    world.advance(200_000);
    let before = world.sockets_opened;
    world.advance(60_000);
    assert!((5..=9).contains(&(world.sockets_opened - before)));
}

#[test]
fn a_server_that_never_pings_is_not_taken_for_dead() {
    let mut world = World::ready();
    world.pings = false;
    world.cut();
    world.advance(60_000);
    assert_eq!(world.sockets_opened, 2);
    assert!(is_ready(&world));
}

#[test]
fn a_page_that_wakes_up_gives_the_server_a_moment() {
    let mut world = World::ready();
    world.advance(2_000);
    world.feed(Input::Visible(false));
    world.now += 60_000;
    world.feed(Input::Visible(true));
    world.advance(10_000);
    assert_eq!(world.sockets_opened, 1);
}

#[test]
fn a_call_survives_the_loss_of_its_socket() {
    let (mut world, leg, _) = World::talking();
    world.cut();
    assert_eq!(world.phase(), CallPhase::Talking);
    world.advance(2_000);
    assert!(is_ready(&world));
    let flow = world.flow();
    world.server.move_call(world.now, leg, flow);
    world.server.hang_up(world.now, leg, None);
    world.settle();
    assert!(matches!(world.phase(), CallPhase::Ended(end) if !end.by_us && end.code == 200));
}

#[test]
fn the_phone_ends_a_call_over_its_new_socket() {
    let (mut world, _, key) = World::talking();
    world.cut();
    world.advance(2_000);
    world.command(Command::HangUp(key));
    assert_eq!(world.leg_end().map(|(_, code)| code), Some(200));
}

#[test]
fn stopping_says_goodbye_and_closes() {
    let (mut world, ..) = World::talking();
    world.command(Command::Stop);
    assert_eq!(world.register.as_ref().unwrap().expires(), Some(0));
    assert_eq!(world.state.connection, Connection::Off);
    assert!(matches!(world.phase(), CallPhase::Ended(_)));
    world.advance(60_000);
    assert_eq!(world.sockets_opened, 1);
}
