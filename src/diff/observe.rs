//! The paths of every sender's mail to every joint class, in both plans.

use crate::diff::judge::{Direction, Seen, Verdict, shapes, verdicts};
use crate::diff::renames::Renames;
use crate::diff::{Hops, Only, Passed, Reach};
use crate::topology::{Location, LocationId, Party, Sender};
use crate::values::{Address, Pattern};
use crate::walk::{
    Alike, Class, ClassKind, Home, Joint, JointClass, Model, Walker, holders, is_common,
    may_write_to,
};
use std::collections::{BTreeMap, BTreeSet};

/// Whether recipients that are nobody's of ours have a name below one of our domains; nothing for others.
fn is_below_ours(model: &Model<'_>, class: &Class) -> Option<bool> {
    let topology = &model.plan.topology;
    let is_nobodys = matches!(
        class.kind,
        ClassKind::Outside | ClassKind::Subdomain(Home::Nobody | Home::Outside)
    );
    is_nobodys.then(|| topology.nearest_domain(class.witness.domain()).is_some())
}

/// Whether the spec takes the address for nobody's.
const fn is_of_nobody(class: &Class) -> bool {
    matches!(
        class.kind,
        ClassKind::Unknown | ClassKind::Subdomain(Home::Nobody)
    )
}

const fn is_outside(class: &Class) -> bool {
    matches!(
        class.kind,
        ClassKind::Outside | ClassKind::Subdomain(Home::Outside)
    )
}

/// What differs, and what does not.
pub(crate) struct Observed {
    /// Every pair of a sender and a class whose mail differs.
    pub(crate) differences: Vec<Difference>,
    /// Pairs without a difference.
    pub(crate) unchanged: usize,
    /// Senders of the new plan alone, with the ends of their mail.
    pub(crate) added: BTreeMap<String, Vec<String>>,
    /// Senders of the old plan alone.
    pub(crate) removed: BTreeMap<String, Vec<String>>,
    /// Those of them that both specs have, with mailboxes in one alone.
    pub(crate) in_both: BTreeSet<String>,
}

/// The mail of one sender to one class.
pub(crate) struct Difference {
    /// The sender's name.
    pub(crate) from: String,
    /// Position of the joint class.
    pub(crate) class: usize,
    pub(crate) verdict: Verdict,
    pub(crate) old: Vec<Seen>,
    pub(crate) new: Vec<Seen>,
}

impl Observed {
    /// Notes where mail in our name is refused no more, or is now. Where it is treated as all other mail on both sides, that
    /// says everything.
    fn compare_claimed(
        &mut self,
        others: (&[Seen], &[Seen]),
        claimed: Option<(Vec<Seen>, Vec<Seen>)>,
        class: usize,
        is_assumed: bool,
    ) {
        let Some((old, new)) = claimed else { return };
        if shapes(&old) == shapes(others.0) && shapes(&new) == shapes(others.1) {
            return;
        }
        let found = verdicts(&old, &new, is_assumed).into_iter();
        for verdict in found.filter(|it| it.direction != Direction::Neutral) {
            self.differences.push(Difference {
                from: IN_OUR_NAME.to_owned(),
                class,
                verdict,
                old: old.clone(),
                new: new.clone(),
            });
        }
    }

    /// The classes with a difference.
    pub(crate) fn changed_classes(&self) -> BTreeSet<usize> {
        self.differences.iter().map(|found| found.class).collect()
    }
}

/// A sender of one plan.
type Senders = BTreeMap<String, Party>;

/// Whoever of the Internet writes in the name of the recipient's own domain.
pub(super) const IN_OUR_NAME: &str = "internet in our name";

/// What the command line calls a sender of mail to this recipient.
pub(super) fn sender_of(from: &str, to: &str) -> String {
    match to.rsplit_once('@') {
        Some((_, domain)) if from == IN_OUR_NAME => format!("internet:someone@{domain}"),
        _ => from.to_owned(),
    }
}

