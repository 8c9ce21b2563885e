mod hostile;

use crate::finding::{Code, Loser, Object, TraceHop};
use crate::report::*;
use crate::source::FileId;
use serde_json::Value;

const HOSTILE: &str = "x\u{1b}[2J\u{202e}`<!--]]>@all|\r\n::error::%0A&\"'\u{0}";

fn rules() -> Vec<Rule> {
    let rule = |code, name| Rule {
        code,
        name,
        severity: Severity::Error,
        proves: "Nothing is ignored.".to_owned(),
        page: "# A page\n".to_owned(),
    };
    vec![
        rule(Code::S001, "unknown-reference"),
        rule(Code::S007, "unknown-key"),
        rule(Code::A001, "accepted-beside-wildcard"),
    ]
}

fn sources() -> (Sources, FileId, FileId) {
    let mut sources = Sources::default();
    let main = sources.add(
        "mailtopo.yaml",
        "version: 1\ndomian: {}\nroutes:\n  - {name: é, to: hqq}\n",
    );
    let other = sources.add("more/partners.yaml", "partners:\n  a: {}\n");
    (sources, main, other)
}

fn findings(main: FileId, other: FileId) -> Vec<Finding> {
    let mut overlap = Finding::error(
        Code::A001,
        "mail for `sales.contoso.com` may take either of two routes",
    )
    .at(Span::new(main, 35, 39), "this one, or")
    .at(Span::new(other, 12, 13), "that one")
    .help("write this:\n    recipients: [sales.contoso.com]")
    .on(Object::Route("Connector 1".to_owned()))
    .domains((0..30).map(|n| format!("d{n}.contoso.com")));
    overlap.certainty = Certainty::Possible;
    overlap.readings = vec!["R1"];
    overlap.recipients = Some(4210);
    overlap.trace = vec![TraceHop {
        at: "internet".to_owned(),
        to: "cloud".to_owned(),
        by: "mx sales.contoso.com".to_owned(),
        why: "its only MX".to_owned(),
        instead_of: vec![Loser {
            by: "route:Connector 3".to_owned(),
            why: "is listed later".to_owned(),
        }],
        tls: Some("verified".to_owned()),
    }];
    vec![
        overlap,
        Finding::error(Code::S007, "unknown key `domian`")
            .at(Span::new(main, 11, 17), "did you mean `domains`?"),
        Finding::warning(Code::S001, format!("`{HOSTILE}` is unknown"))
            .at(Span::whole(main), HOSTILE),
        Finding::note(Code::S001, "no place at all"),
    ]
}

fn rendered(format: Format) -> String {
    let (sources, main, other) = sources();
    let findings = findings(main, other);
    let rules = rules();
    let report = Report::new("infra/mailtopo.yaml", &findings, &sources, &rules);
    report.render(format, Look::PLAIN)
}

fn json(format: Format) -> Value {
    serde_json::from_str(&rendered(format)).expect("the report is JSON")
}

/// At a terminal words fit its width, and notes are one line.
#[test]
fn a_terminal_gets_what_fits_it() {
    let (sources, file, _) = sources();
    let span = Span::new(file, 0, 4);
    let note = |check| {
        Finding::note(check, "something ".repeat(30))
            .at(span, "here")
            .help("do nothing ".repeat(30))
    };
    let findings = vec![
        Finding::error(Code::G004, "words ".repeat(60)).at(span, "here"),
        note(Code::N017),
        note(Code::N017),
        note(Code::T007),
    ];
    let report = Report::new("mailtopo.yaml", &findings, &sources, &[]);
    let narrow = Look {
        width: 60,
        extent: Extent::FoldedNotes,
        ..Look::PLAIN
    };
    let text = report.render(Format::Human, narrow);
    assert!(
        text.contains("\n3 notes (N017 ×2, T007); `-v` shows them\n1 error and 3 notes in"),
        "{text}"
    );
    assert!(!text.contains("something"), "{text}");
    for line in text.lines().filter(|line| line.contains("words")) {
        assert!(line.chars().count() <= 60, "{line}");
    }
    let all = report.render(Format::Human, Look::PLAIN);
    assert!(all.contains("something") && !all.contains("`-v`"), "{all}");
}

#[test]
fn nothing_of_a_spec_steers_a_terminal() {
    for format in Format::ALL {
        let text = rendered(format);
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        // JSON strings carry the text as it is; its writer escapes controls itself, and a reader wants the real thing.
        let allowed = |c: char| format == Format::Json && c == '\u{202e}';
        assert!(
            !text.chars().any(|c| steers(c) && !allowed(c)),
            "{format:?}: {text:?}"
        );
    }
}

