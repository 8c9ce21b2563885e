//! `routes`: every connector and route there will be, what it matches and why it is there.

mod overlaps;

use crate::cli::args::{ListForm, RoutesArgs};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, say_findings, spec};
use crate::compile;
use crate::plan::Plan;
use crate::report::visible;
use crate::routes::inherent::{Inherent, inherent};
use crate::routes::{NextHop, Origin, Recognition, Route};
use crate::topology::{LocationId, Party};
use crate::values::TlsLevel;
use overlaps::Overlap;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// So many patterns, hosts or addresses of a route are shown in the table.
const SHOWN: usize = 6;

pub(super) fn run(args: &RoutesArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let spec = spec::open(args.spec.as_deref())?;
    let planned = compile::plan(&spec.input(), Some(check::day(&args.day)?));
    if let Some(plan) = &planned.plan {
        screen.result(&match args.output_format {
            ListForm::Human => table(&rows(plan), &overlaps::overlaps(plan), screen.columns()),
            ListForm::Json => json_text(plan, &spec.shown)?,
        })?;
    }
    Ok(say_findings(&spec.shown, &planned, screen))
}

/// One route in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Row {
    name: String,
    from: String,
    to: String,
    #[serde(rename = "for")]
    recipients: Vec<String>,
    next_hop: NextHopView,
    tls: &'static str,
    known_by: KnownBy,
    cost: u32,
    enabled: bool,
    only_by_rule: bool,
    origin: &'static str,
    why: String,
    #[serde(skip)]
    ends: (Party, Party),
}

/// Where the mail is handed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum NextHopView {
    SmartHosts { hosts: Vec<String> },
    Mx,
    Unknown,
    None,
}

/// How the receiving end knows the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum KnownBy {
    Certificate { name: String },
    Addresses { addresses: Vec<String> },
    Nothing,
}

fn row(plan: &Plan, route: &Route) -> Row {
    let topology = &plan.topology;
    let (origin, why) = match &route.origin {
        Origin::Written(_) => (
            "written",
            format!("`{}` is written in the spec", route.name),
        ),
        Origin::Derived(reason) => ("derived", reason.value.explain(route, topology)),
    };
    Row {
        name: route.name.clone(),
        from: topology.party_name(route.from).to_owned(),
        to: topology.party_name(route.to).to_owned(),
        recipients: route
            .recipients
            .iter()
            .map(|pattern| pattern.pattern.to_string())
            .collect(),
        next_hop: next_hop(&route.next_hop),
        tls: route.tls.as_str(),
        known_by: known_by(route),
        cost: route.cost,
        enabled: route.enabled,
        only_by_rule: route.only_by_rule,
        origin,
        why,
        ends: (route.from, route.to),
    }
}

fn next_hop(next_hop: &NextHop) -> NextHopView {
    match next_hop {
        NextHop::SmartHosts(hosts) => NextHopView::SmartHosts {
            hosts: hosts.iter().map(ToString::to_string).collect(),
        },
        NextHop::Mx => NextHopView::Mx,
        NextHop::Unknown | NextHop::FactMissing => NextHopView::Unknown,
        NextHop::None => NextHopView::None,
    }
}

fn known_by(route: &Route) -> KnownBy {
    match &route.accepted_by {
        Recognition::Certificate(name) => KnownBy::Certificate { name: name.clone() },
        Recognition::Addresses(networks) => KnownBy::Addresses {
            addresses: networks.iter().map(ToString::to_string).collect(),
        },
        Recognition::Nothing => KnownBy::Nothing,
    }
}

/// What a location does with mail that no route of it takes.
fn by_itself(plan: &Plan, at: LocationId, inherent: Inherent) -> Option<Row> {
    let from = &plan.topology.location(at).name;
    inherent.follows_mx().then(|| Row {
        name: format!("{from} by itself"),
        from: from.clone(),
        to: "internet".to_owned(),
        recipients: vec!["*".to_owned()],
        next_hop: NextHopView::Mx,
        tls: TlsLevel::Opportunistic.as_str(),
        known_by: KnownBy::Nothing,
        cost: 1,
        enabled: true,
        only_by_rule: false,
        origin: "inherent",
        why: inherent.why().to_owned(),
        ends: (Party::Location(at), Party::Internet),
    })
}

