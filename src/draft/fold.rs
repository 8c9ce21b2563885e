//! A draft made shorter: what the language gives by itself is not written.
//!
//! Every step is only a proposal. Whether a shorter draft still means the same is asked of a judge, who compiles it, so that
//! a step that is wrong costs a question and nothing else.

use crate::draft::join::pair;
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Item, Pairs};
use crate::values::Name;
use std::collections::BTreeMap;

/// Who compiles drafts.
pub(crate) struct Judge<'j> {
    /// How many values of what is written are others than in the first draft; none where a draft is not understood.
    pub(crate) differing: &'j dyn Fn(&Draft) -> Option<usize>,
    /// Whether all mail of the first draft goes the same way in the second.
    pub(crate) is_same_mail: &'j dyn Fn(&Draft, &Draft) -> bool,
}

impl Judge<'_> {
    fn is_equal(&self, draft: &Draft) -> bool {
        (self.differing)(draft) == Some(0)
    }
}

impl Draft {
    /// So many connectors the draft has.
    pub(crate) fn size(&self) -> usize {
        self.routes.len()
    }

    /// The draft without what the language gives by itself.
    pub(crate) fn folded(mut self, judge: &Judge<'_>) -> Self {
        self.name_parties(judge);
        // Whether a step changes where mail goes is seen only when all are done: each alone is too much to follow.
        let keep = |before: Self, after: Self| {
            if (judge.is_same_mail)(&before, &after) {
                after
            } else {
                before
            }
        };
        let derived = self.derived(judge).unwrap_or_else(|| self.clone());
        let folded = keep(self, derived);
        let mut short = folded.clone();
        short.drop_routes(judge, Some(0));
        short.drop_keys(judge);
        keep(folded, short)
    }

    /// Calls those who are not imported by what their connectors call them, so that `cloud to bank` and `bank to cloud` are of
    /// one partner, and routes to them get the names that they have.
    fn name_parties(&mut self, judge: &Judge<'_>) {
        for (name, objects) in self.made_of.clone() {
            let wanted = objects.first().and_then(|(location, _, existing)| {
                let bare = existing
                    .rsplit_once('\\')
                    .map_or(&**existing, |(_, name)| name);
                let forms = [
                    (format!("{location} to "), String::new()),
                    (format!("{location} from "), String::new()),
                    (String::new(), format!(" to {location}")),
                ];
                let rest = forms
                    .iter()
                    .find_map(|(before, after)| bare.strip_prefix(before)?.strip_suffix(after))?;
                (rest != name && Name::parse(rest).is_ok()).then(|| rest.to_owned())
            });
            let Some(wanted) = wanted else {
                continue;
            };
            if let Some(draft) = self.renamed(&name, &wanted)
                && judge.is_equal(&draft)
            {
                *self = draft;
            }
        }
    }

    /// The draft with another name for a party. One that has the name already is the same, where nothing speaks against it.
    fn renamed(&self, from: &str, to: &str) -> Option<Self> {
        let mut draft = self.clone();
        let sections = [
            &mut draft.locations,
            &mut draft.partners,
            &mut draft.devices,
        ];
        let mut is_done = false;
        for section in sections {
            let is_other = section.contains_key(to);
            match section.remove(from) {
                Some(own) => {
                    let both = match section.remove(to) {
                        Some(other) => joined(&other, &own)?,
                        None => own,
                    };
                    section.insert(to.to_owned(), both);
                    is_done = true;
                }
                // It is something else.
                None if is_other => return None,
                None => {}
            }
        }
        let made_of = draft.made_of.remove(from).unwrap_or_default();
        draft
            .made_of
            .entry(to.to_owned())
            .or_default()
            .extend(made_of);
        let (old, new) = (quoted(from), quoted(to));
        let maps = [
            &mut draft.locations,
            &mut draft.partners,
            &mut draft.devices,
            &mut draft.domains,
        ];
        let values = maps.into_iter().flat_map(BTreeMap::values_mut).flatten();
        let items = draft.routes.iter_mut().chain(&mut draft.rules);
        let values = values.chain(items.flat_map(|item| &mut item.keys));
        for (_, value) in values.filter(|(key, _)| PARTIES.contains(&key.as_str())) {
            *value = replaced(value, &old, &new);
        }
        for item in &mut draft.routes {
            for (location, derived, _) in &mut item.names {
                if *derived == format!("{location} from {from}") {
                    *derived = format!("{location} from {to}");
                }
            }
            item.names
                .retain(|(_, derived, existing)| derived != existing);
        }
        for line in &mut draft.assumed {
            *line = line.replace(&format!("`{from}`"), &format!("`{to}`"));
        }
        is_done.then_some(draft)
    }

