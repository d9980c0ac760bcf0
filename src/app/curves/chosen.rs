//! Which curves the user looks at.

use std::collections::BTreeSet;

use super::measure::{Group, Measure};

/// What the chooser stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    Group(Group),
    /// What the user has picked from all groups.
    Pinned,
}

impl Chart {
    pub fn name(self) -> &'static str {
        match self {
            Chart::Group(group) => group.name(),
            Chart::Pinned => "pinned",
        }
    }

    pub fn shows(self, measure: &Measure, pins: &BTreeSet<Measure>) -> bool {
        match self {
            Chart::Group(group) => measure.group() == group,
            Chart::Pinned => pins.contains(measure),
        }
    }
}