#[test]
fn the_human_form_shows_lines_and_region() {
    let text = rendered(Format::Human);
    for part in [
        "error[A001] accepted-beside-wildcard",
        "[infra/mailtopo.yaml:4:6]",
        "[infra/more/partners.yaml:2:3]",
        "that one",
        "help: write this:",
        "certainty: possible, by reading R1",
        "d19.contoso.com and 10 more; 4,210 recipients",
        "  1. internet to cloud by mx sales.contoso.com, tls verified: its only MX",
        "     not by route:Connector 3: is listed later",
        "domian: {}",
        "2 errors, 1 warning and 1 note in infra/mailtopo.yaml",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let (sources, main, other) = sources();
    let findings = findings(main, other);
    let rules = rules();
    let report = Report::new("mailtopo.yaml", &findings, &sources, &rules);
    assert!(
        report
            .render(
                Format::Human,
                Look {
                    color: true,
                    ..Look::PLAIN
                }
            )
            .contains("\u{1b}[")
    );
}

#[test]
fn a_clean_run_says_one_line() {
    let sources = Sources::default();
    let report = Report::new("mailtopo.yaml", &[], &sources, &[]);
    assert_eq!(
        report.render(Format::Human, Look::PLAIN),
        "mailtopo.yaml: nothing found\n"
    );
    assert_eq!(report.render(Format::Concise, Look::PLAIN), "");
    let report = report.summary(Summary {
        flows: 3708,
        classes: 412,
        sources: 9,
        readings: vec!["R1"],
        ..Summary::default()
    });
    assert_eq!(
        report.render(Format::Human, Look::PLAIN),
        "mailtopo.yaml: 412 classes of mail from 9 sources all end as intended, under every reading of R1\n"
    );
}

#[test]
fn odd_places_can_be_shown() {
    let long = format!("a: [{}needle{}]\n", "x, ".repeat(9000), ", y".repeat(9000));
    let needle = u32::try_from(long.find("needle").unwrap()).unwrap();
    let texts = [
        ("", Span::whole(FileId(0))),
        ("a", Span::new(FileId(0), 1, 1)),
        ("a\r\n\u{feff}b\r\n", Span::new(FileId(0), 1, 9)),
        ("\u{feff}a: \u{7}b\n", Span::new(FileId(0), 0, 9)),
        ("ü", Span::new(FileId(0), 1, 1)),
        ("\t- \tx\n\n\n", Span::new(FileId(0), 3, 6)),
        ("a\n", Span::new(FileId(0), 900, 9000)),
        ("a\n", Span::new(FileId(7), 1, 2)),
        (&long, Span::new(FileId(0), needle, needle + 6)),
        (&long, Span::new(FileId(0), 3, 50_000)),
    ];
    for (text, span) in texts {
        let mut sources = Sources::default();
        sources.add("f", text);
        let twice = Finding::error(Code::S007, "wrong")
            .at(span, "here")
            .at(span, "and again");
        let findings = [Finding::error(Code::S007, "wrong").at(span, "here"), twice];
        let report = Report::new("f", &findings, &sources, &[]);
        for format in Format::ALL {
            let out = report.render(format, Look::PLAIN);
            assert!(!out.contains("Failed to read"), "{out}");
            assert!(out.len() < 9000, "{format:?}: {} bytes", out.len());
        }
        let human = report.render(Format::Human, Look::PLAIN);
        assert!(
            human.contains("here") && human.contains("and again"),
            "{human}"
        );
    }
}

#[test]
fn concise_lines_can_be_followed() {
    let text = rendered(Format::Concise);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[1],
        "infra/mailtopo.yaml:2:1: error[S007] unknown key `domian`"
    );
}

#[test]
fn json_keeps_the_contract() {
    let document = json(Format::Json);
    assert_eq!(document["version"], 1);
    assert_eq!(document["spec"], "infra/mailtopo.yaml");
    let first = &document["findings"][0];
    let keys: Vec<_> = first
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "check",
            "name",
            "severity",
            "certainty",
            "readings",
            "message",
            "help",
            "objects",
            "domains",
            "domains_total",
            "recipients",
            "labels",
            "trace"
        ]
    );
    assert_eq!(first["name"], "accepted-beside-wildcard");
    assert_eq!(first["certainty"], "possible");
    assert_eq!(first["objects"][0], "route:Connector 1");
    assert_eq!(first["domains"].as_array().unwrap().len(), 20);
    assert_eq!(first["domains_total"], 30);
    assert_eq!(first["recipients"], 4210);
    assert_eq!(
        first["trace"][0]["instead_of"][0]["by"],
        "route:Connector 3"
    );
    let label = &document["findings"][1]["labels"][0];
    let place =
        ["line", "column", "end_line", "end_column"].map(|key| label[key].as_u64().unwrap());
    assert_eq!(place, [2, 1, 2, 7]);
    assert_eq!(document["summary"]["errors"], 2);
    assert_eq!(document["findings"][2]["labels"][0]["text"], HOSTILE);
}

