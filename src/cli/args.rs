//! The words of the command line. The doc comments are the help texts.

use crate::cli::color::ColorWhen;
use crate::cli::forms::Form;
use crate::diff::Level;
use crate::finding::Severity;
use crate::values::Date;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::PathBuf;

/// A compiler for mail topologies: one spec in; Exchange connectors, Postfix maps, DNS zones and a runbook out
#[derive(Debug, Parser)]
#[command(
    name = "mailtopo",
    version,
    arg_required_else_help = true,
    after_help = concat!("SPEC is `mailtopo.yaml`, looked for here and in the folders above up to the root of the repository; `-` is standard input.\n\
        Exit codes: 0 clean or written, 1 findings at or above --fail-on, 2 could not run, 3 something differs (diff --exit-code, drift --exit-code, compile --check).\n\
        Nothing ever touches the network.\n\
        Documentation: ", env!("CARGO_PKG_REPOSITORY"), "/tree/v", env!("CARGO_PKG_VERSION"), "/docs")
)]
pub(super) struct Args {
    /// When to use colour; `auto` also obeys `NO_COLOR`
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto, value_name = "WHEN")]
    pub color: ColorWhen,
    /// Say nothing but results and failures
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is being done
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Described {
    /// A spec
    Spec,
    /// A file of facts, which `facts` of a spec names
    Facts,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read, resolve and analyse a spec; write nothing
    Check(CheckArgs),
    /// Check, then write the files of every target; refuses while there are errors
    Compile(CompileArgs),
    /// Compare two specs: whose mail goes elsewhere, and which lines are the cause
    Diff(DiffArgs),
    /// Make a draft spec of an export of a tenant, with a verdict for every value that was read
    Import(ImportArgs),
    /// Compare what exists with what was compiled: property by property, and whose mail goes elsewhere
    Drift(DriftArgs),
    /// List every connector and route there will be, with its reason
    Routes(RoutesArgs),
    /// Explain what a check proves; without a code, list the checks
    Explain(ExplainArgs),
    /// Follow one message, hop by hop, with the reason for every hop
    Trace(TraceArgs),
    /// Draw the topology: boxes for the parties, arrows for the mail between them
    Graph(GraphArgs),
    /// Bring the text of a spec into one form; comments, order and style of values stay
    Fmt(FmtArgs),
    /// Write a commented spec to begin with; asks nothing and overwrites nothing
    Init(InitArgs),
    /// Print the JSON schema of the language, for editors
    #[command(after_help = "Example: mailtopo schema > mailtopo.schema.json")]
    Schema {
        /// What is described
        #[arg(value_enum, default_value_t = Described::Spec)]
        of: Described,
    },
    /// Print a completion script
    Completions {
        /// The shell it is for
        #[arg(value_parser = shell())]
        shell: Shell,
        /// A line that is being completed, for the script itself: prints who can write in its spec
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        line: Vec<OsString>,
    },
    /// Print a manual page
    Man {
        /// The command it is about; without one, mailtopo as a whole
        command: Option<String>,
    },
    /// Print the version
    Version,
}

/// Arguments of `check`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: mailtopo check --output-format human,sarif=mailtopo.sarif")]
pub(super) struct CheckArgs {
    /// The spec
    pub spec: Option<PathBuf>,
    /// Apply the edits that mend a finding and make no mail lost or worse
    #[arg(long)]
    pub fix: bool,
    /// Apply the other edits that mend a finding too
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Print what `--fix` would do as a unified diff; write nothing
    #[arg(long, conflicts_with = "fix")]
    pub diff: bool,
    /// A file of findings that are known: they are reported as accepted and make no run fail
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Make the file of known findings, or take out of it what is mended
    #[arg(long, requires = "baseline")]
    pub write_baseline: bool,
    /// How to report.
    #[command(flatten)]
    pub reporting: Reporting,
}

