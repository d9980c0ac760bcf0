//! Some rows of a picture: a large one is worked on a few at a time.

use std::ops::Range;

use crate::data::Shape;
use crate::random::Random;

/// Rows of a picture, of all channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The whole picture's.
    pub picture: Shape,
    pub range: Range<usize>,
}

impl Rows {
    pub fn all(picture: Shape) -> Self {
        Self { picture, range: 0..picture.height }
    }

    /// Of these rows alone.
    pub fn shape(&self) -> Shape {
        Shape { height: self.range.len(), ..self.picture }
    }

    /// Where their numbers lie in the whole picture (C×H×W): a stretch for each channel.
    pub fn stretches(&self) -> impl Iterator<Item = Range<usize>> {
        let Shape { channels, height, width } = self.picture;
        let range = self.range.clone();
        (0..channels).map(move |c| (c * height + range.start) * width..(c * height + range.end) * width)
    }

    /// Their numbers, channel by channel.
    pub fn of(&self, picture: &[f32]) -> Vec<f32> {
        self.stretches().flat_map(|stretch| &picture[stretch]).copied().collect()
    }

    /// Puts their numbers into the picture.
    pub fn put(&self, numbers: &[f32], picture: &mut [f32]) {
        let channels = numbers.chunks_exact(self.shape().pixels().max(1));
        for (stretch, numbers) in self.stretches().zip(channels) {
            picture[stretch].copy_from_slice(numbers);
        }
    }

    /// Their part of the picture's noise: what [`Random::normals`] draws for the whole of picture `number`.
    pub fn noise(&self, random: Random, step: u64, number: u32) -> Vec<f32> {
        self.stretches().flat_map(|s| random.normals_from(step, number, s.start, s.len())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn rows_are_parts_of_the_whole() {
        let shape = Shape { channels: 3, height: 7, width: 5 };
        let random = Random::new(1, Stream::SelfTest);
        let whole = random.normals(4, 2, shape.numbers());
        let mut put = vec![0.0; whole.len()];
        for range in [0..2, 2..3, 3..7] {
            let rows = Rows { picture: shape, range };
            assert_eq!(rows.noise(random, 4, 2), rows.of(&whole));
            assert_eq!(rows.of(&whole).len(), rows.shape().numbers());
            rows.put(&rows.of(&whole), &mut put);
        }
        assert_eq!(put, whole);
        assert_eq!(Rows::all(shape).of(&whole), whole);
    }
}
