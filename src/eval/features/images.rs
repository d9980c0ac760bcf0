//! Images as extractors are given them.

/// Square images of one size as bytes, channel by channel: `[count, channels, side, side]`.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    pub bytes: &'a [u8],
    /// 1 (gray) or 3 (RGB).
    pub channels: usize,
    /// Pixels.
    pub side: usize,
}

impl<'a> Images<'a> {
    pub fn count(&self) -> usize {
        self.bytes.len() / self.image_len().max(1)
    }

    /// Bytes of an image.
    pub fn image_len(&self) -> usize {
        self.channels * self.side * self.side
    }

    /// At most `most` images at a time, in order.
    pub fn batches(self, most: usize) -> impl Iterator<Item = Images<'a>> {
        let len = (most * self.image_len()).max(1);
        self.bytes.chunks(len).map(move |bytes| Images { bytes, ..self })
    }

    /// The three colour planes of every image, `[count, 3, side, side]`; gray is repeated.
    pub fn rgb(&self) -> Vec<u8> {
        if self.channels == 3 {
            return self.bytes.to_vec();
        }
        let plane = (self.side * self.side).max(1);
        let first = self.bytes.chunks_exact(plane).step_by(self.channels.max(1));
        first.flat_map(|plane| [plane; 3].concat()).collect()
    }

    /// RGB images of `side`, a power of two times or a part of this one: pixels are repeated, or averaged
    /// over squares and rounded to bytes.
    pub fn rgb_of_side(&self, side: usize) -> Vec<u8> {
        let square = (self.side / side).max(1);
        let at = |plane: &[u8], x: usize, y: usize| -> u8 {
            let (x, y) = (x * self.side / side, y * self.side / side);
            let rows = (y..y + square).map(|y| &plane[y * self.side + x..][..square]);
            let sum: u32 = rows.flatten().map(|byte| u32::from(*byte)).sum();
            let area = (square * square) as u32;
            ((sum + area / 2) / area) as u8
        };
        let pixels = (0..side * side).map(|i| (i % side, i / side));
        let rgb = self.rgb();
        let planes = rgb.chunks_exact((self.side * self.side).max(1));
        planes.flat_map(|plane| pixels.clone().map(|(x, y)| at(plane, x, y))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_any_side_become_rgb_of_32() {
        let small: Vec<u8> = (0..16 * 16).map(|i| i as u8).collect();
        let large = Images { bytes: &small, channels: 1, side: 16 }.rgb_of_side(32);
        assert_eq!(large.len(), 3 * 32 * 32);
        assert_eq!((large[0], large[1], large[2], large[33]), (0, 0, 1, 0));
        assert_eq!(large[..1024], large[1024..2048]);
        let bytes: Vec<u8> = (0..3 * 64 * 64).map(|i| if i % 2 == 0 { 10 } else { 20 }).collect();
        assert!(Images { bytes: &bytes, channels: 3, side: 64 }.rgb_of_side(32).iter().all(|b| *b == 15));
        let same: Vec<u8> = (0..3 * 32 * 32).map(|i| (i % 251) as u8).collect();
        assert_eq!(Images { bytes: &same, channels: 3, side: 32 }.rgb_of_side(32), same);
    }

    #[test]
    fn batches_keep_order_and_the_last_is_smaller() {
        let bytes: Vec<u8> = (0..5 * 4).collect();
        let images = Images { bytes: &bytes, channels: 1, side: 2 };
        let counts: Vec<usize> = images.batches(2).map(|batch| batch.count()).collect();
        assert_eq!((counts, images.count()), (vec![2, 2, 1], 5));
        let joined: Vec<u8> = images.batches(2).flat_map(|batch| batch.bytes.to_vec()).collect();
        assert_eq!(joined, bytes);
    }
}
