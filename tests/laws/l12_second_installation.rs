//! L12: a second installation replaces the first: the output of a changed spec, written over the former, leaves no file of
//! it, and written once more changes nothing.
//!
//! The scripts for Exchange are proved on their own simulator (`tests/powershell`), a running Postfix in `tests/postfix`.

use crate::breach::{Breach, holds};
use crate::corpus::{Spec, below, corpus};
use crate::surface::{Compiled, MAIN, TODAY};
use mailtopo::testing::io::{Options, Written, write};

#[test]
fn a_second_installation_replaces_the_first() {
    holds("L12", replaces_the_first, |_, spec| {
        spec.name.starts_with("examples/") || spec.name.starts_with("checks/")
    });
}

fn replaces_the_first(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    // The spec that stands before this one in the corpus is the changed one.
    let written = || corpus().iter().filter(|it| it.compiled().files.is_some());
    let before = written().take_while(|it| it.name != spec.name).last();
    let (Some(former), Some(files)) = (before, &compiled.files) else {
        return Vec::new();
    };
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    let mut breaches = Vec::new();
    let mut add = |kind: &str, one: String| {
        breaches.push(Breach {
            object: kind.to_owned(),
            kind: kind.to_owned(),
            one,
            other: format!("{} over {}", spec.name, former.name),
        });
    };
    let put = |of: &Spec| {
        let sealed = mailtopo::testing::Asked::of(MAIN, &of.files, TODAY)
            .and_then(mailtopo::testing::Asked::output);
        let sealed = sealed.expect("an output");
        write(&out, &sealed, Options::default()).map_err(|failure| failure.to_string())
    };
    let first = put(former);
    let second = put(spec);
    if !matches!(
        (&first, &second),
        (
            Ok(Written::Replaced { .. }),
            Ok(Written::Replaced { .. } | Written::Unchanged)
        )
    ) {
        add("it is not written", format!("{first:?}, {second:?}"));
    }
    let third = put(spec);
    if third != Ok(Written::Unchanged) {
        add("the same output is written again", format!("{third:?}"));
    }
    let mut now = below(&out);
    now.remove("manifest.json");
    let mut wanted = files.clone();
    wanted.remove("manifest.json");
    if now != wanted {
        let more: Vec<&String> = now
            .keys()
            .filter(|path| !wanted.contains_key(*path))
            .collect();
        add(
            "a file of the former output is left, or one is missing or differs",
            format!("{more:?}"),
        );
    }
    breaches
}
