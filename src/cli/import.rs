//! `import`: a draft spec from what exists.

use crate::cli::args::{Collected, ImportArgs, LedgerForm};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, drift, say_errors, spec};
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
    let imported = match args.merge.as_deref() {
        None => compile::import(&parts, args.fold, today).map_err(Failure::new)?,
        Some(path) => {
            let spec = spec::open(Some(path))?;
            let merged = compile::merge(&spec.input(), &parts, today).map_err(Failure::new)?;
            match merged {
                (_, Some(imported)) => imported,
                (checked, None) => {
                    say_errors(&spec.shown, &checked, screen);
                    return Ok(Verdict::Found);
                }
            }
        }
    };
    let options = Options {
        force: false,
        swap: Swap::default(),
    };
    io::write(out, &imported.files, options)?;
    let out = out.display();
    let page = |name: &str| {
        let bytes = imported.files.get(name).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    };
    screen.result(&match args.output_format {
        LedgerForm::Human => format!("{}\n", imported.summary),
        LedgerForm::Json => page("import.json"),
        LedgerForm::Markdown => page("IMPORT.md"),
    })?;
    if imported.is_too_large {
        screen.message(&format!(
            "not folded: it has more than {} connectors",
            compile::MOST_FOLDED
        ));
    }
    screen.message(&format!(
        "wrote `{out}/mailtopo.yaml`; read `{out}/IMPORT.md` first"
    ));
    Ok(if imported.is_whole {
        Verdict::Clean
    } else {
        Verdict::Found
    })
}
