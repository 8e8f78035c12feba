//! Search over everything as one types: candidates by the index, the best of them picked here.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    ContactRow, Store, StoreError,
    entity::{call, contact, item},
    finding,
    search_text::{self, Terms},
};

/// Rows taken from an index to choose from.
const CANDIDATES: u64 = 200;
/// Letters a word must have to be forgiven a wrong one.
const FORGIVEN: usize = 4;

impl Store {
    /// Persons and companies found by words in any order, with a letter wrong where nothing else fits; by
    /// any part of a number. At most `limit` of each, best first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_contacts(
        &self,
        query: &str,
        limit: usize,
    ) -> Result<(Vec<ContactRow>, Vec<ContactRow>), StoreError> {
        let folded = search_text::fold(query);
        if folded.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let mut found = Candidates::default();
        let terms = search_text::terms(query);
        let (persons, companies, others) = tokio::try_join!(
            self.names_that_begin("person", &folded, limit),
            self.names_that_begin("company", &folded, limit),
            async {
                match terms.long.is_empty() {
                    true => Ok(Vec::new()),
                    false => self.contact_candidates(&terms).await,
                }
            },
        )?;
        found.add(persons, 0);
        found.add(companies, 0);
        found.add(others, 1);
        if found.rows.len() < limit {
            for terms in forgiving(&terms) {
                let rows = self.contact_candidates(&terms).await?;
                let near = rows
                    .into_iter()
                    .filter(|row| is_near(&folded, &row.search_text));
                found.add(near.collect(), 3);
            }
        }
        let (persons, companies) = found.best(&folded, limit);
        Ok((
            self.with_phones(persons).await?,
            self.with_phones(companies).await?,
        ))
    }

    /// Items with all words, or with this number; those still open first, then the newest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_items(
        &self,
        query: &str,
        limit: usize,
    ) -> Result<Vec<item::Model>, StoreError> {
        let terms = search_text::terms(query);
        let number = query
            .trim()
            .trim_start_matches(['#', '№'])
            .parse::<i64>()
            .ok();
        let mut rows = Vec::new();
        if let Some(number) = number {
            let one = item::Entity::find().filter(item::Column::Seq.eq(number));
            rows.extend(one.all(&self.readers).await?);
        }
        if !terms.long.is_empty() {
            rows.extend(self.item_candidates(&terms).await?);
        }
        if rows.is_empty() {
            let folded = search_text::fold(query);
            for terms in forgiving(&terms) {
                let near = self.item_candidates(&terms).await?;
                rows.extend(
                    near.into_iter()
                        .filter(|row| is_near(&folded, &row.search_text)),
                );
            }
        }
        let mut seen = HashSet::new();
        rows.retain(|row| row.deleted_at.is_none() && seen.insert(row.id));
        rows.sort_by_key(|row| (Some(row.seq) != number, !row.is_open, -row.seq));
        rows.truncate(limit);
        Ok(rows)
    }

    /// Numbers there were calls with that begin with these digits, in any spelling.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn numbers_like(&self, digits: &str, limit: u64) -> Result<Vec<String>, StoreError> {
        let terms = search_text::terms(digits);
        let mut numbers = Vec::new();
        for begin in terms.long.into_iter().flatten() {
            for begin in [format!("+{begin}"), begin] {
                let select = call::Entity::find()
                    .select_only()
                    .column(call::Column::NumberE164)
                    .distinct()
                    .filter(call::Column::NumberE164.gte(&begin))
                    .filter(call::Column::NumberE164.lt(format!("{begin}:")))
                    .limit(limit);
                let found: Vec<Option<String>> = select.into_tuple().all(&self.readers).await?;
                numbers.extend(found.into_iter().flatten());
            }
        }
        Ok(numbers)
    }

    async fn names_that_begin(
        &self,
        kind: &str,
        folded: &str,
        limit: usize,
    ) -> Result<Vec<contact::Model>, StoreError> {
        let select = contact::Entity::find()
            .filter(contact::Column::Kind.eq(kind))
            .filter(contact::Column::NameFolded.gte(folded))
            .filter(contact::Column::NameFolded.lt(format!("{folded}\u{10FFFF}")))
            .filter(contact::Column::DeletedAt.is_null())
            .order_by_asc(contact::Column::NameFolded)
            .order_by_asc(contact::Column::Id)
            .limit(limit as u64);
        Ok(select.all(&self.readers).await?)
    }

    async fn contact_candidates(&self, terms: &Terms) -> Result<Vec<contact::Model>, StoreError> {
        let mut condition = finding::some_contacts(self.backend(), terms, CANDIDATES);
        for short in &terms.short {
            let holds = finding::holds(self.backend(), contact::Column::SearchText, short);
            condition = condition.add(holds);
        }
        let select = contact::Entity::find()
            .filter(condition)
            .filter(contact::Column::DeletedAt.is_null())
            .limit(CANDIDATES);
        Ok(select.all(&self.readers).await?)
    }

    async fn item_candidates(&self, terms: &Terms) -> Result<Vec<item::Model>, StoreError> {
        let mut condition: Condition = finding::some_items(self.backend(), terms, CANDIDATES);
        for short in &terms.short {
            condition = condition.add(finding::holds(
                self.backend(),
                item::Column::SearchText,
                short,
            ));
        }
        let select = item::Entity::find()
            .filter(condition)
            .filter(item::Column::DeletedAt.is_null())
            .limit(CANDIDATES);
        Ok(select.all(&self.readers).await?)
    }
}