/// Arguments of `compile`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: mailtopo compile mailtopo.yaml --out out")]
pub(super) struct CompileArgs {
    /// The spec
    pub spec: Option<PathBuf>,
    /// The folder to write; it belongs to mailtopo and is replaced as a whole
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Overwrite files of the folder that somebody edited
    #[arg(long)]
    pub force: bool,
    /// Write nothing; exit with 3 when the folder is not what would be written, and list its stale files
    #[arg(long, conflicts_with = "force")]
    pub check: bool,
    /// Write Exchange scripts that need no other file
    #[arg(long)]
    pub standalone: bool,
    /// How to report.
    #[command(flatten)]
    pub reporting: Reporting,
}

/// Arguments of `diff`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "OLD and NEW are specs, folders with a `mailtopo.yaml`, or `git:REV:PATH`.\n\
        Example: mailtopo diff git:main:mailtopo.yaml mailtopo.yaml"
)]
pub(crate) struct DiffArgs {
    /// The spec as it was
    pub old: String,
    /// The spec as it will be
    pub new: String,
    /// Forms of the comparison, each with `=FILE` to write it to a file: human, json, markdown
    #[arg(long, value_name = "FORM[=FILE]", value_delimiter = ',', value_parser = Form::parse, default_value = "human")]
    pub output_format: Vec<Form>,
    /// Exit with 3 when anything differs
    #[arg(long)]
    pub exit_code: bool,
    /// Exit with 1 when mail is lost; with `worse`, when it is lost or worse; with `possible`, under any reading too
    #[arg(long, value_enum, default_value_t = FailLevel::Never, value_name = "LEVEL")]
    pub fail_on: FailLevel,
    /// Show only mail of some senders, `sources:NAME`, or to some domains, `domains:PATTERN`
    #[arg(long, value_name = "FILTER", value_delimiter = ',')]
    pub only: Vec<String>,
    /// A file that announces the change; exit with 1 when anything else changes
    #[arg(long, value_name = "FILE")]
    pub announced: Option<PathBuf>,
    /// The day of the run.
    #[command(flatten)]
    pub day: Day,
}

/// Arguments of `import`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "EXPORT is the state that `facts.ps1 -OutFile state.json` writes, what `Export-Clixml` or `ConvertTo-Json` writes of one kind of objects or of several, or a zone: a master file, octoDNS's YAML, or the JSON of `dnscontrol print-ir`.\n\
        Example: mailtopo import cloud=cloud.json hq=hq.json dns=contoso.com.zone --out spec\n\
        Exit codes: 0 every value is accounted for, 1 some is not understood or lost, 2 could not read. A draft is written with 0 and 1."
)]
pub(super) struct ImportArgs {
    /// The name of the location, and its export; `dns` takes zones; of several exports each is named
    #[arg(value_name = "LOCATION=EXPORT", required_unless_present = "script")]
    pub words: Vec<String>,
    /// The folder for the draft; it belongs to mailtopo until one of its files is edited
    #[arg(long, value_name = "DIR", required_unless_present = "script")]
    pub out: Option<PathBuf>,
    /// Print commands that only read, and collect what import needs of this product
    #[arg(long, value_name = "PRODUCT", conflicts_with_all = ["words", "out"])]
    pub script: Option<Collected>,
    /// Write one route for each connector, which is the default
    #[arg(long)]
    pub explicit: bool,
    /// Leave out what the language gives by itself, as long as the same is written: routes that are derived, defaults
    #[arg(long, conflicts_with = "explicit")]
    pub fold: bool,
    /// A spec that stays as it is, comments and all: what exists beside it is added, what it says otherwise is reported
    #[arg(long, value_name = "SPEC", conflicts_with_all = ["explicit", "fold"])]
    pub merge: Option<PathBuf>,
    /// What is printed: one line, or what `import.json` or `IMPORT.md` holds
    #[arg(long, value_enum, default_value_t = LedgerForm::Human, value_name = "FORM")]
    pub output_format: LedgerForm,
    /// The day of the run.
    #[command(flatten)]
    pub day: Day,
}

