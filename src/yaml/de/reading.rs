//! What `serde` asks a node to be read as.

use crate::yaml::de::Reader;
use crate::yaml::error::Error;
use crate::yaml::scalar::Scalar;
use crate::yaml::tree::NodeKind;
use crate::yaml::wire::{AT, LIST, MAP, SHAPE, SLOT, TEXT, WORD};
use serde::de::{Deserializer, Visitor};

macro_rules! numbers {
    ($($method:ident $visit:ident $kind:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let value = self.whole_number(u64::from(<$kind>::MAX))?;
            let value = <$kind>::try_from(value).map_err(|_| self.no_whole_number())?;
            self.located(visitor.$visit(value))
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match (self.node().kind, self.scalar()) {
            (NodeKind::List, _) => visitor.visit_seq(self.elements()),
            (NodeKind::Mapping, _) => visitor.visit_map(self.entries(None)),
            (_, Some(Scalar::Null)) => visitor.visit_unit(),
            (_, Some(Scalar::Bool(value))) => visitor.visit_bool(value),
            (_, Some(Scalar::Unsigned(value))) => visitor.visit_u64(value),
            (_, Some(Scalar::Signed(value))) => visitor.visit_i64(value),
            (_, Some(Scalar::Float(value))) => visitor.visit_f64(value),
            (_, Some(Scalar::Text) | None) => {
                visitor.visit_borrowed_str(self.text().unwrap_or_default())
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value = self.truth()?;
        self.located(visitor.visit_bool(value))
    }

    numbers! {
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.words("text", true, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.words("text", true, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() {
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            AT => visitor.visit_seq(self.placed(false)),
            SLOT => visitor.visit_seq(self.placed(true)),
            LIST => self.list(visitor),
            MAP => self.map(visitor),
            SHAPE => self.located(self.shape(visitor)),
            _ => match (name.strip_prefix(TEXT), name.strip_prefix(WORD)) {
                (Some(expected), _) => self.words(expected, false, visitor),
                (_, Some(expected)) => self.words(expected, true, visitor),
                _ => visitor.visit_newtype_struct(self),
            },
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.node().kind != NodeKind::Mapping {
            return Err(self.wrong_type("a mapping"));
        }
        visitor.visit_map(self.entries(None))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.node().kind != NodeKind::Mapping {
            let error = self.wrong_type("a mapping");
            // A policy says itself which key it is the value of.
            let text = self.text().unwrap_or_default();
            let is_policy =
                fields.contains(&"policy") && ["none", "quarantine", "reject"].contains(&text);
            return Err(if is_policy {
                error.help(format!("write `{{policy: {text}}}`"))
            } else {
                error
            });
        }
        self.located(visitor.visit_map(self.entries(Some(fields))))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.word(variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct identifier
        ignored_any
    }
}
