//! Many entries for a table at once.

use crate::platforms::postfix::Key;
use std::collections::BTreeMap;

/// Adds entries for keys that the table does not have yet; of several for one key the first.
///
/// A list is put in order, and a table made of it, in far less time than its entries are inserted one by one, above all
/// where it is in order already. That is worth it only for a list that is not small beside the table.
pub(crate) fn fill<V>(table: &mut BTreeMap<Key, V>, entries: impl Iterator<Item = (Key, V)>) {
    let mut list: Vec<(Key, V)> = entries.collect();
    if list.len() < table.len() / 4 {
        for (key, value) in list {
            table.entry(key).or_insert(value);
        }
        return;
    }
    list.sort_by(|(a, _), (b, _)| a.cmp(b));
    list.dedup_by(|(later, _), (earlier, _)| later == earlier);
    let mut whole: BTreeMap<Key, V> = list.into_iter().collect();
    whole.append(table);
    *table = whole;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::postfix::fixture::address;

    #[test]
    fn what_is_there_stays_and_the_first_of_two_is_kept() {
        let key = |name: &str| Key::Address(address(&format!("{name}@example.com")));
        let list = |names: &[&str], value| -> Vec<(Key, u32)> {
            names.iter().map(|name| (key(name), value)).collect()
        };
        // A long list beside a short table, a short one beside a long table, and one beside none.
        for there in [
            &["b", "d"][..],
            &["a", "b", "d", "e", "f", "g", "h", "i"],
            &[],
        ] {
            for names in [&["c", "b", "a", "x"][..], &["b"], &["z"]] {
                let mut table: BTreeMap<Key, u32> = list(there, 0).into_iter().collect();
                let mut expected = table.clone();
                let entries = [list(names, 1), list(names, 2)].concat();
                for (key, value) in entries.clone() {
                    expected.entry(key).or_insert(value);
                }
                fill(&mut table, entries.into_iter());
                assert_eq!(table, expected);
            }
        }
    }
}