/// A product that exports can be collected of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Collected {
    /// A tenant.
    ExchangeOnline,
    /// Exchange on servers.
    ExchangeServer,
    /// A Postfix host.
    Postfix,
}

/// Arguments of `drift`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "EXPORT is the state that `LOCATION/facts.ps1 -OutFile state.json` writes, or what `Export-Clixml` writes of one kind of objects or of several.\n\
        Example: mailtopo drift mailtopo.yaml cloud=cloud.json hq=hq.json\n\
        Exit codes: 0 nothing at or above --fail-on, 1 mail is lost or worse, 2 could not compare, 3 something differs (--exit-code)."
)]
pub(super) struct DriftArgs {
    /// The spec, and an export for each location that is compared
    #[arg(value_name = "[SPEC] LOCATION=EXPORT", required = true)]
    pub words: Vec<String>,
    /// Write the scripts that restore what differs to this folder, which belongs to mailtopo
    #[arg(long, value_name = "DIR")]
    pub script: Option<PathBuf>,
    /// Change the spec to what exists, and print the edits; where the language cannot say it, nothing is written
    #[arg(long, conflicts_with = "script")]
    pub adopt: bool,
    /// Print what `--adopt` would do; write nothing
    #[arg(long, requires = "adopt")]
    pub diff: bool,
    /// Exit with 3 when anything differs
    #[arg(long)]
    pub exit_code: bool,
    /// How to report.
    #[command(flatten)]
    pub reporting: Reporting,
}

/// From which change on a comparison fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailLevel {
    /// Mail that is certainly lost
    Lost,
    /// Mail that is certainly lost or worse
    Worse,
    /// Mail that is lost or worse under some reading or assumption
    Possible,
    /// Nothing
    Never,
}

impl FailLevel {
    /// The level of the comparison; `None`: nothing fails.
    pub(crate) const fn level(self) -> Option<Level> {
        match self {
            Self::Lost => Some(Level::Lost),
            Self::Worse => Some(Level::Worse),
            Self::Possible => Some(Level::Possible),
            Self::Never => None,
        }
    }
}

/// Arguments of `routes`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: mailtopo routes mailtopo.yaml --output-format json")]
pub(super) struct RoutesArgs {
    /// The spec
    pub spec: Option<PathBuf>,
    /// The form of the list
    #[arg(long, value_enum, default_value_t = ListForm::Human, value_name = "FORM")]
    pub output_format: ListForm,
    /// The day of the run.
    #[command(flatten)]
    pub day: Day,
}

/// Arguments of `graph`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: mailtopo graph --format dot | dot -Tsvg > topology.svg")]
pub(super) struct GraphArgs {
    /// The spec
    pub spec: Option<PathBuf>,
    /// The form of the picture
    #[arg(long, value_enum, default_value_t = PictureForm::Mermaid, value_name = "FORM")]
    pub format: PictureForm,
    /// The day of the run.
    #[command(flatten)]
    pub day: Day,
}

/// The form of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PictureForm {
    /// A flowchart of Mermaid, which forges draw in Markdown
    Mermaid,
    /// A graph of Graphviz
    Dot,
    /// A picture for browsers and documents
    Svg,
    /// A page that shows the path of a typed address
    Html,
}

/// Arguments of `fmt`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: mailtopo fmt --check mailtopo.yaml")]
pub(super) struct FmtArgs {
    /// The spec; files that it includes are brought into form too
    pub spec: Option<PathBuf>,
    /// Write nothing; exit with 1 when something would change
    #[arg(long)]
    pub check: bool,
}

