//! `RUNBOOK.md`: what to do in which order, by hand and by script.
//!
//! The text is a template; every value passes the Markdown writer, because the formatter lets nothing else through.

mod needs;

use crate::plan::{NextHop, Plan, Route};
use crate::topology::{Kind, LocationId, Topology};
use crate::values::{Host, Pattern, TlsLevel};
use crate::writer::{Refused, markdown};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use std::collections::BTreeSet;

/// The runbook of a plan.
pub fn runbook(plan: &Plan) -> Result<String, Refused> {
    let topology = &plan.topology;
    let steps = plan_steps(plan);
    let values = context! {
        organization => topology.organization.clone(),
        hops => plan.routes.iter().map(|route| hop(topology, route)).collect::<Vec<_>>(),
        places => topology.locations().map(|(id, location)| context! {
            name => location.name.clone(),
            kind => needs::kind(location),
            needs => needs::of(plan, id),
        }).collect::<Vec<_>>(),
        withheld => plan.withheld.iter().map(|item| context! { what => plain(&item.what), why => plain(&item.why) }).collect::<Vec<_>>(),
        steps => steps.iter().map(|&id| apply(topology, id)).collect::<Vec<_>>(),
        checks => verify(topology),
        entries => topology.domains.iter().filter(|domain| !domain.mx.is_empty()).map(|domain| context! {
            domain => domain.name.unicode(),
            mx => domain.mx.iter().map(|at| topology.location(at.value).name.clone()).collect::<Vec<_>>().join(", then "),
        }).collect::<Vec<_>>(),
        back => back(topology, &steps),
        servers => topology.locations.iter().any(|location| location.exchange_server().is_some()),
    };
    render(values).map_err(|error| {
        // The detail is what a writer refused; the rest of the error is about the template.
        Refused::new(error.detail().map_or_else(
            || format!("the runbook cannot be written: {error}"),
            str::to_owned,
        ))
    })
}

fn render(values: Value) -> Result<String, Error> {
    let refused = |refused: Refused| Error::new(ErrorKind::InvalidOperation, refused.message);
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .keep_trailing_newline(true)
            .build()?,
    );
    environment.add_filter("code", move |text: String| {
        markdown::code(&text)
            .map(Value::from_safe_string)
            .map_err(refused)
    });
    environment.set_formatter(move |out, _, value| {
        let text = value.to_string();
        let written = if value.is_safe() {
            text
        } else {
            markdown::text(&text).map_err(refused)?
        };
        out.write_str(&written).map_err(Error::from)
    });
    environment
        .template_from_named_str("runbook.md", include_str!("runbook.md"))?
        .render(values)
}

fn hop(topology: &Topology, route: &Route) -> Value {
    context! {
        from => topology.party_name(route.from),
        to => topology.party_name(route.to),
        mail => mail(route),
        next_hop => next_hop(&route.next_hop),
        tls => if route.tls == TlsLevel::None { "no STARTTLS".to_owned() } else { route.tls.to_string() },
        why => why(topology, route),
    }
}

fn why(topology: &Topology, route: &Route) -> String {
    let reason = match &route.origin {
        crate::plan::Origin::Written(_) => "written".to_owned(),
        crate::plan::Origin::Derived(reason) => plain(&reason.value.explain(route, topology)),
    };
    let mut notes = vec![reason];
    if route.by_wizard {
        notes.push("owned by the Hybrid Configuration Wizard".to_owned());
    }
    if route.only_by_rule {
        notes.push("only by rule".to_owned());
    }
    if !route.enabled {
        notes.push("disabled".to_owned());
    }
    notes.join("; ")
}

/// The words of a message without its backticks, which Markdown would show as such.
fn plain(message: &str) -> String {
    message.replace('`', "")
}