    /// The draft with derived routes, and only those written that are not derived; nothing where some routes would be derived
    /// that do not exist.
    fn derived(&self, judge: &Judge<'_>) -> Option<Self> {
        let mut draft = self.clone();
        draft.derives = true;
        let now = (judge.differing)(&draft);
        let left = draft.drop_routes(judge, now);
        (left == Some(0)).then_some(draft)
    }

    /// Drops routes one after the other while no more differs than `left`; gives what differs in the end.
    fn drop_routes(&mut self, judge: &Judge<'_>, mut left: Option<usize>) -> Option<usize> {
        loop {
            let before = self.routes.len();
            let mut at = 0;
            while at < self.routes.len() {
                let mut shorter = self.without(at).into_iter();
                let fits = shorter.find_map(|draft| {
                    let differing = (judge.differing)(&draft)?;
                    left.is_none_or(|left| differing <= left)
                        .then_some((draft, differing))
                });
                match fits {
                    Some((draft, differing)) => {
                        *self = draft;
                        left = Some(differing);
                    }
                    None => at += 1,
                }
            }
            // What one leaves behind may be what another needed.
            if self.routes.len() == before || left == Some(0) && !self.derives {
                return left;
            }
        }
    }

    /// The draft without a route, in every way in which something else could say the same.
    fn without(&self, at: usize) -> Vec<Self> {
        let mut draft = self.clone();
        let mut item = draft.routes.remove(at);
        let (from, to) = (word(&item, "from"), word(&item, "to"));
        let name = word(&item, "name");
        let is_by_rule = word(&item, "only_by_rule") == "true";
        for rule in draft.rules.iter_mut().flat_map(|rule| &mut rule.keys) {
            if rule.0 == "route" && rule.1 == quoted(&name) {
                rule.1 = quoted(&to);
            }
        }
        // An object keeps its name, whatever a derived route would call it.
        let mut derived = format!("{from} to {to}");
        if is_by_rule {
            derived.push_str(" by rule");
        }
        for (location, given, _) in &mut item.names {
            if *location == from && *given == name {
                given.clone_from(&derived);
            } else if *location == to && *given == name {
                *given = format!("{to} from {from}");
            }
        }
        let is_named = item.names.iter().any(|(location, ..)| *location == from);
        let in_tenant = item
            .objects
            .iter()
            .any(|(_, kind, _)| kind == "InboundConnector");
        let sends = self.locations.contains_key(&from)
            && item.objects.iter().any(|(location, ..)| *location == from);
        if sends && !is_named && derived != name {
            item.names.push((from.clone(), derived, name.clone()));
        } else if !self.locations.contains_key(&from) && in_tenant && item.names.is_empty() {
            item.names
                .push((to.clone(), format!("{to} from {from}"), name));
        }
        item.names
            .retain(|(_, derived, existing)| derived != existing);
        let keys = item.keys.clone();
        draft.folded.push(item);
        let mut all = vec![draft.clone()];
        let value = |key: &str| keys.iter().find(|(name, _)| name == key).map(|at| &at.1);
        if value("recipients").is_some_and(|it| it == "[\"*\"]")
            && let Some(place) = draft.locations.get(&from)
            && !place.iter().any(|(key, _)| key == "sends")
        {
            let mut via = draft.clone();
            let sends = mapping(&[pair("via", quoted(&to))]);
            via.put(&from, pair("sends", sends));
            all.push(via);
        }
        let (partner, place, way) = if draft.partners.contains_key(&to) {
            (&to, &from, "outbound")
        } else if draft.partners.contains_key(&from) {
            (&from, &to, "inbound")
        } else {
            return all;
        };
        // What takes mail of one certificate alone says no more than that it wants TLS.
        let levels = value("tls").map(String::as_str).into_iter();
        for level in levels.chain((way == "inbound").then_some("verified")) {
            let mut terms = draft.clone();
            terms.agree(partner, way, level);
            if let Some(hosts) = value("smart_hosts").filter(|it| way == "outbound" && *it != "mx")
            {
                terms.put(partner, pair("hosts", hosts.clone()));
            }
            all.push(terms.clone());
            let mut via = terms.via(partner);
            if !via.contains(place) {
                via.push(place.clone());
            }
            via.sort();
            terms.put(partner, pair("via", list(&via)));
            all.push(terms);
        }
        all
    }

