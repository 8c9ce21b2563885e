//! What the deserializer hands to visitors: elements, entries, and the answers to the wrappers of this module.

use crate::finding::{Code, Finding, Operation, nearest};
use crate::source::Span;
use crate::values::shown;
use crate::yaml::de::Reader;
use crate::yaml::error::Error;
use crate::yaml::other_words;
use crate::yaml::tree::NodeId;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// Values of misspelt keys are repeated up to this length, in bytes.
const SHORT: usize = 40;

/// A place in three numbers, then the value itself.
pub(super) struct Placed<'de> {
    pub(super) node: Reader<'de>,
    pub(super) span: Span,
    /// Whether a bad value becomes a finding here, and is then missing.
    pub(super) recover: bool,
    pub(super) step: u8,
}

impl<'de> SeqAccess<'de> for Placed<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.step += 1;
        let number = match self.step {
            1 => self.span.file.0,
            2 => self.span.start,
            3 => self.span.end,
            4 => return self.value(seed),
            _ => return Ok(None),
        };
        seed.deserialize(number.into_deserializer()).map(Some)
    }
}

impl<'de> Placed<'de> {
    fn value<T: DeserializeSeed<'de>>(&self, seed: T) -> Result<Option<T::Value>, Error> {
        match seed.deserialize(self.node) {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.recover => {
                self.node.record(error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Elements of a list.
pub(super) struct Elements<'de> {
    pub(super) reader: Reader<'de>,
    pub(super) next: NodeId,
    pub(super) left: u32,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        let element = self.reader.with(self.next);
        self.left = left;
        self.next = element.after();
        seed.deserialize(element).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left as usize)
    }
}

/// The answer to [`crate::yaml::List`]: a place, whether something else than a list stands there, the elements.
pub(super) struct ListParts<'de> {
    pub(super) place: Placed<'de>,
    pub(super) bad: bool,
    pub(super) elements: Elements<'de>,
}

impl<'de> SeqAccess<'de> for ListParts<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        match self.place.step {
            0..=2 => self.place.next_element_seed(seed),
            3 => {
                self.place.step += 1;
                seed.deserialize(self.bad.into_deserializer()).map(Some)
            }
            _ => self.elements.next_element_seed(seed),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        self.elements.size_hint()
    }
}

/// The answer to a type that reads by shape: kind, text, then the value itself.
pub(super) struct ShapeParts<'de> {
    pub(super) node: Reader<'de>,
    pub(super) kind: u8,
    pub(super) text: Option<&'de str>,
    pub(super) step: u8,
}

impl<'de> SeqAccess<'de> for ShapeParts<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.step += 1;
        match self.step {
            1 => seed.deserialize(self.kind.into_deserializer()).map(Some),
            2 => seed.deserialize(MaybeText(self.text)).map(Some),
            3 => seed.deserialize(self.node).map(Some),
            _ => Ok(None),
        }
    }
}

struct MaybeText<'de>(Option<&'de str>);

impl<'de> Deserializer<'de> for MaybeText<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Some(text) => visitor.visit_some(BorrowedStrDeserializer::new(text)),
            None => visitor.visit_none(),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Entries of a mapping.
pub(super) struct Entries<'de> {
    pub(super) reader: Reader<'de>,
    pub(super) next: NodeId,
    pub(super) behind: NodeId,
    /// The keys of a struct; `None` where the user chooses them.
    pub(super) fields: Option<&'static [&'static str]>,
    /// The first key.
    pub(super) first: NodeId,
    /// The keys of the struct that stand here or are meant by one that does; filled when the first is misspelt.
    pub(super) taken: Option<Vec<&'static str>>,
    /// Where the mapping stands and whether it is one, for those who ask: it comes before the entries.
    pub(super) head: Option<(Span, bool)>,
}

