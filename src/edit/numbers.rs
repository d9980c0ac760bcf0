//! The numbers of a picture in as few bytes as hold them.

use image::{Rgb, RgbImage};

use super::rows::Rows;
use crate::data::{Shape, pixels};

/// Numbers in [-1, 1]: as bytes where all of them are, as a user's picture has them.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    Bytes(Vec<u8>),
    Exact(Vec<f32>),
}

impl Numbers {
    /// Packs `numbers`.
    pub fn packed(numbers: &[f32]) -> Self {
        let is_byte = |number: &f32| pixels::to_unit(pixels::from_unit(*number)) == *number;
        if numbers.iter().all(is_byte) {
            Self::Bytes(numbers.iter().map(|number| pixels::from_unit(*number)).collect())
        } else {
            Self::Exact(numbers.to_vec())
        }
    }

    /// Number `i`.
    pub fn at(&self, i: usize) -> f32 {
        match self {
            Self::Bytes(bytes) => pixels::to_unit(bytes[i]),
            Self::Exact(numbers) => numbers[i],
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Exact(numbers) => numbers.len(),
        }
    }

    /// All of them in turn.
    pub fn iter(&self) -> impl Iterator<Item = f32> {
        (0..self.len()).map(|i| self.at(i))
    }

    /// Those of some rows.
    pub fn of(&self, rows: &Rows) -> Vec<f32> {
        rows.stretches().flatten().map(|i| self.at(i)).collect()
    }

    /// As a picture to look at; gray is repeated.
    pub fn picture(&self, shape: Shape) -> RgbImage {
        let last = shape.channels.clamp(1, 3) - 1;
        RgbImage::from_fn(shape.width as u32, shape.height as u32, |x, y| {
            let at = y as usize * shape.width + x as usize;
            Rgb([0, 1, 2].map(|c: usize| pixels::from_unit(self.at(c.min(last) * shape.pixels() + at))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_packed_and_other_numbers_stay() {
        let shape = Shape { channels: 3, height: 2, width: 2 };
        let bytes: Vec<f32> = (0..12).map(|i| pixels::to_unit(i * 21)).collect();
        let packed = Numbers::packed(&bytes);
        assert!(matches!(packed, Numbers::Bytes(_)));
        let mut others = bytes.clone();
        others[7] += 1e-4;
        let exact = Numbers::packed(&others);
        assert_eq!(exact, Numbers::Exact(others.clone()));
        for (numbers, want) in [(packed, bytes), (exact, others)] {
            assert_eq!(numbers.iter().collect::<Vec<_>>(), want);
            let rows = Rows { picture: shape, range: 1..2 };
            assert_eq!(numbers.of(&rows), rows.of(&want));
            assert_eq!(numbers.picture(shape), pixels::picture_of_shape(&want, shape));
        }
    }
}
