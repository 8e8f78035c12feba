//! An office for tests: four employees, a group, two lines.

use api_types::PhoneNumber;
use numbering::{Rewrites, defaults};
use uuid::Uuid;

use super::{Employee, Group, KnownLine, Office};

pub(super) const ANNA: Uuid = Uuid::from_u128(101);
pub(super) const BORIS: Uuid = Uuid::from_u128(102);
pub(super) const VERA: Uuid = Uuid::from_u128(103);
pub(super) const AWAY: Uuid = Uuid::from_u128(104);
pub(super) const SALES: Uuid = Uuid::from_u128(200);
pub(super) const MAIN: Uuid = Uuid::from_u128(301);
pub(super) const LONDON: Uuid = Uuid::from_u128(302);

pub(super) fn number(e164: &str) -> PhoneNumber {
    PhoneNumber {
        e164: e164.to_owned(),
        display: e164.to_owned(),
    }
}

fn line(id: Uuid, label: &str, number_: &str) -> KnownLine {
    KnownLine {
        id,
        label: label.to_owned(),
        number: number(number_),
        domain: "sip.example.com".to_owned(),
        default_outgoing: id == MAIN,
        emergency: id == MAIN,
        numbers: Vec::new(),
        rules: None,
        rewrites: Rewrites::default(),
        plan: None,
        tariffs: None,
    }
}

pub(super) fn office() -> Office {
    let mut office = Office::new(defaults("RU")).unwrap();
    let people = [
        (ANNA, "101", "Anna"),
        (BORIS, "102", "Boris"),
        (VERA, "105", "Vera"),
        (AWAY, "106", "Gleb"),
    ];
    office.employees = people
        .map(|(user, extension, name)| Employee {
            user,
            extension: extension.to_owned(),
            name: name.to_owned(),
            takes_calls: user != AWAY,
            ..Employee::default()
        })
        .into();
    office.groups = vec![Group {
        id: SALES,
        name: "Sales".to_owned(),
        members: vec![BORIS, AWAY, VERA],
        international: true,
    }];
    office.lines = vec![
        line(MAIN, "Main", "+74950000000"),
        line(LONDON, "London", "+442079460100"),
    ];
    office.order.failover = true;
    office
}
