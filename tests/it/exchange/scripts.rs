//! The scripts: the same bytes in every folder, and the single files that hold data and library.

use crate::cli::{mailtopo, stdout};
use crate::exchange::{data_file, locations};
use crate::golden::{TODAY, files, root, updating};
use crate::powershell::reader;
use mailtopo::compile::{Input, plan};
use mailtopo::testing::platforms::exchange::scripts::{LIBRARY, LIBRARY_PATH};
use std::fs;

/// Where the scripts stand once; `golden/` has no others.
pub(crate) const SHARED: &str = "golden/exchange";

/// The scripts that are the same everywhere.
pub(crate) const NAMES: [&str; 4] = ["apply.ps1", "verify.ps1", "rollback.ps1", "facts.ps1"];

#[test]
fn the_scripts_are_the_same_in_every_folder() {
    for name in NAMES {
        let path = root(SHARED).join(name);
        if updating() {
            fs::create_dir_all(root(SHARED)).expect("a folder");
            fs::write(&path, &locations()[0].files[name]).expect("a file");
        }
        let golden = fs::read_to_string(&path).expect("the script");
        reader::read(&golden).expect("PowerShell");
        for location in locations() {
            assert_eq!(location.files[name], golden, "{}/{name}", location.name);
        }
    }
}

/// The library as the scripts take it: no carriage return, one line end at its end, nothing but ASCII.
#[test]
fn the_library_has_the_form_that_its_hash_is_of() {
    assert!(LIBRARY.is_ascii() && !LIBRARY.contains('\r'));
    assert_eq!(LIBRARY.trim_end().len() + 1, LIBRARY.len());
}

fn compiled(example: &str, more: &[&str]) -> std::collections::BTreeMap<String, Vec<u8>> {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("out");
    let shown = out.to_string_lossy().into_owned();
    let spec = format!("examples/{example}/mailtopo.yaml");
    let mut args = vec!["compile", &spec, "--out", &shown, "--today", TODAY];
    args.extend(more);
    let output = mailtopo(&root(""), &args)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", stdout(&output));
    files(&out)
}

#[test]
fn a_single_file_holds_the_same_data_and_the_same_library() {
    let thin = compiled("06-hybrid-wizard", &[]);
    let single = compiled("06-hybrid-wizard", &["--standalone"]);
    assert_eq!(thin[LIBRARY_PATH], LIBRARY.as_bytes());
    assert!(!single.contains_key(LIBRARY_PATH) && !single.contains_key("hq/desired.psd1"));
    assert_eq!(single["hq/commands.ps1"], thin["hq/commands.ps1"]);
    let manifest = String::from_utf8_lossy(&single["manifest.json"]).into_owned();
    for location in ["hq", "cloud"] {
        let data = String::from_utf8_lossy(&thin[&format!("{location}/desired.psd1")]).into_owned();
        for name in NAMES {
            let path = format!("{location}/{name}");
            assert!(manifest.contains(&format!("\"{path}\"")), "{manifest}");
            let text = String::from_utf8_lossy(&single[&path]).into_owned();
            let (head, rest) = text.split_once("$desired = data {\n").expect("a section");
            let (section, rest) = rest.split_once("}\n\n# ----").expect("its end");
            assert_eq!(data_file::read(section), data_file::read(&data), "{path}");
            assert!(rest.contains(LIBRARY), "{path}");
            let what = name.trim_end_matches(".ps1");
            let call = format!(
                "\nInvoke-Mailtopo '{what}' $desired $PSCmdlet $PSBoundParameters\nexit $run['Exit']\n"
            );
            assert!(rest.ends_with(&call), "{path}");
            // Everything up to the data is the thin script's, but for one line.
            let script = String::from_utf8_lossy(&thin[&path]).into_owned();
            let (own, _) = script.split_once("$here = ").expect("its loading");
            let differ = own
                .lines()
                .zip(head.lines())
                .filter(|(one, other)| one != other);
            assert_eq!(differ.count(), 1, "{path}");
        }
    }
}

/// Exchange Online refuses the last rules of a tenant that has too many, or too many characters of patterns in them.
#[test]
fn what_rules_have_at_most_is_said_before_they_are_made() {
    let said = |count: usize, domains: usize| {
        let rule = |rule: usize| {
            let names = (0..domains).map(|at| format!("\"domain-{rule}-{at}.customer.example\""));
            let names = names.collect::<Vec<_>>().join(", ");
            format!(
                "  - {{name: r{rule}, at: cloud, when: {{recipient_domain: [{names}]}}, route: hq}}\n"
            )
        };
        let rules: String = (0..count).map(rule).collect();
        let spec = format!(
            "version: 1\nlocations:\n  cloud: {{kind: exchange-online, tenant: contoso}}\n  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], certificate: mail.contoso.com, sends: {{via: cloud}}}}\ndomains:\n  contoso.com: {{mailboxes: {{cloud: 1, hq: 1}}, mx: cloud}}\nrules:\n{rules}"
        );
        let files = std::collections::BTreeMap::new();
        let input = Input {
            name: "a.yaml",
            bytes: spec.as_bytes(),
            files: &files,
        };
        let found = plan(&input, None).findings;
        let texts = found.iter().map(|finding| finding.message.as_str());
        texts.collect::<Vec<_>>().join("\n")
    };
    let fits = said(300, 1);
    assert!(!fits.contains("Exchange Online"), "{fits}");
    let many = said(301, 1);
    assert!(many.contains("`cloud` would have 301 rules"), "{many}");
    let patterns = said(6, 120);
    assert!(
        patterns.contains("characters of patterns in all rules together"),
        "{patterns}"
    );
    let large = said(1, 300);
    assert!(large.contains("rule `r0` has conditions of"), "{large}");
}
