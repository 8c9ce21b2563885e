//! What a location is: a product of the table.

use crate::platforms::product::{PRODUCTS, Product};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{EnumAccess, Error, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

/// What a location is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(&'static Product);

impl Deref for Kind {
    type Target = Product;

    fn deref(&self) -> &Product {
        self.0
    }
}

impl Kind {
    /// Its row in the table.
    pub(crate) const fn product(self) -> &'static Product {
        self.0
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        static WORDS: LazyLock<Vec<&str>> =
            LazyLock::new(|| PRODUCTS.iter().map(|product| product.word).collect());
        deserializer.deserialize_enum("Kind", &WORDS, Word)
    }
}

struct Word;

impl<'de> Visitor<'de> for Word {
    type Value = Kind;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the kind of a location")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Kind, A::Error> {
        let (word, _) = data.variant::<String>()?;
        let product = PRODUCTS.iter().find(|product| product.word == word);
        let unknown = || A::Error::custom(format_args!("`{word}` is no kind of a location"));
        product.map(|product| Kind(product)).ok_or_else(unknown)
    }
}

impl JsonSchema for Kind {
    fn schema_name() -> Cow<'static, str> {
        "Kind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = |product: &&Product| json!({"type": "string", "const": product.word, "description": product.about});
        let all: Vec<_> = PRODUCTS.iter().map(one).collect();
        json_schema!({"oneOf": all, "description": "What a location is."})
    }
}