#[test]
fn sarif_has_what_code_scanning_asks_for() {
    let log = json(Format::Sarif);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 3, "rules without findings are declared too");
    let mut prints = Vec::new();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string());
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][key].as_u64().unwrap() >= 1);
        }
        prints.push(
            result["partialFingerprints"]["mailtopo/v1"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), 4, "each finding has its own fingerprint");
    let first = &run["results"][0];
    assert_eq!(
        first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "infra/more/partners.yaml"
    );
    let step = &first["codeFlows"][0]["threadFlows"][0]["locations"][0]["location"];
    assert_eq!(
        step["message"]["text"],
        "internet to cloud by mx sales.contoso.com: its only MX"
    );
}

#[test]
fn fingerprints_do_not_move_with_lines() {
    let print = |text: &str, start: u32| {
        let mut sources = Sources::default();
        let file = sources.add("mailtopo.yaml", text);
        let findings = [Finding::error(Code::A001, format!("at {start}"))
            .at(Span::new(file, start, start + 1), "here")
            .on(Object::Route("r".to_owned()))];
        let report = Report::new("mailtopo.yaml", &findings, &sources, &[]);
        fingerprint::fingerprints(&report)
    };
    assert_eq!(print("a\n", 0), print("# new\na\n", 6));
}

#[test]
fn github_commands_are_escaped() {
    let text = rendered(Format::Github);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4, "a finding is one line:\n{text}");
    assert_eq!(
        lines[1],
        "::error file=infra/mailtopo.yaml,line=2,endLine=2,col=1,endColumn=6,title=S007 unknown-key::unknown key `domian`"
    );
    assert!(lines[0].contains("%0Ahelp: write this:%0A"));
    assert!(lines[2].starts_with("::warning ") && lines[3].starts_with("::notice "));
    assert!(lines[2].contains("::error::%250A"), "{}", lines[2]);
}

#[test]
fn gitlab_issues_are_complete() {
    let issues = json(Format::Gitlab);
    for issue in issues.as_array().unwrap() {
        for key in ["description", "check_name", "fingerprint", "severity"] {
            assert!(issue[key].is_string(), "{key}");
        }
        assert!(issue["location"]["path"].is_string());
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn junit_is_well_formed() {
    let text = rendered(Format::Junit);
    let names = well_formed(&text);
    let of = |wanted: &str| names.iter().filter(|name| *name == wanted).count();
    assert_eq!(of("testcase"), 4, "one for each finding");
    assert_eq!(of("failure"), 2);
    assert_eq!(of("system-out"), 2);
    assert!(text.contains("tests=\"4\" failures=\"2\""));
    assert!(text.contains("&lt;!--"));
}

/// The names of all elements of an XML document, which must be well formed: tags nest, attributes are quoted, and text
/// holds neither a bare `<` nor a bare `&`. There is no DOCTYPE, comment or CDATA in ours.
fn well_formed(text: &str) -> Vec<String> {
    let mut rest = text
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .unwrap();
    let mut open = Vec::new();
    let mut names = Vec::new();
    while let Some(at) = rest.find('<') {
        entities(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name.to_owned()), "tags nest");
            continue;
        }
        let (tag, closed) = tag
            .strip_suffix('/')
            .map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        while !attributes.trim().is_empty() {
            let (key, value) = attributes
                .trim_start()
                .split_once("=\"")
                .expect("attributes are quoted");
            assert!(key.chars().all(|c| c.is_ascii_alphabetic()), "{key}");
            let (value, more) = value.split_once('"').expect("a quote ends");
            entities(value);
            attributes = more;
        }
        names.push(name.to_owned());
        if !closed {
            open.push(name.to_owned());
        }
    }
    assert!(
        open.is_empty() && rest.trim().is_empty(),
        "{open:?} {rest:?}"
    );
    names
}