/// Follows the mail of all senders.
pub(crate) fn observe<'a>(
    old: &'a Model<'a>,
    new: &'a Model<'a>,
    joint: &Joint,
    only: &Only,
    renames: &'a Renames,
) -> Observed {
    let holders_of = |model: &Model<'_>| -> BTreeSet<String> {
        let name = |id: LocationId| model.plan.topology.location(id).name.clone();
        holders(model).into_iter().map(name).collect()
    };
    let (in_old, in_new) = (holders_of(old), holders_of(new));
    let mut before = Half::of(old, Side::Old, joint, &in_new);
    before.renames = Some(renames);
    let mut after = Half::of(new, Side::New, joint, &in_old);
    let mut observed = Observed {
        differences: Vec::new(),
        unchanged: 0,
        added: only_in(&mut after, &before, joint),
        removed: only_in(&mut before, &after, joint),
        in_both: BTreeSet::new(),
    };
    let sources = observed.added.keys().chain(observed.removed.keys());
    let is_in_both = |key: &&String| {
        let name = key.strip_prefix("location:");
        name.is_some_and(|name| {
            let has = |half: &Half<'_>| {
                let mut locations = half.model.plan.topology.locations();
                locations.any(|(_, location)| location.name == name)
            };
            has(&before) && has(&after)
        })
    };
    observed.in_both = sources.filter(is_in_both).cloned().collect();
    let is_asked_for = |class: &JointClass| {
        let patterns = joint.new.patterns(&class.atoms);
        patterns.iter().any(|domain| only.domains.contains(domain))
    };
    let reaches: Vec<Reaching<'_>> = match &only.reached {
        Some(all) => all.iter().map(|it| Reaching::of(it, old, new)).collect(),
        None => vec![Reaching::default()],
    };
    let in_both = after.senders.iter().filter_map(|(key, &party)| {
        let former = *before.senders.get(key)?;
        let name = new.plan.topology.party_name(party).to_owned();
        let writes = |it: &Reaching<'_>| {
            let senders = it.senders;
            senders.is_none_or(|all| before.writes_as(former, all) || after.writes_as(party, all))
        };
        let reaches: Vec<bool> = reaches.iter().map(writes).collect();
        let is_asked_for = only.sources.is_empty() || only.sources.contains(&name);
        is_asked_for.then_some((name, former, party, reaches))
    });
    let in_both: Vec<(String, Party, Party, Vec<bool>)> = in_both.collect();
    for (at, class) in joint.classes.iter().enumerate() {
        if !only.domains.is_empty() && !is_asked_for(class) {
            continue;
        }
        let of_class: Vec<bool> = reaches.iter().map(|it| it.reaches(class)).collect();
        before.walker.next_class();
        after.walker.next_class();
        // Whether the mail of a group is the same.
        let mut equal: BTreeMap<(LocationId, LocationId), bool> = BTreeMap::new();
        for &(ref name, former, party, ref of_sender) in &in_both {
            let writes = before.writes_to(former, &class.old) || after.writes_to(party, &class.new);
            if !writes && !is_relayed(party, class) {
                continue;
            }
            let both = of_class.iter().zip(of_sender);
            let both = reaches.iter().zip(both);
            let reaching: Vec<&Reaching<'_>> = both
                .filter(|(_, (of_class, of_sender))| **of_class && **of_sender)
                .map(|(it, _)| it)
                .collect();
            if reaching.is_empty() {
                observed.unchanged += usize::from(writes);
                continue;
            }
            let group = common_group(&before, &after, former, party, class);
            if group.is_some_and(|group| equal.get(&group) == Some(&true)) {
                observed.unchanged += 1;
                continue;
            }
            let one = before.seen(former, &class.old);
            if !reaching.iter().any(|it| it.is_passed(&one)) {
                observed.unchanged += usize::from(writes);
                continue;
            }
            let other = after.seen(party, &class.new);
            if !writes && !one.iter().chain(&other).any(Seen::arrives) {
                continue;
            }
            // Which names there are below a domain that only one of the specs has, neither of them says; nor who had an
            // address there that one of them takes for nobody's.
            let below = is_below_ours(old, &class.old).zip(is_below_ours(new, &class.new));
            let is_assumed = class.assumed
                || below.is_some_and(|(one, other)| one != other)
                || is_of_nobody(&class.old) != is_of_nobody(&class.new)
                    && (is_outside(&class.old) || is_outside(&class.new));
            if party == Party::Internet {
                let claimed = before.claimed(class).zip(after.claimed(class));
                observed.compare_claimed((&one, &other), claimed, at, is_assumed);
            }
            let found = verdicts(&one, &other, is_assumed);
            if let Some(group) = group {
                let alone = stands_alone(&one, before.group_names(former))
                    || stands_alone(&other, after.group_names(party));
                let is_equal = found.is_empty() && !alone;
                equal.entry(group).or_insert(is_equal);
            }
            if found.is_empty() {
                observed.unchanged += 1;
            }
            for verdict in found {
                observed.differences.push(Difference {
                    from: name.clone(),
                    class: at,
                    verdict,
                    old: one.clone(),
                    new: other.clone(),
                });
            }
        }
    }
    observed
}

/// What a difference can concern, looked up in both plans.
#[derive(Default)]
struct Reaching<'a> {
    recipients: Option<&'a [Pattern]>,
    senders: Option<&'a [Pattern]>,
    /// What hands mail over, where it has to pass that.
    by: Option<&'a Hops>,
    /// Where it comes to, where it has to come there, and partners from whom that does not count.
    into: Option<(&'a str, BTreeSet<&'a str>)>,
}

