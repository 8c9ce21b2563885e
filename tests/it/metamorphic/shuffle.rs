//! The same maps in another order.

use super::Change;
use super::corpus::Sample;
use super::random::Random;
use serde_yaml::{Mapping, Value};

pub(crate) fn shuffled(sample: &Sample, number: usize) -> Change {
    let mut random = Random::new(number as u64);
    let mut sample = sample.clone();
    for value in sample.documents.values_mut() {
        shuffle(value, &mut random);
    }
    Change::plain(sample)
}

fn shuffle(value: &mut Value, random: &mut Random) {
    match value {
        Value::Sequence(list) => list.iter_mut().for_each(|item| shuffle(item, random)),
        Value::Mapping(map) => {
            let mut pairs: Vec<(Value, Value)> = std::mem::take(map).into_iter().collect();
            for at in (1..pairs.len()).rev() {
                pairs.swap(at, random.below(at + 1));
            }
            for (_, value) in &mut pairs {
                shuffle(value, random);
            }
            *map = pairs.into_iter().collect::<Mapping>();
        }
        _ => {}
    }
}
