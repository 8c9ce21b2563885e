//! Laws: what must hold between the outputs of one spec, and between those of specs that mean the same.
//!
//! mailtopo says the same thing in many places. A law compares two of them, or the outputs of two specs, and needs no
//! expected result, so that it is asked of every spec there is. Its own tables and readers share no code with the
//! library. What a law finds today and nobody has mended yet stands in `exceptions.yaml`; an entry there that excuses
//! nothing fails, so that what is mended leaves the list. `tests/cases` has single faults with the right value.
//!
//! - `UPDATE=1` writes the entries that are missing, without a reason, and drops those that excuse nothing. An entry
//!   without a reason fails: somebody has to say why it may stay.
//! - `LAWS=10000` takes that many generated specs, and every part of the work of a law.
//! - `LAWS_SPECS=generated/4711,cases/help-s018-yes` takes these specs alone, and shows what is excused, too.
//! - `LAWS_SHRINK=0` looks for no smaller spec that breaks a law, which takes as long as hundreds of specs. With
//!   `LAWS_SPECS` it shows the whole spec.

mod breach;
mod cases;
mod corpus;
mod exceptions;
#[path = "../oracle/generate/mod.rs"]
mod generate;
mod keys;
mod l01_findings_and_traces;
mod l02_read_back;
mod l02_rules;
mod l02_written_is_walked;
mod l03_every_property_counts;
mod l04_receivers_accept;
mod l05_outputs_agree;
mod l06_names;
mod l07_keys;
mod l08_fixes_help;
mod l09_derived_is_explicit;
mod l10_kinds;
mod l10_patterns;
mod l11_derived_works;
mod l12_second_installation;
mod l13_ignore;
mod l14_certainty;
mod l15_growth;
mod messages;
#[path = "../oracle/random.rs"]
mod random;
#[path = "../readers/mod.rs"]
mod readers;
mod surface;
mod topology;