impl<'de> Entries<'de> {
    /// The next key that is worth reading, and what it is read as. A misspelt key counts as the one that is meant, so that
    /// nothing seems to be missing which stands here; not where that one stands here too.
    fn key(&mut self) -> Option<(Reader<'de>, &'de str)> {
        while self.next < self.behind {
            let key = self.reader.with(self.next);
            let text = key.text().unwrap_or_default();
            if key.is_refused() {
                self.skip();
                continue;
            }
            match self.fields {
                Some(fields) if !fields.contains(&text) => {
                    let meant = self.free(text, fields);
                    key.push(unknown_key(key, meant, fields));
                    match meant {
                        Some(meant) => return Some((key, meant)),
                        None => self.skip(),
                    }
                }
                _ => return Some((key, text)),
            }
        }
        None
    }

    /// The nearest key that does not stand in this mapping.
    fn free(&mut self, text: &str, fields: &[&'static str]) -> Option<&'static str> {
        let near = near_key(text, fields)?;
        let (first, behind, reader) = (self.first, self.behind, self.reader);
        let taken = self.taken.get_or_insert_with(|| {
            let mut taken = Vec::new();
            let mut next = first;
            while next < behind {
                let key = reader.with(next);
                let known = key.text().unwrap_or_default();
                taken.extend(fields.iter().copied().filter(|field| *field == known));
                next = reader.with(key.after()).after();
            }
            taken
        });
        if taken.contains(&near) {
            return None;
        }
        taken.push(near);
        Some(near)
    }

    fn skip(&mut self) {
        let value = self.reader.with(self.next).after();
        self.next = self.reader.with(value).after();
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if self.head.is_some() {
            return seed.deserialize(().into_deserializer()).map(Some);
        }
        let Some((key, name)) = self.key() else {
            return Ok(None);
        };
        if self.fields.is_some() {
            return seed
                .deserialize(BorrowedStrDeserializer::new(name))
                .map(Some);
        }
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        if let Some((span, bad)) = self.head.take() {
            return seed.deserialize(HeadParts { span, bad });
        }
        let value = self.reader.with(self.reader.with(self.next).after());
        self.next = value.after();
        seed.deserialize(value)
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.behind.saturating_sub(self.next) / 2) as usize)
    }
}

struct HeadParts {
    span: Span,
    bad: bool,
}

impl<'de> Deserializer<'de> for HeadParts {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(HeadSteps {
            head: self,
            step: 0,
        })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct HeadSteps {
    head: HeadParts,
    step: u8,
}

impl<'de> SeqAccess<'de> for HeadSteps {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.step += 1;
        let Span { file, start, end } = self.head.span;
        let number = match self.step {
            1 => file.0,
            2 => start,
            3 => end,
            4 => {
                return seed
                    .deserialize(self.head.bad.into_deserializer())
                    .map(Some);
            }
            _ => return Ok(None),
        };
        seed.deserialize(number.into_deserializer()).map(Some)
    }
}

/// The key that a misspelt one is read as is written with its value, where that is short.
fn unknown_key(key: Reader<'_>, meant: Option<&str>, fields: &[&'static str]) -> Finding {
    let text = key.text().unwrap_or_default();
    let known = fields
        .iter()
        .map(|field| format!("`{field}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let value = key.with(key.after()).text();
    let help = match (meant.or_else(|| near_key(text, fields)), value) {
        (Some(near), Some(value)) if meant.is_some() && value.len() <= SHORT => {
            let entry = shown(&format!("{near}: {value}"));
            format!("write {entry}; the keys that may stand here are {known}")
        }
        (Some(near), _) => format!("write `{near}`; the keys that may stand here are {known}"),
        (None, _) => format!("the keys that may stand here are {known}"),
    };
    let finding = Finding::error(Code::S007, format!("unknown key {}", shown(text)))
        .at(key.span(), "")
        .help(help);
    // Where the key that is near stands here too, nobody knows which of the two is meant.
    match meant {
        Some(near) if !other_words::is_ambiguous(text) => {
            finding.fix(Operation::replace(key.span(), text, near))
        }
        Some(_) | None => finding,
    }
}

/// The known key that a text is nearest to, as another word for the same or in letters.
fn near_key(text: &str, fields: &[&'static str]) -> Option<&'static str> {
    other_words::key(text, fields).or_else(|| nearest(text, fields.iter().copied()))
}