fn entities(text: &str) {
    for part in text.split('&').skip(1) {
        assert!(
            ["amp;", "lt;", "gt;", "quot;"]
                .iter()
                .any(|entity| part.starts_with(entity)),
            "{part}"
        );
    }
}

#[test]
fn markdown_holds_no_live_markup_of_the_spec() {
    let text = rendered(Format::Markdown);
    assert!(
        text.starts_with("### mailtopo: 2 errors, 1 warning and 1 note in infra/mailtopo.yaml\n")
    );
    assert!(text.contains("unknown key `domian` at `infra/mailtopo.yaml:2:1`"));
    let line = text
        .lines()
        .find(|line| line.contains("**warning S001"))
        .unwrap();
    // The backtick in the name ends the code span, so the rest of it must be escaped.
    assert!(line.contains(r"&lt;\!--\]\]&gt;&#64;all\|"), "{line}");
}

#[test]
fn azure_commands_are_escaped() {
    let text = rendered(Format::Azure);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(
        lines[1],
        "##vso[task.logissue type=error;sourcepath=infra/mailtopo.yaml;linenumber=2;columnnumber=1;code=S007]unknown key `domian`"
    );
    assert!(lines[0].contains("%0Ahelp: write this:%0A"), "{text}");
    assert!(lines[3].starts_with("infra/mailtopo.yaml:1:1: note[S001]"));
}

#[test]
fn reviewdog_counts_columns_in_bytes() {
    let document = json(Format::Rdjson);
    let diagnostics = document["diagnostics"].as_array().unwrap();
    assert_eq!(diagnostics.len(), 4);
    assert_eq!(diagnostics[1]["code"]["value"], "S007");
    assert_eq!(diagnostics[1]["severity"], "ERROR");
    let start = &diagnostics[1]["location"]["range"]["start"];
    assert_eq!(
        (start["line"].as_u64(), start["column"].as_u64()),
        (Some(2), Some(1))
    );
    assert_eq!(diagnostics[0]["location"]["path"], "infra/mailtopo.yaml");
}

/// Ten thousand mistakes give a short report with exact totals.
#[test]
fn a_report_is_bounded_and_its_totals_are_exact() {
    let (sources, main, _) = sources();
    let mut findings: Vec<Finding> = (0..10_000)
        .map(|n| {
            Finding::error(Code::S007, format!("unknown key `k{n}`"))
                .at(Span::new(main, 11, 17), "here")
        })
        .collect();
    findings.push(Finding::error(Code::A001, "another").at(Span::new(main, 11, 17), "here"));
    let rules = rules();
    let report = Report::new("mailtopo.yaml", &findings, &sources, &rules).at_most(MOST_FINDINGS);
    assert_eq!(report.counts().errors, 10_001);
    for format in Format::ALL {
        let text = report.render(format, Look::PLAIN);
        assert!(text.len() < 1 << 20, "{format:?}: {}", text.len());
        assert!(text.contains("another"), "{format:?}: each check is shown");
        let is_list = matches!(
            format,
            Format::Sarif | Format::Gitlab | Format::Junit | Format::Rdjson
        );
        let says = text.contains("and 9,800 more S007") || text.contains("\"S007\": 9800");
        assert!(is_list || says, "{format:?}");
    }
    let all = Report::new("mailtopo.yaml", &findings, &sources, &rules).at_most(0);
    assert_eq!(
        all.render(Format::Concise, Look::PLAIN).lines().count(),
        10_001
    );
}

#[test]
fn files_are_named_from_the_root_of_the_repository() {
    let (sources, main, other) = sources();
    let findings = findings(main, other);
    let base = Base {
        root: "/repo".to_owned(),
        here: "a/b".to_owned(),
    };
    for (spec, wanted) in [
        ("mailtopo.yaml", "a/b/mailtopo.yaml"),
        ("../c/mailtopo.yaml", "a/c/mailtopo.yaml"),
        ("/repo/x/mailtopo.yaml", "x/mailtopo.yaml"),
        ("/elsewhere/mailtopo.yaml", "/elsewhere/mailtopo.yaml"),
        ("../../../mailtopo.yaml", "../../../mailtopo.yaml"),
    ] {
        let report = Report::new(spec, &findings, &sources, &[]).base(base.clone());
        let issues: Value =
            serde_json::from_str(&report.render(Format::Gitlab, Look::PLAIN)).unwrap();
        assert_eq!(issues[1]["location"]["path"], wanted, "{spec}");
        assert!(
            report
                .render(Format::Concise, Look::PLAIN)
                .contains(&format!("{spec}:2:1")),
            "people open it from here"
        );
    }
}