impl<'a> Reaching<'a> {
    fn of(reach: &'a Reach, old: &Model<'a>, new: &Model<'a>) -> Self {
        let name = |at: LocationId| old.plan.topology.location(at).name.as_str();
        let mut found = Self {
            recipients: reach.recipients.as_deref(),
            senders: reach.senders.as_deref(),
            ..Self::default()
        };
        match &reach.passes {
            Some(Passed::By(hops)) => found.by = Some(hops),
            Some(Passed::Into(at)) => found.into = Some((name(*at), BTreeSet::new())),
            Some(Passed::IntoBy(at, connector)) => {
                let partners = old.plan.topology.partners();
                let unknown = partners.filter(|(id, _)| {
                    let party = Party::Partner(*id);
                    [old, new]
                        .iter()
                        .all(|model| !model.is_known_by(party, *at, connector))
                });
                let unknown = unknown.map(|(_, partner)| partner.name.as_str());
                found.into = Some((name(*at), unknown.collect()));
            }
            None => {}
        }
        found
    }

    fn reaches(&self, class: &JointClass) -> bool {
        let witnesses = [class.old.witness.domain(), class.new.witness.domain()];
        self.recipients.is_none_or(|patterns| {
            let mut patterns = patterns.iter();
            patterns.any(|pattern| witnesses.iter().any(|name| pattern.matches(name)))
        })
    }

    /// Whether mail on these paths of the old plan can differ.
    fn is_passed(&self, paths: &[Seen]) -> bool {
        let mut hops = paths.iter().flat_map(|seen| &seen.way.hops);
        if let Some(by) = self.by {
            return hops.any(|hop| by.contains(&(hop.at.clone(), hop.by.clone())));
        }
        self.into.as_ref().is_none_or(|(at, unknown)| {
            hops.any(|hop| hop.to == *at && !unknown.contains(hop.at.as_str()))
        })
    }
}

/// Whether a location might relay mail of a partner to others. Nobody agreed on it, so that it counts where it arrives alone.
fn is_relayed(party: Party, class: &JointClass) -> bool {
    let is_outside = |class: &Class| class.kind == ClassKind::Outside;
    matches!(party, Party::Partner(_)) && is_outside(&class.old) && is_outside(&class.new)
}

/// Which of the two plans a half is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
}

/// One plan and its senders.
struct Half<'a> {
    model: &'a Model<'a>,
    walker: Walker<'a, 'a>,
    side: Side,
    senders: Senders,
    alike: Alike,
    /// Names that the new plan has for routes of this one.
    renames: Option<&'a Renames>,
}

impl<'a> Half<'a> {
    /// `elsewhere` names the locations with mailboxes in the other plan.
    fn of(model: &'a Model<'a>, side: Side, joint: &Joint, elsewhere: &BTreeSet<String>) -> Self {
        let topology = &model.plan.topology;
        let holders = holders(model);
        let population = match side {
            Side::Old => &joint.old,
            Side::New => &joint.new,
        };
        // Whoever had mailboxes on one side only comes or goes as a sender. Others have users of their own as well.
        let is_holder = |id: &LocationId| holders.contains(id);
        let writes = |(id, location): &(LocationId, &Location)| {
            let is_server = location.handling().is_none();
            let came_or_went = elsewhere.contains(&location.name);
            is_holder(id) || (is_server && !came_or_went && model.sample(*id).is_some())
        };
        let writing = topology.locations().filter(writes).map(|(id, _)| id);
        let parties = std::iter::once(Party::Internet)
            .chain(writing.map(Party::Location))
            .chain(topology.partners().map(|(id, _)| Party::Partner(id)))
            .chain(topology.devices().map(|(id, _)| Party::Device(id)))
            .chain(topology.trusted_networks().map(|(party, _)| party));
        let key = |party: Party| {
            let name = topology.party_name(party);
            match party {
                Party::Internet | Party::Discard | Party::Reject => name.to_owned(),
                Party::Location(_) => format!("location:{name}"),
                Party::Partner(_) => format!("partner:{name}"),
                Party::Device(_) => format!("device:{name}"),
                Party::Network(at, _) => {
                    format!("network:{name} at {}", topology.location(at).name)
                }
            }
        };
        Self {
            senders: parties.map(|party| (key(party), party)).collect(),
            alike: Alike::of(model, population, &holders),
            side,
            model,
            walker: Walker::of(model),
            renames: None,
        }
    }

