//! How much an export may hold: a file that is made to fill the memory is refused with the limit.

/// Values of all objects of an export.
const MOST_VALUES: usize = 100_000;

/// Octets of all texts in them, in MB.
const MOST_TEXT: usize = 24;

/// What is left of both.
#[derive(Debug)]
pub(super) struct Room {
    values: usize,
    text: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            values: MOST_VALUES,
            text: MOST_TEXT << 20,
        }
    }
}

impl Room {
    /// Takes what a value with this text needs.
    pub(super) fn take(&mut self, text: &str) -> Result<(), String> {
        let values = self.values.checked_sub(1).ok_or_else(|| {
            format!(
                "it holds more than {MOST_VALUES} values; export each kind into a file of its own"
            )
        })?;
        self.values = values;
        self.fill(text)
    }

    /// Takes what an object needs beside its values.
    pub(super) fn take_object(&mut self) -> Result<(), String> {
        (0..5).try_for_each(|_| self.take(""))
    }

    /// Takes what a part of a text needs.
    pub(super) fn fill(&mut self, text: &str) -> Result<(), String> {
        let left = self.text.checked_sub(text.len());
        self.text = left.ok_or_else(|| {
            format!(
                "its values take more than {MOST_TEXT} MB; export each kind into a file of its own"
            )
        })?;
        Ok(())
    }
}
