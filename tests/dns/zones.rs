//! Every zone that is written, read by the checkers of three name servers.

use crate::input::hostile;
use crate::{folders, generated};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

/// So many generated specs are part of every run.
const EVERYDAY: u64 = 30;

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

/// The zones of examples, of specs with hostile strings and of generated specs, those of stages and those for other
/// administrators among them.
#[test]
fn every_zone_that_is_written_loads() {
    let (mut specs, mut zones) = (0, BTreeSet::new());
    let all = folders(&["examples"]).into_iter().chain(hostile());
    for spec in all.chain(generated(EVERYDAY)) {
        let Some(files) = spec.compiled().and_then(|asked| asked.files()) else {
            continue;
        };
        specs += 1;
        for (path, bytes) in &files {
            let zone = path
                .strip_prefix("dns/")
                .and_then(|rest| rest.strip_suffix(".zone"));
            // Stages and changes stand in folders of their own.
            if let Some(zone) = zone.and_then(|zone| zone.rsplit('/').next())
                && zones.insert((zone.to_owned(), bytes.clone()))
            {
                check(zone, std::str::from_utf8(bytes).expect("text"));
            }
        }
    }
    let zones = zones.len();
    println!("{specs} specs, {zones} zones");
    assert!(
        zones > 90,
        "only {zones} zones of {specs} specs were checked"
    );
}
