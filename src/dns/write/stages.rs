//! The zones on the way to a new entry: first today's MX records for a short time, then the new ones for a short time.
//!
//! Whoever publishes one stage after the other can go back within minutes, and loses no mail on the way.

use crate::dns::{RecordType, SetKey, Zone};

/// Seconds: short enough to go back soon, long enough for resolvers that refuse less.
const SHORT: u32 = 300;

/// The number of stages before the last, which is the zones as they are planned.
pub(crate) const BEFORE_THE_LAST: [u8; 2] = [1, 2];

/// Whether a zone changes an entry.
pub(crate) fn changes(zone: &Zone) -> bool {
    !zone.today.is_empty()
}

/// The zone as it is published in a stage before the last.
pub(crate) fn stage(zone: &Zone, number: u8) -> Zone {
    let mut staged = zone.clone();
    for (owner, today) in &zone.today {
        let key = SetKey {
            owner: owner.clone(),
            kind: RecordType::Mx,
        };
        let Some(set) = staged.sets.get_mut(&key) else {
            continue;
        };
        if number == 1 {
            set.clone_from(today);
        }
        set.ttl = set.ttl.min(SHORT);
    }
    // Secondaries take up a zone whose serial has grown; the last stage has that of the spec.
    if let Some(authority) = &mut staged.authority {
        authority.serial = authority.serial.saturating_sub(3 - u32::from(number));
    }
    staged
}
