//! Prices: the longest prefix counts, and lines are compared within one currency.

use api_types::Tariff;

/// The price of a number.
#[must_use]
pub fn price_of<'a>(rows: &'a [Tariff], e164: &str) -> Option<&'a Tariff> {
    let fitting = rows.iter().filter(|row| e164.starts_with(&row.prefix));
    fitting.max_by_key(|row| row.prefix.len())
}

/// Puts the cheaper lines first. Those without a price, or in another currency than the first
/// line with one, keep their places at the end. `lines`: id, currency, price.
#[must_use]
pub fn cheapest<T: Clone>(lines: &[(T, Option<(&str, i64)>)]) -> Vec<T> {
    let currency = lines.iter().find_map(|(_, price)| price.map(|(c, _)| c));
    let comparable = |price: &Option<(&str, i64)>| {
        price
            .filter(|(c, _)| Some(*c) == currency)
            .map(|(_, micros)| micros)
    };
    let mut sorted: Vec<_> = lines.to_vec();
    // Stable: equal prices keep the order people chose.
    sorted.sort_by_key(|(_, price)| comparable(price).unwrap_or(i64::MAX));
    sorted.into_iter().map(|(line, _)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_has_the_price() {
        let row = |prefix: &str, minute_micros| Tariff {
            prefix: prefix.to_owned(),
            label: String::new(),
            minute_micros,
            call_micros: 0,
            round_secs: 60,
        };
        let rows = [row("+", 9), row("+7", 2), row("+7495", 1), row("+44", 5)];
        for (number, price) in [("+74951234567", 1), ("+78121234567", 2), ("+19", 9)] {
            assert_eq!(price_of(&rows, number).unwrap().minute_micros, price);
        }
        assert_eq!(price_of(&rows[1..], "600"), None);
    }

    #[test]
    fn cheaper_lines_go_first_within_one_currency() {
        let lines = [
            ("a", None),
            ("b", Some(("RUB", 30))),
            ("c", Some(("USD", 1))),
            ("d", Some(("RUB", 20))),
        ];
        assert_eq!(cheapest(&lines), ["d", "b", "a", "c"]);
    }
}
