//! Mail-flow rules.

use crate::finding::{Code, Finding, Object, Operation, nearest};
use crate::platforms::product::Rules;
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::{Scope, listed};
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::route::{MOST_NAME, name, written_whole};
use crate::topology::resolve::{list, text};
use crate::topology::{
    Condition, Header, HeaderTest, LocationId, LoopBreak, Party, Rule, RuleTarget, WrittenRoute,
};
use crate::values::BadValue;
use crate::yaml::{List, Slot, Text};

/// All rules in the order written, without those whose place or target is not known.
pub(super) fn rules(
    list: &[At<spec::Rule>],
    routes: &[WrittenRoute],
    scope: &mut Scope<'_>,
) -> Vec<Rule> {
    let mut names = Once::default();
    list.iter()
        .filter_map(|item| rule(item, routes, &mut names, scope))
        .collect()
}

fn rule(
    item: &At<spec::Rule>,
    routes: &[WrittenRoute],
    names: &mut Once<String>,
    scope: &mut Scope<'_>,
) -> Option<Rule> {
    let written = &item.value;
    let name = name("rule", &written.name, item.span, names, scope);
    for (key, missing) in [
        ("at", written.at.is_absent()),
        ("route", written.route.is_absent()),
    ] {
        if missing {
            scope.error_help(
                Code::S018,
                format!("this rule has no `{key}`"),
                item.span,
                format!("write `{key}: NAME`"),
            );
        }
    }
    let at = written
        .at
        .at()
        .and_then(|at| scope.location(&at.value, at.span));
    if let Some(at) = at {
        check_place(at, written, scope);
    }
    let when = conditions(&written.when, scope);
    let unless = conditions(&written.unless, scope);
    let unless_header = loop_breaks(&written.unless_header.0, scope);
    let renamed_from = scope.slot(&written.renamed_from, |text| text::line(text, MOST_NAME));
    // Nobody writes a rule that is off and that others manage: that its connector is off, too, is true of what exists.
    let is_left_off =
        written.managed.get() == Some(&false) && written.enabled.get() == Some(&false);
    let route = target(&written.route, at, routes, scope, is_left_off);
    refuse_other(written, scope);
    Some(Rule {
        name: name?,
        span: item.span,
        at: at?,
        when,
        unless,
        route: route?,
        unless_header,
        enabled: written.enabled.or(true),
        managed: written.managed.or(true),
        renamed_from,
    })
}

/// What the language cannot say cannot be written.
fn refuse_other(written: &spec::Rule, scope: &mut Scope<'_>) {
    if written.managed == Slot::Absent || written.managed.get() == Some(&true) {
        let conditions = [&written.when, &written.unless];
        let other = conditions
            .iter()
            .filter_map(|slot| slot.get()?.other.span());
        for span in other.collect::<Vec<_>>() {
            scope.error_help(
                Code::S019,
                "`other` is a condition that the language does not have, so this rule cannot be written",
                span,
                "write `managed: false` where the rule exists already, or a condition of the language",
            );
        }
    }
}

/// A rule is written to the place that applies it, and Postfix knows senders alone.
fn check_place(at: At<LocationId>, written: &spec::Rule, scope: &mut Scope<'_>) {
    let Some(kind) = scope.kind(at.value) else {
        return;
    };
    let place = scope.location_name(at.value).to_owned();
    if kind.rules == Rules::None {
        scope.findings.push(
            Finding::error(
                Code::S022,
                format!(
                    "`{place}` is `{}`, whose rules this spec does not write",
                    kind.word
                ),
            )
            .at(at.span, "")
            .help("name a location that is configured from here")
            .on(Object::Location(place)),
        );
        return;
    }
    if kind.rules == Rules::All {
        return;
    }
    if let Some(managed) = written.managed.at().filter(|at| !at.value) {
        scope.findings.push(written_whole(&place, managed.span));
    }
    let conditions = [&written.when, &written.unless];
    let foreign: Vec<(&str, Span)> = conditions
        .iter()
        .filter_map(|slot| slot.get())
        .flat_map(|c| beyond_senders(c))
        .collect();
    let header = written
        .unless_header
        .0
        .span
        .map(|span| ("unless_header", span));
    for (key, span) in foreign.into_iter().chain(header) {
        scope.findings.push(
            Finding::error(Code::S022, format!("`{place}` is `postfix`, which cannot choose a route by `{key}`"))
                .at(span, "")
                .help("use `sender` or `sender_domain`, or apply the rule at a tenant or an Exchange Server")
                .on(Object::Location(place.clone())),
        );
    }
}

