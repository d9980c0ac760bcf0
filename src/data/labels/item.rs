//! Anything that may stand in a list of labels, kept as far as it can be a label.

use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A piece of JSON.
#[derive(Debug, PartialEq)]
pub enum Item {
    Text(String),
    /// A whole number, however it is written: tables are often saved with all numbers as fractions.
    Number(u64),
    /// A list of exactly two.
    Pair(Box<(Self, Self)>),
    Other,
}

impl Item {
    fn of_number(x: f64) -> Self {
        let is_whole = x >= 0.0 && x < f64::from(u32::MAX) && x.fract() == 0.0;
        if is_whole { Self::Number(x as u64) } else { Self::Other }
    }

    /// A class: a number also where it stands in quotes.
    pub fn into_class(self) -> Self {
        match self {
            Self::Text(text) => match text.trim().parse::<f64>() {
                // "nan" and "inf" are numbers to Rust and words to people.
                Ok(number) if number.is_finite() => Self::of_number(number),
                _ if text.trim().is_empty() => Self::Other,
                _ => Self::Text(text.trim().to_string()),
            },
            Self::Pair(_) => Self::Other,
            item => item,
        }
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyItem)
    }
}

struct AnyItem;

impl<'de> Visitor<'de> for AnyItem {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file name and a class")
    }

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Item, E> {
        Ok(Item::Number(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Item, E> {
        Ok(Item::of_number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Item, E> {
        Ok(Item::Text(text.to_string()))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Item, S::Error> {
        let (first, second) = (list.next_element()?, list.next_element()?);
        let mut is_longer = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            is_longer = true;
        }
        Ok(match (first, second) {
            (Some(first), Some(second)) if !is_longer => Item::Pair(Box::new((first, second))),
            _ => Item::Other,
        })
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Item, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Item::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_however_they_are_written() {
        let class = |json: &str| serde_json::from_str::<Item>(json).unwrap().into_class();
        for (json, number) in [("6", 6), ("6.0", 6), ("\"6\"", 6), ("\" 6.0 \"", 6), ("0", 0), ("-0.0", 0)] {
            assert_eq!(class(json), Item::Number(number), "{json}");
        }
        for json in ["\"cat\"", "\"nan\"", "\" cat\""] {
            assert!(matches!(class(json), Item::Text(_)), "{json}");
        }
        for json in ["-1", "0.5", "null", "true", "[1]", "[1, 2]", "{\"a\": 1}", "\"\"", "1e30", "\"-1\""] {
            assert_eq!(class(json), Item::Other, "{json}");
        }
        let pair: Item = serde_json::from_str("[\"a.png\", [1, 2, 3]]").unwrap();
        assert_eq!(pair, Item::Pair(Box::new((Item::Text("a.png".into()), Item::Other))));
    }
}
