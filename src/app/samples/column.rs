//! What is shown beside each other: one grid a column, tile by tile the same seeds.

use crate::run::message::Pictures;

/// Whose pictures a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The network in training.
    Samples,
    /// Training images: no seed has made them.
    Reals,
    Teacher,
    OtherRun,
}

impl Kind {
    pub const COUNT: usize = 4;

    /// What a tile is called, before its number.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Samples => "sample",
            Kind::Reals => "real",
            Kind::Teacher => "teacher's sample",
            Kind::OtherRun => "other run's sample",
        }
    }

    /// Whether tile i comes from the same noise as every other column's tile i.
    pub fn is_seeded(self) -> bool {
        self != Kind::Reals
    }

    /// Its place in lists with one entry for each kind.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// A grid with its heading.
pub struct Column {
    pub kind: Kind,
    pub title: String,
    /// The pictures, or in words why there are none.
    pub pictures: Result<Pictures, String>,
}

impl Column {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.pictures.as_ref().map_or(0, |pictures| pictures.len())
    }

    /// Side of its pictures, pixels.
    pub fn side(&self) -> Option<u32> {
        self.pictures.as_ref().ok().and_then(|pictures| pictures.first()).map(|picture| picture.width())
    }
}
