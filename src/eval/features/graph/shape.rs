//! How large a value of a graph is.

use std::fmt;

/// Shape of a value for one image: `[channels, side, side]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub channels: usize,
    /// Pixels.
    pub side: usize,
}

impl Shape {
    /// Its numbers, where they can be counted.
    pub fn elements(self) -> Option<usize> {
        self.side.checked_mul(self.side)?.checked_mul(self.channels)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}×{}", self.channels, self.side, self.side)
    }
}
