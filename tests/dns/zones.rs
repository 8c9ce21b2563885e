//! The zones of every example, read by a name server's own checker.

use mailtopo::testing::dns::write;
use mailtopo::testing::finding::{Findings, Severity};
use mailtopo::testing::output::Tree;
use mailtopo::testing::plan::derive;
use mailtopo::testing::source::{Files, Sources};
use mailtopo::testing::topology::resolve;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of one example.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|_| "there is no such file".to_owned())
    }
}

/// The files about the DNS that an example compiles to; nothing where the example is one of mistakes.
fn compiled(folder: &Path) -> Option<Tree> {
    let text = fs::read(folder.join("mailtopo.yaml")).expect("the spec can be read");
    let mut sources = Sources::default();
    let mut findings = Findings::default();
    let files = Folder(folder.to_owned());
    let topology = resolve::load(&files, "mailtopo.yaml", &text, &mut sources, &mut findings);
    if findings.has_errors() {
        return None;
    }
    let plan = derive(topology.expect("a topology"), &mut findings);
    let wrong: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .filter(|finding| finding.check.as_str().starts_with(['N', 'U', 'S']))
        .map(|finding| (finding.check, &finding.message))
        .collect();
    assert!(wrong.is_empty(), "{}: {wrong:?}", folder.display());
    let mut tree = Tree::default();
    assert_eq!(write::emit(&plan, &mut tree), [], "{}", folder.display());
    Some(tree)
}

/// A fragment needs a start of authority before it can be checked, and the addresses of its hosts, which stand in the
/// part of the zone that the user keeps.
pub(crate) fn whole(text: &str, zone: &str) -> String {
    if text.contains(" SOA ") {
        return text.to_owned();
    }
    let mut whole = format!(
        "{zone}. 3600 IN SOA ns.dns.test. hostmaster.dns.test. 1 86400 7200 3600000 3600\n\
         {zone}. 3600 IN NS ns.dns.test.\n{text}"
    );
    let rows = || {
        text.lines()
            .map(|line| line.split_ascii_whitespace().collect::<Vec<_>>())
    };
    let addressed: BTreeSet<&str> = rows()
        .filter(|row| matches!(row.get(3), Some(&"A" | &"AAAA")))
        .map(|row| row[0])
        .collect();
    let named: BTreeSet<&str> = rows()
        .filter(|row| matches!(row.get(3), Some(&"MX" | &"SRV")))
        .filter_map(|row| row.last().copied())
        .filter(|host| host.ends_with(&format!(".{zone}.")) && !addressed.contains(host))
        .collect();
    for host in named {
        let _ = writeln!(whole, "{host} 3600 IN A 192.0.2.1");
    }
    whole
}

pub(crate) fn check(zone: &str, text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("zone");
    fs::write(&file, whole(text, zone)).expect("written");
    // `-i local`: everything else would ask the network for hosts outside of the zone.
    let output = Command::new("named-checkzone")
        .args(["-i", "local", "-k", "fail", "-m", "fail", "-M", "fail"])
        .args([
            "-n", "fail", "-r", "fail", "-S", "fail", "-T", "warn", "-W", "warn", zone,
        ])
        .arg(&file)
        .output()
        .expect("named-checkzone is needed: apt-get install bind9-utils");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{zone}: {said}\n{text}");
    let origin = format!("{zone}.");
    for (program, package, arguments) in [
        ("nsd-checkzone", "nsd", vec![zone]),
        ("kzonecheck", "knot-dnssecutils", vec!["-o", &origin]),
    ] {
        let run = Command::new(program).args(arguments).arg(&file).output();
        let output =
            run.unwrap_or_else(|_| panic!("{program} is needed: apt-get install {package}"));
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let warned = said.contains("warning") || said.contains("error");
        assert!(
            output.status.success() && !warned,
            "{program} {zone}: {said}\n{text}"
        );
    }
}

#[test]
fn every_example_has_zones_that_load() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut zones = 0;
    for entry in fs::read_dir(&root).expect("the examples are there") {
        let folder = entry.expect("an entry").path();
        if !folder.join("mailtopo.yaml").is_file() {
            continue;
        }
        let Some(tree) = compiled(&folder) else {
            continue;
        };
        for (path, bytes) in tree.iter() {
            let zone = path
                .strip_prefix("dns/")
                .and_then(|rest| rest.strip_suffix(".zone"));
            // Stages and changes stand in folders of their own.
            let zone = zone.and_then(|zone| zone.rsplit('/').next());
            if let Some(zone) = zone {
                check(zone, std::str::from_utf8(bytes).expect("text"));
                zones += 1;
            }
        }
        assert_eq!(Some(tree), compiled(&folder), "{}", folder.display());
    }
    assert!(zones >= 18, "only {zones} zones were checked");
}
