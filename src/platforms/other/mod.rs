//! Gateways and other mail servers, which mailtopo cannot configure: a checklist says what their administrators have
//! to set.

pub mod checklist;
pub mod choose;