#[derive(Default)]
struct Candidates {
    rows: Vec<(u8, contact::Model)>,
    seen: HashSet<Uuid>,
}

impl Candidates {
    /// The first rank a row comes with counts.
    fn add(&mut self, rows: Vec<contact::Model>, rank: u8) {
        for row in rows {
            if self.seen.insert(row.id) {
                self.rows.push((rank, row));
            }
        }
    }

    /// Names that begin with the search, then those of which words do, then the others.
    fn best(mut self, folded: &str, limit: usize) -> (Vec<contact::Model>, Vec<contact::Model>) {
        for (rank, row) in &mut self.rows {
            if *rank == 1 && !words_begin(folded, &row.name_folded) {
                *rank = 2;
            }
        }
        self.rows
            .sort_by(|(a, left), (b, right)| (a, &left.name_folded).cmp(&(b, &right.name_folded)));
        let rows = self.rows.into_iter().map(|(_, row)| row);
        let (mut companies, mut persons): (Vec<_>, Vec<_>) =
            rows.partition(|row| row.kind == "company");
        companies.truncate(limit);
        persons.truncate(limit);
        (persons, companies)
    }
}

/// Each word of the search begins a word of the name.
fn words_begin(folded: &str, name: &str) -> bool {
    let mut words = folded.split(' ');
    words.all(|word| name.split(' ').any(|known| known.starts_with(word)))
}

/// The same search with one word cut in two, of which a wrong letter leaves at least one half as it is:
/// for each word that is long enough, one for each half.
fn forgiving(terms: &Terms) -> Vec<Terms> {
    let mut all = Vec::new();
    for (at, spellings) in terms.long.iter().enumerate() {
        let Some(word) = spellings
            .first()
            .filter(|word| word.chars().any(char::is_alphabetic))
        else {
            continue;
        };
        for half in halves(word) {
            let mut long = terms.long.clone();
            long[at] = vec![half];
            let short = terms.short.clone();
            all.push(Terms { long, short });
        }
    }
    // A long search is right or wrong in its first words.
    all.truncate(6);
    all
}

/// Both halves of a word; of a short one they overlap, for the index holds no less than three letters.
fn halves(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < FORGIVEN {
        return Vec::new();
    }
    let half = (letters.len() / 2).max(3);
    let rest = (letters.len() - letters.len() / 2).max(3);
    let text = |letters: &[char]| letters.iter().collect();
    vec![
        text(&letters[..half]),
        text(&letters[letters.len() - rest..]),
    ]
}

/// Every word of the search occurs, or begins one that does but for a letter.
fn is_near(folded: &str, text: &str) -> bool {
    let mut words = folded.split(' ').filter(|word| !word.is_empty());
    words.all(|word| {
        let letters: Vec<char> = word.chars().collect();
        text.contains(word)
            || (letters.len() >= FORGIVEN
                && text
                    .split(' ')
                    .any(|known| is_within_one(&letters, &known.chars().collect::<Vec<_>>())))
    })
}

/// One letter more, less, another, or two swapped; what is typed may be the beginning of the word.
fn is_within_one(typed: &[char], known: &[char]) -> bool {
    let same = typed.iter().zip(known).take_while(|(a, b)| a == b).count();
    let (typed, known) = (&typed[same..], &known[same..]);
    let begins = |typed: &[char], known: &[char]| known.starts_with(typed);
    match (typed, known) {
        ([], _) => true,
        ([_, typed @ ..], known) if begins(typed, known) => true,
        (typed, [_, known @ ..]) if begins(typed, known) => true,
        ([a, b, typed @ ..], [c, d, known @ ..]) if a == d && b == c && begins(typed, known) => {
            true
        }
        ([_, typed @ ..], [_, known @ ..]) => begins(typed, known),
        (_, []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_may_be_wrong_in_any_way() {
        let near = |typed: &str, known: &str| {
            is_within_one(
                &typed.chars().collect::<Vec<_>>(),
                &known.chars().collect::<Vec<_>>(),
            )
        };
        for (typed, known, expected) in [
            ("соколова", "соколова", true),
            ("сокалова", "соколова", true),
            ("соклова", "соколова", true),
            ("соколлова", "соколова", true),
            ("соколоав", "соколова", true),
            ("сокал", "соколова", true),
            ("саколава", "соколова", false),
            ("marlwo", "marlow", true),
            ("xarlow", "marlow", true),
            ("marlows", "marlow", true),
            ("anna", "ivan", false),
        ] {
            assert_eq!(near(typed, known), expected, "{typed} {known}");
        }
        assert!(is_near("марна сок", "марина соколова 74951234567"));
        assert!(!is_near("мрн", "марина"));
    }

    #[test]
    fn a_word_is_cut_so_that_one_half_stays_right() {
        assert_eq!(halves("соколова"), ["соко", "лова"]);
        assert_eq!(halves("марин"), ["мар", "рин"]);
        assert_eq!(halves("анна"), ["анн", "нна"]);
        assert!(halves("ива").is_empty());
    }
}
