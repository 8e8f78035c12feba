//! In which order what DNS named is tried. Pure.

/// A NAPTR record (RFC 3403), as far as RFC 3263 §4.1 needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Naptr {
    pub order: u16,
    pub preference: u16,
    pub flags: String,
    pub services: String,
    pub replacement: String,
}

/// An SRV record (RFC 2782); an empty target says that there is no such service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Srv {
    pub priority: u16,
    pub weight: u16,
    pub port: u16,
    pub target: String,
}

/// The names to ask SRV for, best first: RFC 3263 §4.1 has flag `s` only.
pub(super) fn replacements(mut records: Vec<Naptr>, service: &str) -> Vec<String> {
    records.retain(|record| {
        record.flags.eq_ignore_ascii_case("s")
            && record.services.eq_ignore_ascii_case(service)
            && !record.replacement.is_empty()
    });
    records.sort_by_key(|record| (record.order, record.preference));
    records
        .into_iter()
        .map(|record| record.replacement)
        .collect()
}

/// RFC 2782: the lowest priority first; within one, each next by a draw in which weights count.
/// `draw(n)` gives a number from 0 to `n`.
pub(super) fn by_weight(mut records: Vec<Srv>, mut draw: impl FnMut(u32) -> u32) -> Vec<Srv> {
    // Those without weight stand first, so that they have a small chance as well.
    records.sort_by_key(|record| (record.priority, record.weight));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(priority) = records.first().map(|record| record.priority) {
        let same = records.partition_point(|record| record.priority == priority);
        let total = records[..same].iter().map(|r| u32::from(r.weight)).sum();
        let drawn = draw(total);
        let mut sum = 0;
        let chosen = records[..same].iter().position(|record| {
            sum += u32::from(record.weight);
            sum >= drawn
        });
        ordered.push(records.remove(chosen.unwrap_or(0)));
    }
    ordered
}

/// From 0 to `most`.
pub(crate) fn random(most: u32) -> u32 {
    let mut bytes = [0; 8];
    // Without randomness the first is taken, which is allowed too.
    let _ = getrandom::fill(&mut bytes);
    let drawn = u64::from_le_bytes(bytes) % (u64::from(most) + 1);
    u32::try_from(drawn).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srv(priority: u16, weight: u16, target: &str) -> Srv {
        let target = target.to_owned();
        Srv {
            priority,
            weight,
            port: 5060,
            target,
        }
    }

    fn names(records: Vec<Srv>) -> Vec<String> {
        records.into_iter().map(|record| record.target).collect()
    }

    #[test]
    fn a_lower_priority_always_comes_first() {
        let records = vec![srv(20, 100, "c"), srv(10, 0, "a"), srv(10, 5, "b")];
        for drawn in 0..=5 {
            let order = names(by_weight(records.clone(), |most| drawn.min(most)));
            assert_eq!(order[2], "c");
        }
    }

    #[test]
    fn weights_are_chances() {
        let records = vec![srv(1, 1, "light"), srv(1, 9, "heavy")];
        let first = |drawn| names(by_weight(records.clone(), |_| drawn))[0].clone();
        let heavy = (0..=10).filter(|drawn| first(*drawn) == "heavy").count();
        assert_eq!(heavy, 9);
    }

    #[test]
    fn only_the_transport_that_was_asked_for_is_taken_from_naptr() {
        let naptr = |order, services: &str, replacement: &str| Naptr {
            order,
            preference: 0,
            flags: "s".to_owned(),
            services: services.to_owned(),
            replacement: replacement.to_owned(),
        };
        let records = vec![
            naptr(20, "SIP+D2U", "second"),
            naptr(1, "SIP+D2T", "other"),
            naptr(10, "sip+d2u", "first"),
        ];
        assert_eq!(replacements(records, "SIP+D2U"), ["first", "second"]);
    }
}
