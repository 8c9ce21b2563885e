//! Written routes, and rules that choose among them.

use super::Spec;
use super::lists::WORDS;
use std::fmt::Write as _;

impl Spec {
    pub(super) fn routes(&mut self) -> Vec<String> {
        let mut scoped = Vec::new();
        let count = match (self.explicit, self.random.chance(25)) {
            (true, _) => 1 + self.random.below(6),
            (false, true) => 1 + self.random.below(2),
            (false, false) => 0,
        };
        if count == 0 || self.places.len() < 2 {
            return scoped;
        }
        self.line("routes:");
        for at in 0..count {
            let from = self.place();
            let to = match self.random.below(12) {
                0 => "internet".to_owned(),
                1 if !self.partners.is_empty() => self.random.pick(&self.partners).clone(),
                _ => loop {
                    let to = self.place();
                    if to != from {
                        break to.to_owned();
                    }
                },
            };
            let mut item =
                format!("  - {{name: \"Route {at}\", from: {from}, to: {to}, recipients: ");
            if self.random.chance(15) {
                item.push_str("accepted-domains");
            } else {
                let mut patterns: Vec<String> = Vec::new();
                for _ in 0..=self.random.below(3) {
                    let pattern = match self.random.below(6) {
                        0 | 1 => "\"*\"".to_owned(),
                        2 => format!("\"*.{}\"", self.domain()),
                        _ => self.domain().to_owned(),
                    };
                    if !patterns.contains(&pattern) {
                        patterns.push(pattern);
                    }
                }
                let _ = write!(item, "[{}]", patterns.join(", "));
            }
            if self.random.chance(25) {
                let _ = write!(item, ", cost: {}", 1 + self.random.below(3));
            }
            if self.random.chance(12) {
                let level = *self
                    .random
                    .pick(&["none", "opportunistic", "encrypted", "verified"]);
                let _ = write!(item, ", tls: {level}");
            }
            if self.random.chance(6) {
                item.push_str(", enabled: false");
            }
            if self.random.chance(10) {
                let by = *self.random.pick(&["nothing", "addresses", "certificate"]);
                let _ = write!(item, ", accepted_by: {by}");
            }
            if self.random.chance(6) {
                item.push_str(", smart_hosts: mx");
            }
            let tenant = self.places.iter().any(|p| p.name == from && p.is_tenant());
            if tenant && self.random.chance(15) {
                item.push_str(", only_by_rule: true");
                scoped.push(format!("Route {at}"));
            }
            item.push('}');
            self.line(&item);
        }
        scoped
    }

    pub(super) fn rules(&mut self, scoped: &[String]) {
        let Some(tenant) = self.places.iter().find(|p| p.is_tenant()).map(|p| p.name) else {
            return;
        };
        if self.places.len() < 2
            || !self
                .random
                .chance(match (scoped.is_empty(), self.files.is_empty()) {
                    (true, true) => 8,
                    (true, false) => 25,
                    (false, _) => 90,
                })
        {
            return;
        }
        self.line("rules:");
        for at in 0..=self.random.below(2) {
            let route = match scoped.first() {
                Some(route) => format!("\"{route}\""),
                None => loop {
                    let to = self.place();
                    if to != tenant {
                        break to.to_owned();
                    }
                },
            };
            let when = match self.random.below(9) {
                6 => format!("recipient_city: [{}]", self.random.pick(&WORDS[..4])),
                7 => format!("recipient_department: [{}]", self.random.pick(&WORDS[4..])),
                0 => "from: outside".to_owned(),
                1 => "to: outside".to_owned(),
                2 => format!("sender_domain: [{}]", self.domain()),
                3 => format!("recipient: [ann@{}]", self.domain()),
                4 => "recipient_member_of: [staff]".to_owned(),
                _ => format!("recipient_domain: [\"*.{}\"]", self.domain()),
            };
            let mut item = format!(
                "  - {{name: \"Rule {at}\", at: {tenant}, when: {{{when}}}, route: {route}"
            );
            if self.random.chance(60) {
                item.push_str(", unless_header: {name: X-Routed, value: once, set: true}");
            }
            item.push('}');
            self.line(&item);
        }
    }
}
