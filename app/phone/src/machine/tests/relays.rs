//! Credentials for TURN servers: handed to the page, asked for anew in time.

use super::world::{World, config};
use crate::{Command, IceServer, PhoneConfig};

const HOUR: u64 = 3_600_000;

fn config_with(name: &str) -> PhoneConfig {
    PhoneConfig {
        ice_servers: vec![IceServer {
            urls: vec!["turns:turn.test:443?transport=tcp".to_owned()],
            username: name.to_owned(),
            credential: "secret".to_owned(),
        }],
        ice_secs: 2 * 3600,
        ..config("right")
    }
}

fn named(world: &World) -> Vec<&str> {
    let last = world.relays.last().expect("told");
    last.iter().map(|server| &*server.username).collect()
}

#[test]
fn the_page_has_them_before_it_registers_and_new_ones_are_asked_for_at_half_time() {
    let mut world = World::new();
    world.command(Command::Start(config_with("first")));
    assert_eq!(named(&world), ["first"]);
    world.advance(HOUR - 10_000);
    assert_eq!(world.credentials_asked, 0);
    world.advance(20_000);
    assert_eq!(world.credentials_asked, 1);
    let sockets = world.sockets_opened;
    world.command(Command::Start(config_with("second")));
    assert_eq!(named(&world), ["second"]);
    assert_eq!(world.sockets_opened, sockets, "nothing else is disturbed");
    world.advance(HOUR - 10_000);
    assert_eq!(world.credentials_asked, 1);
}

#[test]
fn they_are_asked_for_again_when_none_came() {
    let mut world = World::new();
    world.command(Command::Start(config_with("first")));
    world.advance(HOUR + 1_000);
    assert_eq!(world.credentials_asked, 1);
    world.advance(31_000);
    assert_eq!(world.credentials_asked, 2);
}

#[test]
fn without_relays_the_page_is_told_nothing_and_nothing_is_asked_for() {
    let mut world = World::ready();
    assert!(world.relays.is_empty());
    world.advance(100 * HOUR);
    assert_eq!(world.credentials_asked, 0);
}