    fn class<'c>(&self, class: &'c JointClass) -> &'c Class {
        match self.side {
            Side::Old => &class.old,
            Side::New => &class.new,
        }
    }

    /// Whether a sender writes to a class: partners to our mailboxes, devices to those that they may write to.
    fn writes_to(&self, party: Party, class: &Class) -> bool {
        let is_mailbox = matches!(class.kind, ClassKind::Mailboxes(_)) && !class.by_provider;
        match party {
            Party::Internet | Party::Location(_) => true,
            Party::Partner(_) => is_mailbox,
            Party::Device(id) => {
                let exists =
                    is_mailbox || matches!(class.kind, ClassKind::Partner(_) | ClassKind::Outside);
                exists && may_write_to(self.model.plan.topology.device(id), class)
            }
            Party::Network(..) => {
                is_mailbox || matches!(class.kind, ClassKind::Partner(_) | ClassKind::Outside)
            }
            Party::Discard | Party::Reject => false,
        }
    }

    /// Whether some of its mail has an envelope sender of one of these domains.
    fn writes_as(&self, party: Party, domains: &[Pattern]) -> bool {
        let is_of = |sender: &Address| {
            let domain = sender.domain();
            let mut domains = domains.iter();
            domains.any(|pattern| pattern.matches(domain) || pattern.base() == Some(domain))
        };
        !domains.is_empty() && {
            let messages = self.model.messages(&Sender::Party(party));
            let mut senders = messages
                .iter()
                .filter_map(|message| message.sender.as_ref());
            senders.any(is_of)
        }
    }

    /// The paths of mail that hosts of the Internet write in the name of the recipient's own domain to our mailboxes.
    fn claimed(&mut self, class: &JointClass) -> Option<Vec<Seen>> {
        let class = self.class(class);
        let is_mailbox = matches!(class.kind, ClassKind::Mailboxes(_)) && !class.by_provider;
        let someone = Address::of("someone", class.witness.domain()).filter(|_| is_mailbox)?;
        let seen = self.seen_from(
            &Sender::As(Party::Internet, Some(someone)),
            Party::Internet,
            class,
        );
        Some(seen.into_iter().map(Seen::of_nobody_of_ours).collect())
    }

    /// The paths of a sender's mail to a class, over all envelope senders that it may have.
    fn seen(&mut self, party: Party, class: &Class) -> Vec<Seen> {
        self.seen_from(&Sender::Party(party), party, class)
    }

    fn seen_from(&mut self, from: &Sender, party: Party, class: &Class) -> Vec<Seen> {
        let mut ways = Vec::new();
        let traces = self.walker.traces(from, class).into_iter();
        for mut way in traces.flat_map(|trace| trace.ways) {
            if let Some(renames) = self.renames {
                renames.rename(&mut way);
            }
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        ways.into_iter()
            .map(|way| Seen::of(self.model, party, class, way))
            .collect()
    }

    fn group_names(&self, party: Party) -> BTreeSet<&str> {
        let group = self.alike.group_of(party).iter();
        group
            .map(|id| self.model.plan.topology.location(*id).name.as_str())
            .collect()
    }
}

/// The first locations of the groups that a sender writes like in both plans, where the class leaves all of them alike.
fn common_group(
    before: &Half<'_>,
    after: &Half<'_>,
    former: Party,
    party: Party,
    class: &JointClass,
) -> Option<(LocationId, LocationId)> {
    let first = |half: &Half<'_>, party: Party, class: &Class| {
        let first = *half.alike.group_of(party).first()?;
        let at = party.location()?;
        (is_common(class) && !class.is_about(at)).then_some(first)
    };
    let old = first(before, former, &class.old)?;
    Some((old, first(after, party, &class.new)?))
}

/// Whether these paths say nothing about others of the group: they rest on a reading, or pass one of the group.
fn stands_alone(seen: &[Seen], group: BTreeSet<&str>) -> bool {
    seen.iter().any(|seen| {
        let mut onward = seen.places.iter().skip(1);
        !seen.way.readings.is_empty() || onward.any(|name| group.contains(name.as_str()))
    })
}

/// The senders that only `half` has, and how their mail ends.
fn only_in(half: &mut Half<'_>, other: &Half<'_>, joint: &Joint) -> BTreeMap<String, Vec<String>> {
    let own = half.senders.iter();
    let own = own.filter(|(key, _)| !other.senders.contains_key(*key));
    let own: Vec<(String, Party)> = own.map(|(key, party)| (key.clone(), *party)).collect();
    let mut ends: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for class in &joint.classes {
        half.walker.next_class();
        let class = half.class(class);
        for (key, party) in &own {
            let ends = ends.entry(key.clone()).or_default();
            if half.writes_to(*party, class) {
                ends.extend(half.seen(*party, class).into_iter().map(|seen| seen.ends));
            }
        }
    }
    ends.into_iter()
        .map(|(key, ends)| (key, ends.into_iter().collect()))
        .collect()
}
