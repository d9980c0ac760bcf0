//! A setting of a recipe, declared once: what it is called, what it does, what it may be, and what of a run
//! it belongs to. Checks, `--help`, the numbers that may change while a run goes on and what tells runs apart
//! follow from that.

use std::path::PathBuf;

use crate::world::World;

/// What is known of a setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// As the TOML file calls it, with its tables: `teacher.kimg`.
    pub name: &'static str,
    help: &'static str,
    pub part: Part,
    pub range: Range,
    /// The smallest and the largest value that it may be given while its stage trains, where it may be
    /// changed then at all.
    pub tunable: Option<[f64; 2]>,
}

/// What of a run a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What a run is: another value makes other weights.
    Identity,
    /// How long a stage is trained, which may change.
    Length,
    /// What is shown and kept of a run, and how often.
    Report,
    /// Where something is found. What lies there has a fingerprint, and that counts.
    Source,
    /// How a batch is split: the same training, but for rounding.
    Split,
}

/// What a number may be; infinite ends are none. Settings that are no numbers have no range.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    noun: &'static str,
    smallest: f64,
    /// Whether the smallest itself is too small.
    is_above: bool,
    largest: f64,
}

impl Setting {
    /// `help` is the documentation of the field that holds it.
    pub(super) const fn new(name: &'static str, help: &'static str, about: About) -> Self {
        Self { name, help, part: about.part, range: about.range, tunable: about.tunable }
    }

    /// What it does, in words.
    pub fn help(&self) -> &'static str {
        self.help.trim_start()
    }
}

impl Range {
    pub fn holds(&self, value: f64) -> bool {
        let is_large = if self.is_above { value > self.smallest } else { value >= self.smallest };
        value.is_finite() && is_large && value <= self.largest
    }

    /// `a number above 0, at most 1`; nothing where anything goes.
    pub fn words(&self) -> Option<String> {
        let Self { noun, smallest, is_above, largest } = *self;
        match (smallest.is_finite(), largest.is_finite()) {
            (false, false) => None,
            (false, true) => Some(format!("{noun} up to {largest}")),
            (true, false) if is_above => Some(format!("{noun} above {smallest}")),
            (true, false) => Some(format!("{noun} from {smallest} up")),
            (true, true) if is_above => Some(format!("{noun} above {smallest}, at most {largest}")),
            (true, true) => Some(format!("{noun} from {smallest} to {largest}")),
        }
    }
}

/// What a table says of a setting beside its name, type, default and documentation.
#[derive(Clone, Copy)]
pub(super) struct About {
    part: Part,
    range: Range,
    tunable: Option<[f64; 2]>,
}

/// Beginnings of what is said.
pub(super) const IDENTITY: About = About::of(Part::Identity);
pub(super) const LENGTH: About = About::of(Part::Length);
pub(super) const REPORT: About = About::of(Part::Report);
pub(super) const SOURCE: About = About::of(Part::Source);
pub(super) const SPLIT: About = About::of(Part::Split);

impl About {
    const fn of(part: Part) -> Self {
        let range =
            Range { noun: "a number", smallest: f64::NEG_INFINITY, is_above: false, largest: f64::INFINITY };
        Self { part, range, tunable: None }
    }

    /// What the number is, where it is more than a number.
    pub const fn noun(mut self, noun: &'static str) -> Self {
        self.range.noun = noun;
        self
    }

    pub const fn whole(self) -> Self {
        self.noun("a whole number")
    }

    /// `smallest` and what is larger.
    pub const fn from(mut self, smallest: f64) -> Self {
        self.range.smallest = smallest;
        self
    }

    /// What is larger than `limit`.
    pub const fn above(mut self, limit: f64) -> Self {
        (self.range.smallest, self.range.is_above) = (limit, true);
        self
    }

    /// At most `largest`.
    pub const fn to(mut self, largest: f64) -> Self {
        self.range.largest = largest;
        self
    }

    /// A share of a whole.
    pub const fn share(self) -> Self {
        self.noun("a share").from(0.0).to(1.0)
    }

    /// It may change while its stage trains, within these bounds: beyond them a typo is likelier than a plan.
    pub const fn tunable(mut self, smallest: f64, largest: f64) -> Self {
        self.tunable = Some([smallest, largest]);
        self
    }
}

