//! Gives a type the parts of a tree that it asks for, fields in the order of their declaration.

use std::borrow::Cow;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor,
};

use super::error::ReadError;
use super::tree::{Entry, Tree};

/// Reads a tree.
pub(super) struct Reader<'de>(pub(super) Tree<'de>);

type Outcome<T> = Result<T, ReadError>;

impl Tree<'_> {
    /// Why a tree is not what was expected.
    #[inline(never)]
    fn fault(&self, expected: &str) -> ReadError {
        match self {
            Tree::Absent => ReadError::Absent,
            _ => ReadError::says(&["takes ", expected]),
        }
    }
}

/// One value for each field, in their order; those that are not there are absent.
#[inline(never)]
fn fields<'de>(tree: Tree<'de>, names: &'static [&'static str]) -> Outcome<Vec<Tree<'de>>> {
    let Tree::Object(entries) = tree else { return Err(tree.fault("an object")) };
    let mut values: Vec<_> = names.iter().map(|_| Tree::Absent).collect();
    for (name, value) in entries {
        let slot = names.iter().position(|known| *known == name).and_then(|at| values.get_mut(at));
        match slot {
            None => return Err(ReadError::says(&["unknown field `", &name, "`"])),
            Some(Tree::Absent) => {}
            Some(_) => return Err(ReadError::says(&["duplicate field `", &name, "`"])),
        }
        if let Some(slot) = slot {
            *slot = value;
        }
    }
    Ok(values)
}

/// The values of an object's fields, one after the other.
struct Fields<'de> {
    names: std::slice::Iter<'static, &'static str>,
    values: std::vec::IntoIter<Tree<'de>>,
    /// The newest field that was asked for and is not there.
    missing: &'static str,
}

impl<'de> SeqAccess<'de> for Fields<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        let (Some(name), Some(value)) = (self.names.next(), self.values.next()) else { return Ok(None) };
        let absent = matches!(value, Tree::Absent);
        match seed.deserialize(Reader(value)) {
            Ok(value) => Ok(Some(value)),
            // Its default takes its place, or the type refuses for the lack of it.
            Err(ReadError::Absent) if absent => {
                self.missing = name;
                Ok(None)
            }
            Err(error) => Err(error.inside(name)),
        }
    }
}

fn object<'de, V: Visitor<'de>>(
    tree: Tree<'de>,
    names: &'static [&'static str],
    visitor: V,
) -> Outcome<V::Value> {
    let mut access = Fields { names: names.iter(), values: fields(tree, names)?.into_iter(), missing: "" };
    visitor.visit_seq(&mut access).map_err(|error| match error {
        ReadError::Absent => error.inside(access.missing),
        ReadError::Says(_) => error,
    })
}

impl<'de> IntoDeserializer<'de, ReadError> for Reader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
            self.deserialize_i64(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = ReadError;

    numbers!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_i8 deserialize_i16 deserialize_i32);

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.0 {
            Tree::Unsigned(number) => visitor.visit_u64(number),
            Tree::Signed(number) => visitor.visit_i64(number),
            other => Err(other.fault("a whole number")),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.0 {
            Tree::Bool(value) => visitor.visit_bool(value),
            other => Err(other.fault("true or false")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.0 {
            Tree::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Tree::Text(Cow::Owned(text)) => visitor.visit_string(text),
            other => Err(other.fault("a text")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.0 {
            Tree::Absent | Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Outcome<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.0 {
            Tree::List(list) => {
                let mut access = SeqDeserializer::new(list.into_iter().map(Reader));
                let value = visitor.visit_seq(&mut access)?;
                access.end().map(|()| value)
            }
            other => Err(other.fault("a list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Outcome<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.0 {
            Tree::Object(entries) => {
                let entries =
                    entries.into_iter().map(|(name, value)| (Reader(Tree::Text(name)), Reader(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            other => Err(other.fault("an object")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        object(self.0, names, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        visitor.visit_enum(Chosen::new(self.0)?)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.0 {
            Tree::Absent => Err(ReadError::Absent),
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(_) => self.deserialize_bool(visitor),
            Tree::Unsigned(_) | Tree::Signed(_) => self.deserialize_i64(visitor),
            Tree::Text(_) => self.deserialize_str(visitor),
            Tree::List(_) => self.deserialize_seq(visitor),
            Tree::Object(_) => self.deserialize_map(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple_struct ignored_any
    }
}

/// The variant that a text or an object of one field names.
struct Chosen<'de> {
    name: Cow<'de, str>,
    value: Option<Tree<'de>>,
}

impl<'de> Chosen<'de> {
    #[inline(never)]
    fn new(tree: Tree<'de>) -> Outcome<Self> {
        let entry: Option<Entry<'de>> = match tree {
            Tree::Text(name) => return Ok(Self { name, value: None }),
            Tree::Absent => return Err(ReadError::Absent),
            Tree::Object(mut entries) if entries.len() == 1 => entries.pop(),
            _ => None,
        };
        let (name, value) =
            entry.ok_or_else(|| ReadError::says(&["takes a text or an object of one field"]))?;
        Ok(Self { name, value: Some(value) })
    }
}

impl<'de> EnumAccess<'de> for Chosen<'de> {
    type Error = ReadError;
    type Variant = Variant<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Outcome<(V::Value, Variant<'de>)> {
        let chosen = seed.deserialize(Reader(Tree::Text(self.name)))?;
        Ok((chosen, Variant(self.value)))
    }
}

/// What belongs to the variant: nothing where its name stands alone.
struct Variant<'de>(Option<Tree<'de>>);

impl<'de> Variant<'de> {
    #[inline(never)]
    fn value(self) -> Outcome<Tree<'de>> {
        self.0.ok_or_else(|| ReadError::says(&["takes the variant's value"]))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = ReadError;

    fn unit_variant(self) -> Outcome<()> {
        match self.0 {
            None => Ok(()),
            Some(_) => Err(ReadError::says(&["takes the variant's name alone"])),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Outcome<T::Value> {
        seed.deserialize(Reader(self.value()?))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Outcome<V::Value> {
        Reader(self.value()?).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        object(self.value()?, names, visitor)
    }
}
