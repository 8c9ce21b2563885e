//! `import`: a draft spec from what exists.

use crate::cli::args::{Collected, ImportArgs};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, drift};
use crate::compile;
use crate::draft::{Part, is_of_zones};
use crate::io::{self, Options, Swap};
use crate::values::Name;

/// Commands that only read, and write what import needs into the folder where they are run.
const fn commands(product: Collected) -> &'static str {
    match product {
        Collected::ExchangeOnline => include_str!("collect/exchange-online.ps1"),
        Collected::ExchangeServer => include_str!("collect/exchange-server.ps1"),
        Collected::Postfix => include_str!("collect/postfix.sh"),
    }
}

pub(super) fn run(args: &ImportArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let Some(out) = args.out.as_deref() else {
        let commands = args.script.map_or("", commands);
        screen.result(commands)?;
        return Ok(Verdict::Clean);
    };
    let mut parts: Vec<Part> = Vec::new();
    for word in &args.words {
        let Some((location, path)) = word.split_once('=') else {
            return Err(Failure::new(format!("`{word}` names no location"))
                .help("name each export with the location that it becomes: `cloud=state.json`"));
        };
        let export = drift::read(path)?;
        // Zones are no location.
        if let Err(bad) = Name::parse(location).map_err(|bad| bad.message)
            && !is_of_zones(&export)
        {
            return Err(Failure::new(bad));
        }
        match parts.iter_mut().find(|part| part.location == location) {
            Some(part) => part.export.join(export).map_err(Failure::new)?,
            None => parts.push(Part {
                location: location.to_owned(),
                export,
            }),
        }
    }
    let today = check::day(&args.day)?;
    let imported = compile::import(&parts, today).map_err(Failure::new)?;
    let options = Options {
        force: false,
        swap: Swap::default(),
    };
    io::write(out, &imported.files, options)?;
    let out = out.display();
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