/// A table of the recipe with its settings.
pub(super) trait Table: Default {
    const SETTINGS: &'static [Setting];

    /// The number `field`; none where it is no number, not given, or not there.
    fn number(&self, field: &str) -> Option<f64>;

    /// The same to be changed; whole numbers are not.
    fn number_mut(&mut self, field: &str) -> Option<&mut f64>;
}

/// What kinds of values settings have, as far as numbers are concerned.
pub(super) trait Value {
    fn number(&self) -> Option<f64> {
        None
    }

    fn number_mut(&mut self) -> Option<&mut f64> {
        None
    }
}

impl Value for f64 {
    fn number(&self) -> Option<f64> {
        Some(*self)
    }

    fn number_mut(&mut self) -> Option<&mut f64> {
        Some(self)
    }
}

macro_rules! whole_numbers {
    ($($kind:ty)*) => { $(impl Value for $kind {
        fn number(&self) -> Option<f64> {
            Some(*self as f64)
        }
    })* };
}
whole_numbers!(usize u32 u64);

/// Kinds of values that are no numbers.
macro_rules! no_numbers {
    ($($kind:ty)*) => { $(impl $crate::recipe::setting::Value for $kind {})* };
}
pub(super) use no_numbers;
no_numbers!(bool String PathBuf World Vec<usize>);

impl<T: Value> Value for Option<T> {
    fn number(&self) -> Option<f64> {
        self.as_ref().and_then(Value::number)
    }

    fn number_mut(&mut self) -> Option<&mut f64> {
        self.as_mut().and_then(Value::number_mut)
    }
}

/// Declares a table: the struct that holds it, its defaults, and what is known of each setting. Tables within
/// it come last, as in TOML.
macro_rules! table {
    (
        $(#[$meta:meta])*
        pub struct $name:ident in $prefix:literal {
            $( $(#[doc = $help:literal])+ $field:ident: $kind:ty = $default:expr, $about:expr; )*
            $( tables { $( $inner:ident: $inner_kind:ty, )* } )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $( $(#[doc = $help])+ pub $field: $kind, )*
            $( $( pub $inner: $inner_kind, )* )?
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $( $field: $default, )*
                    $( $( $inner: <$inner_kind>::default(), )* )?
                }
            }
        }

        impl $crate::recipe::setting::Table for $name {
            const SETTINGS: &'static [$crate::recipe::setting::Setting] = &[
                $( $crate::recipe::setting::Setting::new(
                    concat!($prefix, ".", stringify!($field)), concat!($($help),+), $about,
                ), )*
            ];

            fn number(&self, field: &str) -> Option<f64> {
                use $crate::recipe::setting::Value;
                $( if field == stringify!($field) {
                    return self.$field.number();
                } )*
                None
            }

            fn number_mut(&mut self, field: &str) -> Option<&mut f64> {
                use $crate::recipe::setting::Value;
                $( if field == stringify!($field) {
                    return self.$field.number_mut();
                } )*
                None
            }
        }
    };
}
pub(super) use table;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_what_they_hold() {
        let ranges = [
            (IDENTITY.from(0.0), Some("a number from 0 up"), [-1.0, 0.0]),
            (IDENTITY.above(0.0), Some("a number above 0"), [0.0, 1e-9]),
            (IDENTITY.whole().from(1.0).to(9.0), Some("a whole number from 1 to 9"), [0.0, 9.0]),
            (IDENTITY.share(), Some("a share from 0 to 1"), [1.5, 1.0]),
            (IDENTITY.above(0.0).to(1.0), Some("a number above 0, at most 1"), [0.0, 1.0]),
            (IDENTITY.to(7.0), Some("a number up to 7"), [8.0, -8.0]),
            (IDENTITY, None, [f64::INFINITY, -1e9]),
        ];
        for (about, words, [outside, inside]) in ranges {
            assert_eq!(about.range.words().as_deref(), words);
            assert!(about.range.holds(inside) && !about.range.holds(outside), "{words:?}");
            assert!(!about.range.holds(f64::NAN), "{words:?}");
        }
    }
}