    /// Sets a key of a party.
    fn put(&mut self, party: &str, (key, value): (String, String)) {
        let sections = [&mut self.locations, &mut self.partners];
        for keys in sections
            .into_iter()
            .filter_map(|section| section.get_mut(party))
        {
            match keys.iter_mut().find(|(name, _)| *name == key) {
                Some(known) => known.1.clone_from(&value),
                None => keys.push((key.clone(), value.clone())),
            }
        }
    }

    fn value(&self, partner: &str, key: &str) -> Option<&str> {
        let mut keys = self.partners.get(partner)?.iter();
        keys.find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// The locations that talk to a partner, as far as they are written.
    fn via(&self, partner: &str) -> Vec<String> {
        items(self.value(partner, "via").unwrap_or_default())
    }

    /// Sets the TLS level of one direction.
    fn agree(&mut self, partner: &str, way: &str, level: &str) {
        let now = self.value(partner, "tls").unwrap_or_default();
        let mut levels: BTreeMap<&str, &str> = BTreeMap::new();
        let inside = now.trim_start_matches('{').trim_end_matches('}');
        for part in inside.split(", ").filter(|part| !part.is_empty()) {
            match part.split_once(": ") {
                Some((way, level)) => {
                    levels.insert(way, level);
                }
                // One level for both.
                None => {
                    levels.extend([("inbound", part), ("outbound", part)]);
                }
            }
        }
        levels.insert(way, level);
        let is_same = levels.len() == 2 && levels.get("inbound") == levels.get("outbound");
        let value = if is_same {
            level.to_owned()
        } else {
            let levels = levels.into_iter();
            let levels: Pairs = levels.map(|(way, level)| pair(way, level)).collect();
            mapping(&levels)
        };
        self.put(partner, pair("tls", value));
    }

    /// Drops keys of routes, and lists of accepted domains, that say what would be so without them.
    fn drop_keys(&mut self, judge: &Judge<'_>) {
        for at in 0..self.routes.len() {
            let keys = self.routes.get(at).map_or(&[][..], |item| &item.keys);
            for key in keys.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>() {
                self.try_with(judge, |draft| {
                    let item = draft.routes.get_mut(at)?;
                    (!ENDS.contains(&key.as_str()))
                        .then(|| item.keys.retain(|(name, _)| *name != key))
                });
            }
        }
        for location in self.locations.keys().cloned().collect::<Vec<_>>() {
            let keys = self.locations.get(&location).into_iter().flatten();
            let Some((_, accepts)) = keys.clone().find(|(key, _)| key == "accepts") else {
                continue;
            };
            let mut more = items(accepts);
            let with = |draft: &mut Self, more: &[String]| {
                let keys = draft.locations.get_mut(&location)?;
                keys.retain(|(key, _)| key != "accepts" && key != "also_accepts");
                if !more.is_empty() {
                    keys.push(pair("also_accepts", format!("[{}]", more.join(", "))));
                }
                Some(())
            };
            if self.try_with(judge, |draft| with(draft, &[]))
                || !self.try_with(judge, |draft| with(draft, &more))
            {
                continue;
            }
            let mut at = 0;
            while at < more.len() {
                let mut fewer = more.clone();
                fewer.remove(at);
                if self.try_with(judge, |draft| with(draft, &fewer)) {
                    more = fewer;
                } else {
                    at += 1;
                }
            }
        }
    }

    /// Does something to the draft if that changes nothing that is written.
    fn try_with(
        &mut self,
        judge: &Judge<'_>,
        change: impl FnOnce(&mut Self) -> Option<()>,
    ) -> bool {
        let mut draft = self.clone();
        let is_equal = change(&mut draft).is_some() && judge.is_equal(&draft);
        if is_equal {
            *self = draft;
        }
        is_equal
    }
}

/// What every route says.
const ENDS: [&str; 3] = ["name", "from", "to"];

/// Keys whose values name locations, partners and devices.
const PARTIES: [&str; 8] = [
    "accept_only_from",
    "from",
    "mailboxes",
    "mx",
    "route",
    "sends",
    "to",
    "via",
];

/// Whether the values of a key name locations, partners and devices.
pub(crate) fn names_parties(key: &str) -> bool {
    PARTIES.contains(&key)
}

/// Whether a word stands alone in a value.
pub(crate) fn mentions(value: &str, word: &str) -> bool {
    value.split(MARKS).any(|part| part == word)
}

/// The text of a key of a route.
fn word(item: &Item, key: &str) -> String {
    let mut keys = item.keys.iter();
    let text = keys.find(|(name, _)| name == key).map_or("", |at| &at.1);
    serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
}

/// The items of a list as they are written.
pub(crate) fn items(list: &str) -> Vec<String> {
    let inside = list.trim_start_matches('[').trim_end_matches(']');
    let mut items: Vec<String> = Vec::new();
    let mut is_open = false;
    for part in inside.split(", ").filter(|part| !part.is_empty()) {
        match items.last_mut().filter(|_| is_open) {
            Some(last) => {
                last.push_str(", ");
                last.push_str(part);
            }
            None => items.push(part.to_owned()),
        }
        let last = items.last().map_or("", String::as_str);
        is_open = last.starts_with('{') && !last.ends_with('}');
    }
    items
}

/// The keys of two entries of the same party; nothing where they contradict each other.
fn joined(one: &Pairs, other: &Pairs) -> Option<Pairs> {
    let mut both = one.clone();
    for (key, value) in other {
        match both.iter_mut().find(|(known, _)| known == key) {
            None => both.push((key.clone(), value.clone())),
            Some((_, known)) if known == value => {}
            Some((_, known)) if known.starts_with('[') && value.starts_with('[') => {
                let mut all = items(known);
                let more = items(value);
                let is_new = |item: &String| !all.contains(item);
                let more: Vec<String> = more.into_iter().filter(is_new).collect();
                all.extend(more);
                *known = format!("[{}]", all.join(", "));
            }
            Some(_) => return None,
        }
    }
    Some(both)
}

/// What stands between the words of a value.
const MARKS: [char; 7] = ['[', ']', '{', '}', ',', ':', ' '];

/// A value with another word in place of one, wherever it stands alone.
fn replaced(value: &str, old: &str, new: &str) -> String {
    let words = value.split_inclusive(MARKS);
    words
        .map(|part| {
            let bare = part.trim_end_matches(MARKS);
            if bare == old {
                part.replacen(old, new, 1)
            } else {
                part.to_owned()
            }
        })
        .collect()
}