fn beyond_senders(conditions: &spec::Conditions) -> Vec<(&'static str, Span)> {
    [
        ("from", conditions.from.span()),
        ("to", conditions.to.span()),
        ("recipient", conditions.recipient.span()),
        ("recipient_domain", conditions.recipient_domain.span()),
        ("sender_member_of", conditions.sender_member_of.span),
        ("recipient_member_of", conditions.recipient_member_of.span),
        ("recipient_city", conditions.recipient_city.span),
        ("recipient_department", conditions.recipient_department.span),
        ("header", conditions.header.span()),
        ("other", conditions.other.span()),
    ]
    .into_iter()
    .filter_map(|(key, span)| Some((key, span?)))
    .collect()
}

fn target(
    slot: &Slot<Text>,
    at: Option<At<LocationId>>,
    routes: &[WrittenRoute],
    scope: &mut Scope<'_>,
    is_left_off: bool,
) -> Option<At<RuleTarget>> {
    let written = slot.at()?;
    let is_meant = |route: &&WrittenRoute| {
        route
            .name
            .as_ref()
            .is_some_and(|name| *name.value == *written.value)
    };
    if let Some((index, route)) = routes.iter().enumerate().find(|(_, route)| is_meant(route)) {
        check_route(&written.value, written.span, route, at, scope, is_left_off);
        return Some(At::new(RuleTarget::Route(index), written.span));
    }
    if let Some(party @ (Party::Location(_) | Party::Partner(_))) = scope.known(&written.value) {
        if at.is_some_and(|at| party == Party::Location(at.value)) {
            scope.error_help(
                Code::S008,
                format!(
                    "this rule is applied at `{}` and leads back to it",
                    written.value
                ),
                written.span,
                "name the location that takes the mail",
            );
            return None;
        }
        return Some(At::new(RuleTarget::Party(party), written.span));
    }
    if scope.names.incomplete {
        return None;
    }
    let mut names: Vec<&str> = routes
        .iter()
        .filter_map(|route| route.name.as_ref())
        .map(|name| name.value.as_str())
        .collect();
    names.extend(
        scope
            .names
            .by_name
            .iter()
            .filter(|(_, named)| !matches!(named.party, Party::Device(_)))
            .map(|(name, _)| name.as_str()),
    );
    let finding = Finding::error(
        Code::S001,
        format!("there is no route, location or partner `{}`", written.value),
    )
    .at(written.span, "");
    let finding = match nearest(&written.value, names.iter().copied()) {
        Some(near) => finding.mend(Operation::replace(written.span, &written.value, near)),
        None => finding.help(format!("known here: {}", listed(&names))),
    };
    scope.findings.push(finding);
    None
}

/// A route that also serves mail by itself would make the rule a second opinion about the same mail.
fn check_route(
    name: &str,
    span: Span,
    route: &WrittenRoute,
    at: Option<At<LocationId>>,
    scope: &mut Scope<'_>,
    is_left_off: bool,
) {
    if !route.only_by_rule {
        scope.findings.push(
            Finding::error(Code::E010, format!("the route `{name}` is not for rules alone: its connector would take mail that the rule does not mean, and Exchange Online refuses a rule that names it"))
                .at(span, "")
                .at(route.span, "the route")
                .help(format!("write `only_by_rule: true` at `{name}`"))
                .on(Object::Route(name.to_owned())),
        );
    }
    if !route.enabled.value && !is_left_off {
        scope.findings.push(
            Finding::error(Code::E010, format!("the route `{name}` is switched off, and Exchange Online refuses a rule that names its connector"))
                .at(span, "")
                .at(route.span, "the route")
                .help(format!("take `enabled: false` out of `{name}`, and switch the rule off instead: `enabled: false`"))
                .on(Object::Route(name.to_owned())),
        );
    }
    if let Some(at) = at
        && route.from.value != Party::Location(at.value)
    {
        let place = scope.location_name(at.value).to_owned();
        scope.findings.push(
            Finding::error(
                Code::E010,
                format!(
                    "the route `{name}` does not start at `{place}`, where this rule is applied"
                ),
            )
            .at(span, "")
            .at(route.from.span, "it starts here")
            .help(format!("name a route from `{place}`"))
            .on(Object::Route(name.to_owned())),
        );
    }
}

