//! Long lists: what is asked for, what is ticked, which rows stand on the screen.

use std::collections::{BTreeMap, BTreeSet};

use super::query::{pairs, query};

/// Filter, order and columns of a list, as they stand in its address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Text searched for.
    pub search: String,
    /// Key of the column; with `-` before it, backwards; empty: as the server likes.
    pub sort: String,
    /// Filters that are set.
    pub filters: BTreeMap<String, String>,
    /// Keys of the columns shown; empty: the usual ones.
    pub columns: Vec<String>,
}

impl ListQuery {
    /// From the query of an address; only the filters named in `known` are taken.
    pub fn read(text: &str, known: &[String]) -> Self {
        let mut read = Self::default();
        for (name, value) in pairs(text) {
            match name.as_str() {
                "q" => read.search = value,
                "sort" => read.sort = value,
                "columns" => read.columns = value.split(',').map(str::to_owned).collect(),
                _ if known.contains(&name) && !value.is_empty() => {
                    read.filters.insert(name, value);
                }
                _ => {}
            }
        }
        read
    }

    /// For an address, with `?`; empty when nothing is set.
    pub fn address(&self) -> String {
        let columns = self.columns.join(",");
        let mut parts = vec![
            ("q", self.search.as_str()),
            ("sort", &self.sort),
            ("columns", &columns),
        ];
        parts.extend(
            self.filters
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str())),
        );
        query(&parts)
    }

    /// For the server. `fixed` holds whatever the page never changes.
    pub fn request(&self, fixed: &[(String, String)], limit: u32, cursor: &str) -> String {
        let limit = limit.to_string();
        let mut parts: Vec<(&str, &str)> = fixed
            .iter()
            .filter(|(key, _)| !self.filters.contains_key(key))
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        parts.extend([("q", self.search.trim()), ("sort", self.sort.as_str())]);
        parts.extend(
            self.filters
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str())),
        );
        parts.extend([("limit", limit.as_str()), ("cursor", cursor)]);
        query(&parts)
    }

    /// Sorts by a column; the same again turns the order round.
    pub fn sort_by(&mut self, key: &str) {
        self.sort = if self.sort == key {
            format!("-{key}")
        } else {
            key.to_owned()
        };
    }

    /// Whether and how the list is sorted by a column, as ARIA says it.
    pub fn sorted(&self, key: &str) -> Option<&'static str> {
        match self.sort.strip_prefix('-') {
            Some(down) if down == key => Some("descending"),
            None if self.sort == key => Some("ascending"),
            _ => None,
        }
    }

    /// Sets a filter; empty takes it away.
    pub fn set(&mut self, key: &str, value: String) {
        if value.is_empty() {
            self.filters.remove(key);
        } else {
            self.filters.insert(key.to_owned(), value);
        }
    }

    /// Whether the list shows less than there is.
    pub fn is_narrowed(&self) -> bool {
        !self.search.trim().is_empty() || !self.filters.is_empty()
    }
}

/// What `when` means for the server: late, today, later, without a day, done; a moment and the midnight after it.
pub fn time_filter(when: &str, now: i64, tonight: i64) -> Vec<(String, String)> {
    let pairs: Vec<(&str, String)> = match when {
        "late" => vec![("open", "true".into()), ("due_to", now.to_string())],
        "today" => vec![("open", "true".into()), ("due_to", tonight.to_string())],
        "later" => vec![("open", "true".into()), ("due_from", tonight.to_string())],
        "done" => vec![("open", "false".into()), ("sort", "-updated".into())],
        _ => Vec::new(),
    };
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// What is ticked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Ids, unless all are meant.
    pub ids: BTreeSet<String>,
    /// Everything the filter finds.
    pub all: bool,
}

impl Selection {
    /// Whether a row is ticked.
    pub fn has(&self, id: &str) -> bool {
        self.all || self.ids.contains(id)
    }

    /// Ticks a row or not. From "all", `loaded` stays ticked but for this one.
    pub fn toggle(&mut self, id: &str, loaded: impl Iterator<Item = String>) {
        if self.all {
            self.all = false;
            self.ids = loaded.collect();
        }
        if !self.ids.remove(id) {
            self.ids.insert(id.to_owned());
        }
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        !self.all && self.ids.is_empty()
    }

    /// How many, where `total` is how many the filter finds.
    pub fn count(&self, total: u64) -> u64 {
        if self.all {
            total
        } else {
            self.ids.len() as u64
        }
    }
}

/// The rows to be made: first and one past the last, some more than are seen. Pixels.
pub fn window(scrolled: f64, height: f64, row: f64, count: usize) -> (usize, usize) {
    const MORE: usize = 10;
    let seen = (height.max(row) / row).ceil() as usize + 1;
    let first = ((scrolled.max(0.0) / row) as usize).min(count.saturating_sub(seen));
    (first.saturating_sub(MORE), (first + seen + MORE).min(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_found_again_by_its_address() {
        let mut list = ListQuery {
            search: "Ann & Co".into(),
            columns: vec!["name".into(), "tags".into()],
            ..ListQuery::default()
        };
        list.set("status", "new".into());
        list.set("tag", String::new());
        list.sort_by("name");
        list.sort_by("name");
        let known = ["status".to_owned()];
        assert_eq!(ListQuery::read(&list.address(), &known), list);
        assert_eq!(list.sorted("name"), Some("descending"));
        assert_eq!(ListQuery::read("?status=x&open=1", &known).filters.len(), 1);
        assert_eq!(ListQuery::default().address(), "");
    }

    #[test]
    fn what_a_page_fixes_gives_way_to_a_filter() {
        let mut list = ListQuery::default();
        let fixed = [
            ("open".to_owned(), "true".to_owned()),
            ("kind".to_owned(), "task".to_owned()),
        ];
        assert_eq!(
            list.request(&fixed, 50, ""),
            "?open=true&kind=task&limit=50"
        );
        list.set("open", "false".into());
        assert_eq!(
            list.request(&fixed, 50, "c"),
            "?kind=task&open=false&limit=50&cursor=c"
        );
    }

    #[test]
    fn today_holds_what_is_late_too() {
        let keys = |when: &str| {
            time_filter(when, 5, 9)
                .into_iter()
                .map(|(_, value)| value)
                .collect::<Vec<_>>()
        };
        assert_eq!(keys("today"), ["true", "9"]);
        assert_eq!(keys("late"), ["true", "5"]);
        assert_eq!(keys("later"), ["true", "9"]);
        assert!(keys("").is_empty());
    }

    #[test]
    fn a_tick_taken_from_all_leaves_the_rest() {
        let mut chosen = Selection {
            all: true,
            ..Selection::default()
        };
        assert_eq!(chosen.count(1_000_000), 1_000_000);
        chosen.toggle("b", ["a", "b", "c"].map(str::to_owned).into_iter());
        assert!(!chosen.all && chosen.has("a") && !chosen.has("b"));
        chosen.toggle("b", std::iter::empty());
        assert_eq!(chosen.count(9), 3);
    }

    #[test]
    fn only_rows_near_the_screen_are_made() {
        assert_eq!(window(0.0, 400.0, 40.0, 5), (0, 5));
        assert_eq!(window(40_000.0, 400.0, 40.0, 100_000), (990, 1021));
        assert_eq!(window(9e9, 400.0, 40.0, 100), (79, 100));
        assert_eq!(window(0.0, 0.0, 40.0, 0), (0, 0));
    }
}
