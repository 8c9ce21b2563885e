//! Where mail enters: changes in stages, and zones that others keep.

use super::Spec;
use std::fmt::Write as _;

impl Spec {
    /// What a domain says of its entry beside `mx`.
    pub(super) fn entry(&mut self, item: &mut String) {
        if self.random.chance(15) {
            let now = match self.random.below(4) {
                0 => "[mx.elsewhere.test]".to_owned(),
                1 => {
                    let host = self.host();
                    format!("[{host}]")
                }
                _ => self.place().to_owned(),
            };
            let _ = write!(item, ", mx_now: {now}");
        }
        match self.random.below(20) {
            0 => item.push_str(", dns: none"),
            1 => item.push_str(", dns: external"),
            2 => item.push_str(", dns: external, records: {mx: []}"),
            3..=5 => {
                let mut records: Vec<String> = Vec::new();
                for _ in 0..=self.random.below(2) {
                    let host = self.host();
                    let preference = *self.random.pick(&[10, 10, 20]);
                    records.push(format!("\"{preference} {host}\""));
                }
                let _ = write!(
                    item,
                    ", dns: external, records: {{mx: [{}]}}",
                    records.join(", ")
                );
            }
            _ => {}
        }
    }

    /// A host that mail may enter at: one of ours, or of somebody else.
    fn host(&mut self) -> String {
        let at = self.random.below(self.places.len() + 1);
        match self.places.get(at) {
            Some(place) if place.is_tenant() => {
                let domain = self.domain().replace('.', "-");
                format!("{domain}.mail.protection.outlook.com")
            }
            Some(place) => format!("{}.hosts.test", place.name),
            None => "mx.elsewhere.test".to_owned(),
        }
    }
}
