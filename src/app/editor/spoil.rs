//! Spoils a picture on purpose: the editor then has something to mend.

use std::sync::Arc;

use image::{GrayImage, Luma};

use super::mask::Mask;
use super::settings::Settings;
use super::state::State;
use crate::data::{Shape, pixels};
use crate::edit::{Canvas, Corruption, DOWN_UP, Way};
use crate::error::Result;

/// `state` spoiled at the size that is edited by a model of pictures of `side` pixels, as picture `number` of its
/// seed: two pictures get different noise. Where pixels are hidden, they are marked.
///
/// # Errors
/// A picture too large for tiles.
pub fn spoil(state: &State, corruption: Corruption, side: usize, number: u32) -> Result<State> {
    let Settings { fit, seed, .. } = state.settings;
    let earlier = state.mask.unpack();
    let holes = (!earlier.is_empty()).then(|| earlier.image().as_ref());
    let mut canvas = Canvas::new(&state.picture, holes, Shape::square(3, side), fit)?;
    let spoiled = corruption.apply(&canvas.numbers, canvas.shape, seed, number);
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
    let settings = state.settings.clone();
    Ok(State { picture: Arc::new(picture), mask: mask.pack(), spoiled: ways, settings, made: None })
}

/// What it is called; the command line has names without spaces.
pub fn title(corruption: Corruption) -> String {
    match corruption {
        Corruption::Noise { sigma } => format!("noise {sigma}"),
        Corruption::DownUp => format!("pixelate {DOWN_UP}×{DOWN_UP}"),
        other => other.to_string().replace('-', " "),
    }
}

/// What can be done about it, in words.
pub fn remedy(corruption: Corruption) -> &'static str {
    match corruption.mended_by() {
        Some(Way::Direct) => "Denoise takes it away",
        Some(Way::Inpaint) => "Fill restores it",
        Some(Way::Colourise) => "Colour guesses colours, rarely the original ones",
        Some(Way::SuperResolve) => "Sharpen gains a little",
        None => "no tool mends this",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Fit;
    use image::{Rgb, RgbImage};

    fn marked(state: &State) -> usize {
        state.mask.unpack().image().iter().filter(|value| **value == u8::MAX).count()
    }

    #[test]
    fn what_is_hidden_is_marked_and_stays_so() {
        let picture = RgbImage::from_fn(16, 16, |x, y| Rgb([x as u8 * 16, y as u8 * 16, 90]));
        let clean = State::new(Arc::new(picture));
        let boxed = spoil(&clean, Corruption::BoxMask, 16, 0).expect("spoiled");
        assert_eq!(marked(&boxed), 64);
        assert_eq!(boxed.picture.get_pixel(8, 8).0, [0; 3]);
        let gray = spoil(&boxed, Corruption::Grayscale, 16, 0).expect("spoiled");
        assert_eq!((marked(&gray), gray.spoiled.len()), (64, 2));
        let more = spoil(&boxed, Corruption::HalfMask, 16, 0).expect("spoiled");
        assert_eq!(marked(&more), 64 + 128 - 32);
    }

    #[test]
    fn the_size_follows_the_fit() {
        let clean = State::new(Arc::new(RgbImage::new(40, 20)));
        let size = |fit| {
            let settings = Settings { fit, ..Settings::default() };
            let spoiled =
                spoil(&State { settings, ..clean.clone() }, Corruption::Blur, 16, 0).expect("spoiled");
            assert!(spoiled.mask.unpack().is_empty());
            spoiled.picture.dimensions()
        };
        assert_eq!((size(Fit::Resize), size(Fit::Tiles)), ((16, 16), (40, 20)));
    }

    #[test]
    fn two_pictures_of_one_seed_are_hidden_differently_and_every_remedy_is_told() {
        let clean = State::new(Arc::new(RgbImage::new(16, 16)));
        let hidden = |number| {
            let spoiled = spoil(&clean, Corruption::RandomMask, 16, number).expect("spoiled");
            spoiled.mask.unpack().image().as_raw().clone()
        };
        assert_eq!(hidden(1), hidden(1));
        assert_ne!(hidden(0), hidden(1));
        let helpless: Vec<String> = (Corruption::ALL.iter().filter(|c| remedy(**c).starts_with("no tool")))
            .map(ToString::to_string)
            .collect();
        assert_eq!(helpless, ["sketch", "jpeg"]);
        let titles = [Corruption::Noise { sigma: 0.15 }, Corruption::DownUp, Corruption::BoxMask].map(title);
        assert_eq!(titles, ["noise 0.15", "pixelate 4×4", "box mask"]);
    }
}
