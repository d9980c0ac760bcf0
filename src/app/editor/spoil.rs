//! Spoils a picture on purpose: the editor then has something to mend.

use std::sync::Arc;

use image::{GrayImage, Luma};

use super::mask::Mask;
use super::state::State;
use crate::data::{Shape, pixels};
use crate::edit::{Canvas, Corruption, Fit};
use crate::error::Result;

/// `state` spoiled at the size that is edited by a model of pictures of `side` pixels. Where pixels are hidden,
/// they are marked.
///
/// # Errors
/// A picture too large for tiles.
pub fn spoil(state: &State, corruption: Corruption, fit: Fit, side: usize, seed: u32) -> Result<State> {
    let earlier = state.mask.unpack();
    let holes = (!earlier.is_empty()).then(|| earlier.image().as_ref());
    let mut canvas = Canvas::new(&state.picture, holes, Shape::square(3, side), fit)?;
    let spoiled = corruption.apply(&canvas.numbers, canvas.shape, seed, 0);
    let is_known = |known: &Option<Vec<bool>>, at: usize| known.as_ref().is_none_or(|known| known[at]);
    let picture = pixels::picture_of_shape(&spoiled.image, canvas.shape);
    let (width, height) = picture.dimensions();
    let earlier = canvas.known.take();
    let mask = if earlier.is_none() && spoiled.known.is_none() {
        Mask::new(width, height)
    } else {
        Mask::from_image(GrayImage::from_fn(width, height, |x, y| {
            let at = (y * width + x) as usize;
            Luma([if is_known(&earlier, at) && is_known(&spoiled.known, at) { 0 } else { u8::MAX }])
        }))
    };
    let mut ways = state.spoiled.clone();
    ways.push(corruption);
    Ok(State { picture: Arc::new(picture), mask: mask.pack(), spoiled: ways, made: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn marked(state: &State) -> usize {
        state.mask.unpack().image().iter().filter(|value| **value == u8::MAX).count()
    }

    #[test]
    fn what_is_hidden_is_marked_and_stays_so() {
        let picture = RgbImage::from_fn(16, 16, |x, y| Rgb([x as u8 * 16, y as u8 * 16, 90]));
        let clean = State::new(Arc::new(picture));
        let boxed = spoil(&clean, Corruption::BoxMask, Fit::Resize, 16, 0).expect("spoiled");
        assert_eq!(marked(&boxed), 64);
        assert_eq!(boxed.picture.get_pixel(8, 8).0, [0; 3]);
        let gray = spoil(&boxed, Corruption::Grayscale, Fit::Resize, 16, 0).expect("spoiled");
        assert_eq!((marked(&gray), gray.spoiled.len()), (64, 2));
        let more = spoil(&boxed, Corruption::HalfMask, Fit::Resize, 16, 0).expect("spoiled");
        assert_eq!(marked(&more), 64 + 128 - 32);
    }

    #[test]
    fn the_size_follows_the_fit() {
        let clean = State::new(Arc::new(RgbImage::new(40, 20)));
        let size = |fit| {
            let spoiled = spoil(&clean, Corruption::Blur, fit, 16, 0).expect("spoiled");
            assert!(spoiled.mask.unpack().is_empty());
            spoiled.picture.dimensions()
        };
        assert_eq!((size(Fit::Resize), size(Fit::Tiles)), ((16, 16), (40, 20)));
    }
}