/// The routes of each party, and last what a location does by itself.
fn rows(plan: &Plan) -> Vec<Row> {
    let routes = plan.routes.iter().map(|route| row(plan, route));
    let rest = inherent(&plan.topology, &plan.routes);
    let rest = rest.filter_map(|(at, inherent)| by_itself(plan, at, inherent));
    let mut rows: Vec<Row> = routes.chain(rest).collect();
    rows.sort_by_key(|row| row.ends.0);
    rows
}

/// All routes of the spec called `spec`, as other programs read them.
pub(crate) fn document(plan: &Plan, spec: &str) -> serde_json::Value {
    let (rows, overlaps) = (rows(plan), overlaps::overlaps(plan));
    serde_json::json!({"version": 1, "spec": spec, "routes": rows, "overlaps": overlaps})
}

fn json_text(plan: &Plan, spec: &str) -> Result<String, Failure> {
    serde_json::to_string_pretty(&document(plan, spec))
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(format!("cannot write the routes: {error}")))
}

const HEADER: [&str; 6] = ["TO", "FOR", "NEXT HOP", "TLS", "KNOWN BY", "ROUTE"];

/// One block per place that mail leaves from; a cell with several values takes several lines. A block that is wider than the
/// terminal is written route by route, a line for each cell.
fn table(rows: &[Row], overlaps: &[Overlap], columns: Option<usize>) -> String {
    if rows.is_empty() {
        return "there are no routes\n".to_owned();
    }
    let mut out = String::new();
    let mut rest = rows.iter().peekable();
    while let Some(first) = rest.next() {
        let (from, to) = first.ends;
        let mut block = vec![cells(first, to)];
        while let Some(row) = rest.next_if(|row| row.ends.0 == from) {
            block.push(cells(row, row.ends.1));
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "from {}", from_words(first, from));
        write_block(&mut out, &block, columns);
        let mut here = overlaps
            .iter()
            .filter(|overlap| overlap.at == first.from)
            .peekable();
        if here.peek().is_some() {
            out.push_str("  where they overlap\n");
        }
        for overlap in here {
            write_overlap(&mut out, overlap);
        }
    }
    out
}

/// What wins where routes overlap.
fn write_overlap(out: &mut String, overlap: &Overlap) {
    let name = |by: &str| format!("`{}`", by.strip_prefix("route:").unwrap_or(by));
    let winners: Vec<String> = overlap.wins.iter().map(|winner| name(&winner.by)).collect();
    let mut line = format!(
        "    {} goes by {}",
        shortened(&overlap.domains).join(", "),
        winners.join(" or ")
    );
    let losers: Vec<String> = overlap.instead_of.iter().map(|by| name(by)).collect();
    if !losers.is_empty() {
        let _ = write!(line, ", not by {}", losers.join(" or "));
    }
    let readings: BTreeSet<&str> = overlap
        .wins
        .iter()
        .flat_map(|winner| winner.readings.keys().copied())
        .collect();
    if !readings.is_empty() {
        let ids: Vec<&str> = readings.into_iter().collect();
        let _ = write!(line, ": the documents leave it open ({})", ids.join(", "));
    }
    out.push_str(&visible(&line));
    out.push('\n');
}

fn from_words(row: &Row, from: Party) -> String {
    let name = visible(&row.from);
    match from {
        Party::Partner(_) => format!("partner {name}"),
        Party::Device(_) => format!("device {name}"),
        _ => name.into_owned(),
    }
}

