//! Readers of what is written, for the laws: they follow the documentation of each product, and share no code with the
//! library.

pub(crate) mod pages;
pub(crate) mod postfix;
pub(crate) mod powershell;
pub(crate) mod zone;
