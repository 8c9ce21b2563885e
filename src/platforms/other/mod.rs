//! Gateways and other mail servers, which mailtopo cannot configure: a checklist says what their administrators have
//! to set.

pub(crate) mod checklist;
pub(crate) mod choose;
pub(crate) mod product;