/// The first few patterns and how many more there are.
fn mail(route: &Route) -> String {
    const SHOWN: usize = 6;
    let names: Vec<String> = route
        .recipients
        .iter()
        .take(SHOWN)
        .map(|at| match &at.pattern {
            Pattern::Any => "everything".to_owned(),
            Pattern::AcceptedDomains => "the accepted domains".to_owned(),
            pattern => pattern.to_string(),
        })
        .collect();
    let more = route.recipients.len().saturating_sub(SHOWN);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn next_hop(next_hop: &NextHop) -> String {
    match next_hop {
        NextHop::SmartHosts(hosts) => hosts
            .iter()
            .map(Host::to_string)
            .collect::<Vec<_>>()
            .join(", "),
        NextHop::Mx => "the recipient's MX".to_owned(),
        NextHop::Unknown => "not known yet".to_owned(),
        NextHop::None => "none".to_owned(),
    }
}

/// Holders first, entries last; within each group by name.
fn plan_steps(plan: &Plan) -> Vec<LocationId> {
    let topology = &plan.topology;
    let entries: BTreeSet<LocationId> = topology
        .domains
        .iter()
        .flat_map(|domain| domain.mx.iter().map(|at| at.value))
        .collect();
    let holders: BTreeSet<LocationId> = topology
        .domains
        .iter()
        .flat_map(crate::topology::Domain::holder_ids)
        .collect();
    let mut ids: Vec<LocationId> = topology.locations().map(|(id, _)| id).collect();
    ids.sort_by_key(|id| (entries.contains(id), !holders.contains(id), *id));
    ids
}

fn apply(topology: &Topology, id: LocationId) -> String {
    let location = topology.location(id);
    let name = &location.name;
    match &location.kind {
        Kind::Tenant(tenant) => format!(
            "{name}: connect to Exchange Online as an administrator of {}, run {name}/apply.ps1 with -WhatIf, read, and run it again without",
            tenant.initial_domain()
        ),
        Kind::ExchangeServer(server) => format!(
            "{name}: in the Exchange Management Shell on {}, run {name}/apply.ps1 with -WhatIf, read, and run it again without",
            server
                .servers
                .first()
                .map_or("a server", |at| at.value.as_str())
        ),
        Kind::Postfix(_) => {
            format!("{name}: run {name}/install.sh with --dry-run, read, and run it again without")
        }
        Kind::Smtp(_) | Kind::Gateway(_) => {
            format!("{name}: have its administrator work through {name}/CHECKLIST.md")
        }
    }
}

fn verify(topology: &Topology) -> Vec<String> {
    let mut steps = Vec::new();
    for location in &topology.locations {
        if location.tenant().is_some() || location.exchange_server().is_some() {
            steps.push(format!("{0}: run {0}/verify.ps1; it prints every difference between what is there and what was compiled", location.name));
        }
    }
    let tested: Vec<String> = topology
        .domains
        .iter()
        .filter_map(|domain| domain.test_recipient.as_ref())
        .map(|at| at.value.to_string())
        .collect();
    if !tested.is_empty()
        && topology
            .locations
            .iter()
            .any(|location| location.tenant().is_some())
    {
        steps.push(format!(
            "Run verify.ps1 of the tenant with -Validate; this sends mail to {}",
            tested.join(", ")
        ));
    }
    for location in topology
        .locations
        .iter()
        .filter(|location| location.can_hold_mailboxes())
    {
        let holds = topology.domains.iter().any(|domain| {
            domain
                .holder_ids()
                .any(|id| std::ptr::eq(topology.location(id), location))
        });
        if holds {
            steps.push(format!("Send a message from a mailbox at {} to a recipient on the Internet, and see that it arrives", location.name));
            steps.push(format!("Send a message from an Internet mailbox to a mailbox at {}, and see that it arrives (before the MX records change: to the new entry by its host name)", location.name));
        }
    }
    steps
}

fn back(topology: &Topology, steps: &[LocationId]) -> Vec<String> {
    let mut back = vec!["Put the old MX records back and wait for their time to live".to_owned()];
    for &id in steps.iter().rev() {
        let location = topology.location(id);
        let name = &location.name;
        match &location.kind {
            Kind::Tenant(_) | Kind::ExchangeServer(_) => {
                back.push(format!("{name}: run {name}/rollback.ps1 with the state that apply.ps1 saved before its first change"));
            }
            Kind::Postfix(_) => back.push(format!(
                "{name}: put back the files that install.sh kept from before, and reload Postfix"
            )),
            Kind::Smtp(_) | Kind::Gateway(_) => {
                back.push(format!(
                    "{name}: have its administrator take back what the checklist asked for"
                ));
            }
        }
    }
    back
}

#[cfg(test)]
mod tests {
    use super::{Value, context, render};
    use crate::writer::markdown;

    /// A template that names a value nobody gives is a mistake, not an empty place.
    #[test]
    fn an_undefined_value_is_refused() {
        assert!(render(context! { organization => "x" }).is_err());
    }

    #[test]
    fn markup_in_a_name_comes_out_as_itself() {
        let hostile = "a|b <img> `c` *d*";
        let none = Value::from(Vec::<Value>::new());
        let text = render(context! {
            organization => hostile,
            hops => &none, places => &none, withheld => &none, steps => &none, checks => &none, entries => &none, back => &none,
            servers => false,
        })
        .unwrap_or_default();
        let escaped = markdown::text(hostile).unwrap_or_default();
        assert!(
            text.starts_with(&format!(
                "# How to bring this mail flow into service: {escaped}\n"
            )),
            "{text}"
        );
    }
}
