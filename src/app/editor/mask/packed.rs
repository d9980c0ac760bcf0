//! A mask at rest.

use std::sync::Arc;

use image::GrayImage;

use super::bitmap::Mask;
use super::changes::Stamp;

/// A mask at one bit a pixel, for states that are kept but not drawn on. Clones share their bits.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Pixels in reading order, the first in a byte's lowest bit; none of a mask that marks nothing.
    bits: Arc<[u8]>,
    /// Width and height, pixels.
    size: [u32; 2],
    /// How many pixels are masked.
    masked: u64,
    stamp: Stamp,
}

impl Packed {
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// Names the content, as that of the mask that was packed.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Memory that the bits take.
    pub fn bytes(&self) -> usize {
        self.bits.len()
    }

    /// The mask as it was.
    pub fn unpack(&self) -> Mask {
        let [width, height] = self.size;
        let mut image = GrayImage::new(width, height);
        for (pixels, byte) in image.chunks_mut(8).zip(self.bits.iter()) {
            for (bit, pixel) in pixels.iter_mut().enumerate() {
                *pixel = if byte & (1 << bit) != 0 { u8::MAX } else { 0 };
            }
        }
        Mask::restored(image, self.masked, self.stamp)
    }
}

impl Mask {
    /// The same at an eighth of the memory.
    pub fn pack(&self) -> Packed {
        let byte = |pixels: &[u8]| {
            let bits = pixels.iter().enumerate().map(|(bit, pixel)| u8::from(*pixel != 0) << bit);
            bits.fold(0, |byte, bit| byte | bit)
        };
        let bits = if self.is_empty() { Arc::default() } else { self.image().chunks(8).map(byte).collect() };
        Packed { bits, size: self.size(), masked: self.masked(), stamp: self.stamp() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_comes_back_as_it_was_packed() {
        // 33 × 7 pixels do not fill their last byte.
        let mut mask = Mask::new(33, 7);
        mask.dab([3.0, 1.0], [30.0, 6.0], 1.5, u8::MAX);
        mask.fill_box([32.0, 6.0], [33.0, 7.0], u8::MAX);
        let packed = mask.pack();
        assert_eq!((packed.size(), packed.bytes()), ([33, 7], (33 * 7_usize).div_ceil(8)));
        let back = packed.unpack();
        assert_eq!(back.image(), mask.image());
        assert_eq!((back.share(), back.stamp()), (mask.share(), mask.stamp()));
    }

    #[test]
    fn an_empty_mask_takes_no_memory() {
        let packed = Mask::new(1000, 800).pack();
        assert_eq!(packed.bytes(), 0);
        let back = packed.unpack();
        assert!(back.is_empty() && back.size() == [1000, 800]);
    }

    /// Two masks of one stamp are equal: what is drawn on one of them has a stamp of its own.
    #[test]
    fn what_is_drawn_after_unpacking_is_another_mask() {
        let mask = Mask::new(9, 9);
        let (mut one, mut other) = (mask.pack().unpack(), mask.pack().unpack());
        assert!(one == other);
        one.fill_box([1.0, 1.0], [3.0, 3.0], u8::MAX);
        other.fill_box([1.0, 1.0], [3.0, 3.0], u8::MAX);
        assert!(one.stamp() != mask.stamp() && one.stamp() != other.stamp());
        assert_eq!(one.masked(), 4);
    }
}
