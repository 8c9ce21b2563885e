//! Tables of networks.

use crate::writer::Refused;
use crate::writer::postfix::{aligned, table_value};
use ipnet::IpNet;
use std::collections::BTreeMap;

/// A table of networks, of which the first that contains the address wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CidrTable {
    rows: Vec<(String, String)>,
    seen: BTreeMap<IpNet, String>,
}

impl CidrTable {
    /// Adds a line after the others. A network that an earlier line contains would never be reached: it is left out
    /// where the result is the same, and refused where it is not. Postfix skips a line whose network has host bits set,
    /// so such a network is refused.
    pub fn push(&mut self, network: IpNet, action: &str) -> Result<(), Refused> {
        let action = table_value(action)?;
        if network != network.trunc() {
            return Err(Refused::new(format!(
                "`{network}` has bits set after its prefix, the network is `{}`",
                network.trunc()
            )));
        }
        let wider = std::iter::successors(Some(network), IpNet::supernet);
        if let Some((earlier, other)) = wider
            .into_iter()
            .find_map(|net| self.seen.get_key_value(&net))
        {
            if other == action {
                return Ok(());
            }
            return Err(Refused::new(format!(
                "`{network}` with `{action}` would never be reached behind `{earlier}` with `{other}`"
            )));
        }
        self.seen.insert(network, action.to_owned());
        self.rows.push((network.to_string(), action.to_owned()));
        Ok(())
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines in the order they were added, networks padded to one width.
    pub fn text(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|(network, action)| (network.as_str(), action.as_str()))
            .collect();
        aligned(&rows, "  ")
    }
}