fn conditions(slot: &Slot<Box<spec::Conditions>>, scope: &mut Scope<'_>) -> Vec<At<Condition>> {
    let Some(written) = slot.get() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut add = |span: Option<Span>, condition: Condition| {
        all.extend(span.map(|span| At::new(condition, span)));
    };
    if let Some(side) = written.from.get() {
        add(written.from.span(), Condition::From(*side));
    }
    if let Some(side) = written.to.get() {
        add(written.to.span(), Condition::To(*side));
    }
    let plain = |items: Vec<At<_>>| items.into_iter().map(|at| at.value).collect();
    add(
        written.sender.span(),
        Condition::Sender(plain(list::addresses(&written.sender, scope))),
    );
    add(
        written.recipient.span(),
        Condition::Recipient(plain(list::addresses(&written.recipient, scope))),
    );
    let plain = |items: Vec<At<_>>| items.into_iter().map(|at| at.value).collect();
    add(
        written.sender_domain.span(),
        Condition::SenderDomain(plain(list::patterns(&written.sender_domain, scope))),
    );
    add(
        written.recipient_domain.span(),
        Condition::RecipientDomain(plain(list::patterns(&written.recipient_domain, scope))),
    );
    add(
        written.sender_member_of.span,
        Condition::SenderMemberOf(texts(&written.sender_member_of, scope)),
    );
    add(
        written.recipient_member_of.span,
        Condition::RecipientMemberOf(texts(&written.recipient_member_of, scope)),
    );
    add(
        written.recipient_city.span,
        Condition::RecipientCity(texts(&written.recipient_city, scope)),
    );
    add(
        written.recipient_department.span,
        Condition::RecipientDepartment(texts(&written.recipient_department, scope)),
    );
    if let Some(other) = scope.slot(&written.other, |text| text::line(text, 1024)) {
        add(Some(other.span), Condition::Other(other.value));
    }
    if let Some(test) = written.header.at() {
        if let Some(span) = test.value.set.span() {
            scope.error_help(
                Code::S022,
                "a condition stamps no header",
                span,
                "write `set` under `unless_header`",
            );
        }
        if let Some(header) = header(&test.value, test.span, scope) {
            add(Some(test.span), Condition::Header(header));
        }
    }
    all
}

fn texts(list: &List<Text>, scope: &mut Scope<'_>) -> Vec<String> {
    list::inline(list, |text| text::line(text, 256), scope)
        .into_iter()
        .map(|at| at.value)
        .collect()
}

fn loop_breaks(list: &List<spec::HeaderTest>, scope: &mut Scope<'_>) -> Vec<LoopBreak> {
    list.items
        .iter()
        .filter_map(|item| {
            let set = item.value.set.or(false);
            let header = header(&item.value, item.span, scope)?;
            if set && matches!(header.test, HeaderTest::Matches(_)) {
                scope.error_help(
                    Code::S019,
                    "a rule stamps a text, not a pattern",
                    item.value.set.span().unwrap_or(item.span),
                    "write `value` in place of `matches`",
                );
            }
            Some(LoopBreak {
                header: At::new(header, item.span),
                set,
            })
        })
        .collect()
}

fn header(written: &spec::HeaderTest, span: Span, scope: &mut Scope<'_>) -> Option<Header> {
    if written.name.is_absent() {
        scope.error_help(
            Code::S018,
            "this header has no `name`",
            span,
            "write `name: X-Contoso-Routed`",
        );
    }
    let name = scope.slot(&written.name, field_name);
    let value = scope.slot(&written.value, |text| text::line(text, 256));
    let matches = scope.slot(&written.matches, |text| text::line(text, 256));
    if let (Some(_), Some(matches)) = (&value, &matches) {
        scope.error_help(
            Code::S019,
            "a header is tested for a text or for a pattern, not both",
            matches.span,
            "keep one of them",
        );
    }
    Some(Header {
        name: name?.value,
        test: match (value, matches) {
            (Some(value), _) => HeaderTest::Contains(value.value),
            (None, Some(matches)) => HeaderTest::Matches(matches.value),
            (None, None) => HeaderTest::Present,
        },
    })
}

/// The name of a header field (RFC 5322, 2.2).
fn field_name(text: &str) -> Result<String, BadValue> {
    if text.is_empty()
        || text.len() > 64
        || !text.bytes().all(|b| b.is_ascii_graphic() && b != b':')
    {
        return Err(BadValue::new(format!(
            "{} is no name of a header",
            crate::values::shown(text)
        ))
        .help("write such as `X-Contoso-Routed`, without a colon"));
    }
    Ok(text.to_owned())
}
