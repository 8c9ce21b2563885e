//! The hash of a resolved topology: the same for every way of writing the same thing.

use crate::topology::Topology;
use crate::values::hex;
use sha2::{Digest, Sha256};
use std::hash::{Hash, Hasher};

impl Topology {
    /// SHA-256 over everything but places in text, in lower-case hexadecimal. It is meant for comparing outputs of one
    /// version of the tool.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256Hasher(Sha256::new());
        self.hash(&mut hasher);
        hex(&hasher.0.finalize())
    }
}

/// Feeds what `derive(Hash)` gives to SHA-256, numbers in one byte order on every machine.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    /// Never asked for: the digest is taken from the inside.
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn write_u16(&mut self, n: u16) {
        self.write(&n.to_le_bytes());
    }

    fn write_u32(&mut self, n: u32) {
        self.write(&n.to_le_bytes());
    }

    fn write_u64(&mut self, n: u64) {
        self.write(&n.to_le_bytes());
    }

    fn write_u128(&mut self, n: u128) {
        self.write(&n.to_le_bytes());
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_i32(&mut self, n: i32) {
        self.write(&n.to_le_bytes());
    }

    fn write_i64(&mut self, n: i64) {
        self.write(&n.to_le_bytes());
    }

    fn write_isize(&mut self, n: isize) {
        self.write_i64(n as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::Topology;
    use crate::source::{At, FileId, Span};

    #[test]
    fn places_do_not_count_and_contents_do() {
        let plain = Topology::default();
        let moved = Topology {
            span: Span::new(FileId(3), 7, 9),
            ..Topology::default()
        };
        let named = Topology {
            organization: Some(At::new("Contoso".to_owned(), Span::default())),
            ..Topology::default()
        };
        assert_eq!(plain.digest(), moved.digest());
        assert_ne!(plain.digest(), named.digest());
        assert_eq!(plain.digest().len(), 64);
    }
}
