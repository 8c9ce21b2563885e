//! `import`: a draft spec from what exists.

use crate::cli::args::ImportArgs;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, drift};
use crate::compile;
use crate::import::Export;
use crate::io::{self, Options, Swap};
use crate::values::Name;

pub(super) fn run(args: &ImportArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let mut found: Option<(&str, String, Export)> = None;
    for word in &args.words {
        let Some((location, path)) = word.split_once('=') else {
            return Err(Failure::new(format!("`{word}` names no location"))
                .help("name each export with the location that it becomes: `cloud=state.json`"));
        };
        if let Err(bad) = Name::parse(location) {
            return Err(Failure::new(bad.message));
        }
        let export = drift::read(path)?;
        match &mut found {
            None => found = Some((location, path.to_owned(), export)),
            Some((known, names, first)) if *known == location => {
                *names = format!("{names}, {path}");
                first.join(export).map_err(Failure::new)?;
            }
            Some(_) => {
                return Err(Failure::new("one tenant is imported at a time")
                    .help("import each into a folder of its own"));
            }
        }
    }
    let (location, source, export) = found.ok_or_else(|| Failure::new("there is no export"))?;
    let today = check::day(&args.day)?;
    let imported = compile::import(location, &source, &export, today).map_err(Failure::new)?;
    let options = Options {
        force: false,
        swap: Swap::default(),
    };
    io::write(&args.out, &imported.files, options)?;
    let out = args.out.display();
    screen.result(&format!("{}\n", imported.summary))?;
    screen.message(&format!(
        "wrote `{out}/mailtopo.yaml`; read `{out}/IMPORT.md` first"
    ));
    Ok(if imported.is_whole {
        Verdict::Clean
    } else {
        Verdict::Found
    })
}
