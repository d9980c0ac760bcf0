//! How the numbers of one picture lie in memory.

/// The extent of a picture as numbers, plane by plane and row by row (C×H×W).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub channels: usize,
    /// Pixels.
    pub height: usize,
    pub width: usize,
}

impl Shape {
    /// A square picture, `size` pixels to a side.
    pub fn square(channels: usize, size: usize) -> Self {
        Self { channels, height: size, width: size }
    }

    /// Pixels, which is numbers in one channel.
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Numbers in all channels.
    pub fn numbers(self) -> usize {
        self.channels * self.pixels()
    }

    /// The shorter side, pixels.
    pub fn short_side(self) -> usize {
        self.height.min(self.width)
    }
}
