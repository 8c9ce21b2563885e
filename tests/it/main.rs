//! One binary for all integration tests, so that the library is linked once.

mod catalogue;
mod powershell;