/// Arguments of `init`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: mailtopo init --situation filter --github mail")]
pub(super) struct InitArgs {
    /// The folder to write to; default: this one
    pub folder: Option<PathBuf>,
    /// What the organization has
    #[arg(long, value_enum, default_value_t = Situation::CloudOnly, value_name = "NAME")]
    pub situation: Situation,
    /// Write a workflow for GitHub too
    #[arg(long)]
    pub github: bool,
    /// Write a job for GitLab too
    #[arg(long)]
    pub gitlab: bool,
}

/// What an organization has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Situation {
    /// All mailboxes in Exchange Online
    CloudOnly,
    /// Mailboxes in Exchange Online and on Exchange servers
    Split,
    /// The same with the Hybrid Configuration Wizard
    Hybrid,
    /// A filter in front of Exchange Online
    Filter,
    /// Postfix alone
    Postfix,
    /// Scanners that relay through Exchange Online
    Devices,
    /// Connectors that are there already: says how to make a spec of them
    Existing,
}

/// Arguments of `explain`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: mailtopo explain G004")]
pub(super) struct ExplainArgs {
    /// A code such as `A001`, or a name such as `accepted-domains-beside-wildcard`
    pub code: Option<String>,
}

/// Arguments of `trace`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: mailtopo trace --from internet --to john@contoso.com")]
pub(super) struct TraceArgs {
    /// The spec
    pub spec: Option<PathBuf>,
    /// Who writes: `internet`, a location, a partner, a device or an address; `NAME:ADDRESS` for one who writes with that envelope
    /// sender, `NAME:<>` for a report
    #[arg(long, value_name = "WHO")]
    pub from: String,
    /// To whom
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
    /// The form of the trace
    #[arg(long, value_enum, default_value_t = ListForm::Human, value_name = "FORM")]
    pub output_format: ListForm,
    /// The day of the run.
    #[command(flatten)]
    pub day: Day,
}

/// How findings are reported.
#[derive(Debug, ClapArgs)]
pub(super) struct Reporting {
    /// Forms of the report, each with `=FILE` to write it to a file: human, concise, json, sarif, github, gitlab, junit,
    /// markdown, azure, rdjson
    #[arg(long, value_name = "FORM[=FILE]", value_delimiter = ',', value_parser = Form::parse, default_value = "human")]
    pub output_format: Vec<Form>,
    /// Show so many findings at most, and of each check at most 200 of them; 0: all
    #[arg(long, value_name = "N", default_value_t = crate::report::MOST_FINDINGS)]
    pub max_findings: usize,
    /// Exit with 1 when there is a finding of this severity or higher
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    /// The day of the run.
    #[command(flatten)]
    pub day: Day,
}

/// The day of the run.
#[derive(Debug, ClapArgs)]
pub(super) struct Day {
    /// The day to compare dates with, YYYY-MM-DD; default: today, in UTC
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub today: Option<Date>,
}

/// The least severity that makes a run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Nothing does
    Never,
}

impl FailOn {
    /// As a severity; `None`: nothing fails.
    pub(super) const fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Never => None,
        }
    }
}

/// The form of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LedgerForm {
    /// One line
    Human,
    /// JSON
    Json,
    /// Markdown
    Markdown,
}

/// The form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListForm {
    /// A table
    Human,
    /// JSON
    Json,
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|bad| bad.to_string())
}

/// The names of shells; that of `PowerShell` has two.
fn shell() -> impl TypedValueParser<Value = Shell> {
    let names = Shell::value_variants().iter();
    let names = names.filter_map(|shell| {
        let name = shell.to_possible_value()?;
        let other = (*shell == Shell::PowerShell).then_some("pwsh");
        Some(name.aliases(other))
    });
    PossibleValuesParser::new(names).try_map(|name| {
        Shell::from_str(&name, false).or_else(|_| Shell::from_str("powershell", false))
    })
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::CommandFactory as _;

    #[test]
    fn the_words_contradict_each_other_nowhere() {
        Args::command().debug_assert();
    }
}
