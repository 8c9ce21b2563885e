//! Which classes of one plan are which of the other, among the recipients of one name.

use super::{Half, Member};
use crate::topology::Domain;
use crate::values::Address;
use std::collections::BTreeMap;

/// Counted mailboxes that are fewer at one location and more at another have moved: from which class to which, and how many.
pub(super) fn moves(
    old: &Half<'_>,
    new: &Half<'_>,
    domains: (Option<&Domain>, Option<&Domain>),
    olds: &[Member],
    news: &[Member],
) -> Vec<(Member, Member, u64)> {
    type Counts<'m> = BTreeMap<String, (&'m Member, u64)>;
    fn counts<'m>(half: &Half<'_>, domain: Option<&Domain>, members: &'m [Member]) -> Counts<'m> {
        let counted = members.iter().filter_map(|member| {
            let count = half.count(domain, member);
            (count > 0).then(|| (half.label(member), (member, count)))
        });
        counted.collect()
    }
    fn less<'m>(of: &Counts<'m>, than: &Counts<'m>) -> Vec<(&'m Member, u64)> {
        let less = of.iter().filter_map(|(label, (member, count))| {
            let left = than.get(label).map_or(0, |(_, left)| *left);
            (left < *count).then(|| (*member, *count - left))
        });
        less.collect()
    }
    let (before, after) = (counts(old, domains.0, olds), counts(new, domains.1, news));
    let mut falls = less(&before, &after);
    let mut rises = less(&after, &before);
    let mut found = Vec::new();
    while let (Some((from, fall)), Some((to, rise))) = (falls.last_mut(), rises.last_mut()) {
        let count = (*fall).min(*rise);
        found.push(((*from).clone(), (*to).clone(), count));
        *fall -= count;
        *rise -= count;
        falls.retain(|(_, fall)| *fall > 0);
        rises.retain(|(_, rise)| *rise > 0);
    }
    found
}

/// Which classes of the two plans an address may be in: where one plan only counts mailboxes, the match decides, else it
/// may be in each.
pub(super) fn pairs_of_one(
    old: &Half<'_>,
    new: &Half<'_>,
    olds: &[Member],
    news: &[Member],
    address: &Address,
) -> Vec<(Member, Member, bool)> {
    let found = pairs(old, new, olds, news, address, &[]);
    let is_same = |(one, other, _): &&(Member, Member, bool)| old.label(one) == new.label(other);
    match found.iter().find(is_same) {
        Some((one, other, _)) => {
            let assumed = olds.len().max(news.len()) > 1;
            vec![(one.clone(), other.clone(), assumed)]
        }
        None => found,
    }
}

/// Which classes of the one plan are which of the other, and whether that is assumed. Classes with the same label are
/// the same recipients; what is left over of one plan, and has not moved, may be any that is left over of the other.
pub(super) fn pairs(
    old: &Half<'_>,
    new: &Half<'_>,
    olds: &[Member],
    news: &[Member],
    witness: &Address,
    moves: &[(Member, Member, u64)],
) -> Vec<(Member, Member, bool)> {
    let alone = [Member::Alone(witness.clone())];
    let olds = if olds.is_empty() { &alone } else { olds };
    let news = if news.is_empty() { &alone } else { news };
    let mut found = Vec::new();
    let mut rest_old: Vec<&Member> = Vec::new();
    let mut rest_new: Vec<&Member> = news.iter().collect();
    for one in olds {
        let label = old.label(one);
        match rest_new.iter().position(|other| new.label(other) == label) {
            Some(at) => found.push((one.clone(), rest_new.remove(at).clone(), false)),
            None => rest_old.push(one),
        }
    }
    rest_old.retain(|one| !moves.iter().any(|(from, ..)| from == *one));
    rest_new.retain(|other| !moves.iter().any(|(_, to, _)| to == *other));
    let partners = |half: &Half<'_>, rest: &[&Member], all: &[Member]| -> Vec<Member> {
        if !rest.is_empty() {
            return rest.iter().map(|member| (*member).clone()).collect();
        }
        // Mailboxes that only one plan has were unknown addresses of the other, where it has any.
        let nobody: Vec<Member> = all
            .iter()
            .filter(|member| !half.has_mailboxes(member))
            .cloned()
            .collect();
        if nobody.is_empty() {
            all.to_vec()
        } else {
            nobody
        }
    };
    if !rest_new.is_empty() {
        let candidates = partners(old, &rest_old, olds);
        // All that is left over of one plan may only be the one class that is left over of the other.
        let is_open = candidates.len() > 1 && (rest_old.is_empty() || rest_new.len() > 1);
        for &other in &rest_new {
            for one in &candidates {
                found.push((one.clone(), other.clone(), is_open));
            }
        }
    } else if !rest_old.is_empty() {
        let candidates = partners(new, &[], news);
        for &one in &rest_old {
            for other in &candidates {
                found.push((one.clone(), other.clone(), candidates.len() > 1));
            }
        }
    }
    found
}
