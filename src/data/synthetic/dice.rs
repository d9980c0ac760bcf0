//! The random choices of one picture.

use crate::random::{Random, Stream};

/// Choices that one picture may make.
const ROLLS: usize = 64;

/// Uniform numbers that belong to (seed, picture), handed out in order.
pub struct Dice {
    rolls: Vec<f32>,
    next: usize,
}

impl Dice {
    pub fn new(seed: u32, index: usize) -> Self {
        Self { rolls: Random::new(seed, Stream::Demo).uniforms(index as u64, 0, ROLLS), next: 0 }
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f32 {
        let roll = self.rolls[self.next % ROLLS];
        self.next += 1;
        roll
    }

    /// In [low, high).
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// One of some things.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[(self.unit() * of.len() as f32) as usize % of.len()]
    }

    /// True with a probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// -1 or 1.
    pub fn side(&mut self) -> f32 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }
}
