//! Durations, sizes and initials as people read them.

/// Milliseconds as `4:12` or `1:02:03`; a part of a second is dropped.
pub fn duration(ms: u64) -> String {
    let secs = ms / 1000;
    let (hours, minutes, seconds) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// Milliseconds from `since` to `now`; never negative, whatever the clocks say.
pub fn elapsed(since: i64, now: i64) -> u64 {
    u64::try_from(now.saturating_sub(since)).unwrap_or(0)
}

/// Octets in megabytes (or kilobytes below one), one digit after the point.
pub fn size(bytes: u64) -> (f64, SizeUnit) {
    let tenth = |unit: f64| ((bytes as f64 / unit) * 10.0).round() / 10.0;
    if bytes >= 1_000_000 {
        (tenth(1e6), SizeUnit::Megabytes)
    } else {
        (tenth(1e3), SizeUnit::Kilobytes)
    }
}

phrases! {
    /// Unit of a file's size.
    pub enum SizeUnit {
        /// 1,000 octets.
        Kilobytes => unit.kilobytes,
        /// 1,000,000 octets.
        Megabytes => unit.megabytes,
    }
}

/// Thousandths as a decimal fraction: `1320` is `1.320`. Without the machinery of floating point,
/// which nothing else in the app needs.
pub fn thousandths(value: u64) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}

/// A text with values in place of its `{names}`.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

/// At most two letters for an avatar (the style sheet makes them capitals); `None` when the name has no letters (a number).
pub fn initials(name: &str) -> Option<String> {
    let letters: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphabetic()))
        .take(2)
        .collect();
    (!letters.is_empty()).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_gain_hours_only_when_needed() {
        assert_eq!(duration(0), "0:00");
        assert_eq!(duration(252_999), "4:12");
        assert_eq!(duration(3_723_000), "1:02:03");
    }

    #[test]
    fn a_clock_that_runs_back_shows_zero() {
        assert_eq!(elapsed(10_000, 9_000), 0);
        assert_eq!(elapsed(9_000, 10_000), 1_000);
    }

    #[test]
    fn sizes_have_one_digit_after_the_point() {
        assert_eq!(size(1_834_000), (1.8, SizeUnit::Megabytes));
        assert_eq!(size(48_211), (48.2, SizeUnit::Kilobytes));
    }

    #[test]
    fn values_stand_in_place_of_names() {
        assert_eq!(
            fill("{host}, {ms} ms", &[("host", "localhost"), ("ms", "12")]),
            "localhost, 12 ms"
        );
    }

    #[test]
    fn initials_come_from_the_first_two_words_in_any_script() {
        assert_eq!(initials("Марина Соколова"), Some("МС".into()));
        assert_eq!(initials("«Лиговский»"), Some("Л".into()));
        assert_eq!(initials("+44 20 7946 0018"), None);
    }
}
