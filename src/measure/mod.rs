//! The numbers a run measures of itself: distances to its data, how idempotent a SIGN model is, what can be
//! known on toy worlds; and what they raise alarms about.

mod alarm;
mod cautions;
mod extractors;
pub mod idempotence;
mod known;
mod reference;
mod seen;
#[cfg(test)]
mod tests;

pub use alarm::{Alarm, alarms};
pub use cautions::frechet_cautions;
pub use extractors::{Opened, Source, Wanted, inception_wanted, open};
pub use reference::Reference;
pub use seen::{Seen, Watch, see};

use std::borrow::Cow;

/// One measured number.
#[derive(Clone, Debug)]
pub struct Measured {
    pub name: Cow<'static, str>,
    pub value: f64,
    pub conditions: String,
}

impl Measured {
    fn new(name: impl Into<Cow<'static, str>>, value: f64, conditions: String) -> Self {
        Self { name: name.into(), value, conditions }
    }
}
