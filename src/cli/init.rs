//! `init`: a commented spec to begin with, the schema for the editor, and the pipeline that checks it.

use crate::cli::Verdict;
use crate::cli::args::{Described, InitArgs, Situation};
use crate::cli::failure::Failure;
use crate::cli::pages;
use crate::cli::screen::Screen;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// Comments on a change where something is wrong, and says whose mail goes elsewhere.
const GITHUB: &str = include_str!("starters/github.yml");

/// The same for GitLab, whose merge requests show the report.
const GITLAB: &str = include_str!("starters/gitlab.yml");

/// The spec of a situation; nothing where it is made of what exists.
const fn spec(situation: Situation) -> Option<&'static str> {
    Some(match situation {
        Situation::CloudOnly => include_str!("starters/cloud-only.yaml"),
        Situation::Split => include_str!("starters/split.yaml"),
        Situation::Hybrid => include_str!("starters/hybrid.yaml"),
        Situation::Filter => include_str!("starters/filter.yaml"),
        Situation::Postfix => include_str!("starters/postfix.yaml"),
        Situation::Devices => include_str!("starters/devices.yaml"),
        Situation::Existing => return None,
    })
}

pub(super) fn run(args: &InitArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let spec = spec(args.situation).filter(|_| folder != Path::new("existing"));
    let Some(spec) = spec else {
        return Err(
            Failure::new("a spec of connectors that exist is made from an export of them")
                .help("`mailtopo import --script exchange-online` prints the commands that export; then run `mailtopo import cloud=EXPORT --out spec`"),
        );
    };
    let schema = pages::schema_text(Described::Spec)?;
    let mut files = vec![
        ("mailtopo.yaml", spec),
        ("mailtopo.schema.json", schema.as_str()),
    ];
    if args.github {
        files.push((".github/workflows/mailtopo.yml", GITHUB));
    }
    if args.gitlab {
        files.push((".gitlab-ci.yml", GITLAB));
    }
    // Nothing is written where one of the files is there.
    for (name, _) in &files {
        if fs::symlink_metadata(folder.join(name)).is_ok() {
            let shown = folder.join(name);
            return Err(
                Failure::new(format!("`{}` is there already", shown.display()))
                    .help("name another folder: `mailtopo init FOLDER`"),
            );
        }
    }
    for (name, text) in files {
        write_new(&folder.join(name), text)?;
        screen.message(&format!("wrote `{}`", folder.join(name).display()));
    }
    screen.message("next: change the names, then run `mailtopo check`");
    Ok(Verdict::Clean)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let why = match error.kind() {
            ErrorKind::AlreadyExists => "it is there already".to_owned(),
            _ => error.to_string(),
        };
        Failure::new(format!("cannot write `{}`: {why}", path.display()))
    };
    if let Some(above) = path.parent() {
        fs::create_dir_all(above).map_err(failed)?;
    }
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