/// Each cell is a list of lines.
fn cells(row: &Row, to: Party) -> [Vec<String>; 6] {
    let mut route = vec![row.name.clone()];
    route.push(match row.origin {
        "written" => "written in the spec".to_owned(),
        _ => row.why.clone(),
    });
    if !row.enabled {
        route.push("not enabled".to_owned());
    }
    if row.only_by_rule {
        route.push("used only by a mail-flow rule".to_owned());
    }
    if row.cost != 1 {
        route.push(format!("cost {}", row.cost));
    }
    let next_hop = match &row.next_hop {
        NextHopView::SmartHosts { hosts } => shortened(hosts),
        NextHopView::Mx => vec!["MX of the recipient".to_owned()],
        NextHopView::Unknown => vec!["unknown: a fact is missing".to_owned()],
        NextHopView::None => Vec::new(),
    };
    let known_by = match &row.known_by {
        KnownBy::Certificate { name } => vec![format!("certificate {name}")],
        KnownBy::Addresses { addresses } => shortened(addresses),
        // Elsewhere nobody of ours has to know the sender.
        KnownBy::Nothing if matches!(to, Party::Location(_)) => vec!["nothing".to_owned()],
        KnownBy::Nothing => Vec::new(),
    };
    [
        vec![row.to.clone()],
        shortened(&row.recipients),
        next_hop,
        vec![row.tls.to_owned()],
        known_by,
        route,
    ]
}

fn shortened(values: &[String]) -> Vec<String> {
    if values.len() <= SHOWN {
        return values.to_vec();
    }
    let mut lines: Vec<String> = values.iter().take(SHOWN - 1).cloned().collect();
    lines.push(format!("and {} more", values.len() - lines.len()));
    lines
}

fn write_block(out: &mut String, rows: &[[Vec<String>; 6]], columns: Option<usize>) {
    let header = HEADER.map(|word| vec![word.to_owned()]);
    let rows: Vec<[Vec<String>; 6]> = std::iter::once(&header)
        .chain(rows)
        .map(|row| {
            row.clone()
                .map(|cell| cell.iter().map(|line| visible(line).into_owned()).collect())
        })
        .collect();
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            let longest = cell.iter().map(|line| line.chars().count()).max();
            *width = longest.unwrap_or(0).max(*width);
        }
    }
    let total: usize = widths.iter().map(|width| width + 2).sum();
    if columns.is_some_and(|columns| total > columns) {
        return write_stacked(out, &rows);
    }
    for row in &rows {
        let height = row.iter().map(Vec::len).max().unwrap_or(0);
        for number in 0..height {
            let mut line = String::from(" ");
            for (cell, &width) in row.iter().zip(&widths) {
                let text = cell.get(number).map_or("", String::as_str);
                let _ = write!(line, " {text:width$} ");
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

/// The cells of each row below each other, behind the word of their column.
fn write_stacked(out: &mut String, rows: &[[Vec<String>; 6]]) {
    let wide = HEADER.iter().map(|word| word.len()).max().unwrap_or(0);
    for row in rows.iter().skip(1) {
        for (head, cell) in HEADER.iter().zip(row) {
            for (number, line) in cell.iter().enumerate() {
                let head = if number == 0 { head } else { "" };
                // The first cell is the head of its row, and the others are indented.
                let indent = if head == HEADER[0] { "  " } else { "    " };
                let wide = wide + 4 - indent.len();
                let _ = writeln!(out, "{indent}{head:wide$}  {line}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::write_block;

    #[test]
    fn a_table_is_no_wider_than_the_terminal() {
        let cell = |text: &str| vec![text.to_owned()];
        let row = [
            cell("hq"),
            vec!["contoso.com".to_owned(), "fabrikam.com".to_owned()],
            cell("contoso-com.mail.protection.outlook.com"),
            cell("verified"),
            cell("certificate mail.contoso.com"),
            cell("cloud to hq"),
        ];
        let drawn = |columns| {
            let mut out = String::new();
            write_block(&mut out, std::slice::from_ref(&row), columns);
            out
        };
        let wide = drawn(None);
        assert_eq!(wide, drawn(Some(200)));
        assert!(wide.lines().any(|line| line.chars().count() > 80));
        let narrow = drawn(Some(80));
        assert!(narrow.lines().all(|line| line.chars().count() <= 80));
        assert_eq!(
            narrow,
            "  TO          hq\n    FOR       contoso.com\n              fabrikam.com\n    NEXT HOP  contoso-com.mail.protection.outlook.com\n    TLS       verified\n    KNOWN BY  certificate mail.contoso.com\n    ROUTE     cloud to hq\n"
        );
    }
}
