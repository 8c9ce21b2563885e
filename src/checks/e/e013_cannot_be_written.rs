//! # E013 cannot-be-written
//!
//! ## What a clean result proves
//!
//! Every value of the spec can stand in the files that it has to stand in.
//!
//! ## Exact condition
//!
//! The writer of a format refuses a value: it holds a character that cannot be seen, or it is longer than the format
//! carries. A file that some system cannot store, such as one named like a device of Windows, is refused too, and so are
//! two files that a system would take for one.
//!
//! ## Severity
//!
//! error: a file would say one thing to its reader and another to the program, or could not be stored, so nothing is
//! written. `ignore` does not accept it: there is no file that could be written instead.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   aux: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: aux, mx: aux}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   auxiliary: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: auxiliary, mx: auxiliary}
//! ```
//!
//! ## Sources
//!
//! - Characters that turn or hide text: <https://www.unicode.org/reports/tr36/>
//! - Names that no file can have: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Writing;
