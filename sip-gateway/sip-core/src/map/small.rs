//! A sorted list with the part of `BTreeMap`'s methods that this crate uses. A browser has a
//! handful of calls, and the code of a tree is downloaded once for every type it is used with.

use std::{borrow::Borrow, ops::RangeFrom};

/// Entries in the order of their keys.
#[derive(Debug, Clone)]
pub struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> Map<K, V> {
    pub fn new() -> Self {
        Self::default()
    }

    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0
            .binary_search_by(|(known, _)| known.borrow().cmp(key))
    }

    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.0[place].1, value)),
            Err(place) => {
                self.0.insert(place, (key, value));
                None
            }
        }
    }

    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        Some(self.0.remove(place).1)
    }

    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|place| &self.0[place].1)
    }

    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|place| &mut self.0[place].1)
    }

    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.0.first().map(|(key, value)| (key, value))
    }

    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Entries from `keys.start` on.
    pub fn range(&self, keys: RangeFrom<K>) -> impl Iterator<Item = (&K, &V)> {
        let (Ok(start) | Err(start)) = self.place(&keys.start);
        self.0[start..].iter().map(|(key, value)| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::Map;

    proptest! {
        #[test]
        fn it_does_what_the_standard_map_does(steps in prop::collection::vec((0_u8..4, 0_u8..16), 0..200)) {
            let (mut small, mut standard) = (Map::new(), BTreeMap::new());
            for (at, (step, key)) in steps.into_iter().enumerate() {
                match step {
                    0 => prop_assert_eq!(small.remove(&key), standard.remove(&key)),
                    1 => prop_assert_eq!(small.pop_first(), standard.pop_first()),
                    _ => prop_assert_eq!(small.insert(key, at), standard.insert(key, at)),
                }
                small.values_mut().chain(standard.values_mut()).for_each(|value| *value += 1);
                prop_assert!(small.iter().eq(standard.iter()));
                prop_assert!(small.range(key..).eq(standard.range(key..)));
                prop_assert_eq!(small.get(&key), standard.get(&key));
                prop_assert_eq!(small.get_mut(&key), standard.get_mut(&key));
                prop_assert_eq!(small.contains_key(&key), standard.contains_key(&key));
                prop_assert_eq!(small.first_key_value(), standard.first_key_value());
                prop_assert_eq!(small.len(), standard.len());
            }
        }
    }
}
