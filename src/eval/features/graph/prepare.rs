//! From bytes of any side to the numbers that a network was trained on.

use serde::Deserialize;

use super::{Images, bad};
use crate::error::Result;
use crate::eval::features::bilinear::{Centres, resized};

/// The words of the one published file that says it in no other way.
const KNOWN_WORDS: &str =
    "RGB uint8 NCHW -> bilinear resize to 224x224 (half-pixel centres, no antialias) -> x/127.5-1";
/// Largest side that images are brought to, pixels: networks for images see less than half of it.
const MOST_SIDE: usize = 1024;

/// Bilinear resize with half-pixel centres and without a filter against aliasing, then `(byte - mean) /
/// deviation` for each colour. What a file leaves out is as `KNOWN_WORDS` say.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prepare {
    /// Pixels.
    pub side: usize,
    /// Of the bytes 0 … 255.
    pub mean: [f32; 3],
    pub deviation: [f32; 3],
}

impl Default for Prepare {
    fn default() -> Self {
        Self { side: 224, mean: [127.5; 3], deviation: [127.5; 3] }
    }
}

impl Prepare {
    /// # Errors
    /// Words that nobody taught this program.
    pub fn of_words(words: &str) -> Result<Self> {
        if words == KNOWN_WORDS {
            return Ok(Self::default());
        }
        let error = bad(format!("it prepares images by {words:?}, and only {KNOWN_WORDS:?} is known"));
        Err(error.hint(
            "say it in numbers: \"prepare\": {\"side\": 224, \"mean\": [127.5, 127.5, 127.5], \"deviation\": \
             [127.5, 127.5, 127.5]} for a bilinear resize and (byte - mean) / deviation",
        ))
    }

    /// Itself, if an image can be prepared so.
    ///
    /// # Errors
    /// Sides and numbers that give no image.
    pub fn checked(&self) -> Result<Self> {
        let Self { side, mean, deviation } = *self;
        if !(1..=MOST_SIDE).contains(&side) {
            return Err(bad(format!("it prepares images of side {side}, not of 1 to {MOST_SIDE}")));
        }
        if !mean.iter().chain(&deviation).all(|v| v.is_finite()) || deviation.contains(&0.0) {
            return Err(bad(format!("it prepares colours by {mean:?} and {deviation:?}")));
        }
        Ok(*self)
    }

    pub fn describe(&self) -> String {
        let Self { side, mean, deviation } = self;
        let how = "bilinear resize (half-pixel centres, no antialiasing)";
        format!("{how} to {side}×{side}, (byte - {mean:?}) / {deviation:?}")
    }

    /// `[count, 3, side, side]`.
    pub fn apply(&self, images: &Images<'_>) -> Vec<f32> {
        let Self { side, mean, deviation } = *self;
        resized(images, side, Centres::AtHalves, |colour, byte| (byte - mean[colour]) / deviation[colour])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_colour_has_its_numbers() {
        let prepare = Prepare { side: 2, mean: [0.0, 10.0, 0.0], deviation: [1.0, 1.0, 2.0] };
        let bytes = [0, 40, 80, 120].repeat(3);
        let got = prepare.apply(&Images { bytes: &bytes, channels: 3, side: 2 });
        let want = [0.0, 40.0, 80.0, 120.0, -10.0, 30.0, 70.0, 110.0, 0.0, 20.0, 40.0, 60.0];
        assert_eq!(got, want);
        let one = Prepare { side: 1, ..prepare }.apply(&Images { bytes: &bytes, channels: 3, side: 2 });
        assert_eq!(one, [60.0, 50.0, 30.0]);
        let gray = Prepare::default().apply(&Images { bytes: &[255], channels: 1, side: 1 });
        assert!(gray.len() == 3 * 224 * 224 && gray.iter().all(|v| *v == 1.0));
    }

    #[test]
    fn other_words_and_impossible_numbers_are_refused() {
        assert_eq!(Prepare::of_words(KNOWN_WORDS), Ok(Prepare::default()));
        let error = Prepare::of_words("crop to 224").expect_err("unknown words").to_string();
        assert!(error.contains("crop to 224") && error.contains("\"prepare\""), "{error}");
        let wrong = [
            Prepare { side: 0, ..Prepare::default() },
            Prepare { side: MOST_SIDE + 1, ..Prepare::default() },
            Prepare { deviation: [1.0, 0.0, 1.0], ..Prepare::default() },
            Prepare { mean: [f32::NAN; 3], ..Prepare::default() },
        ];
        assert!(wrong.iter().all(|prepare| prepare.checked().is_err()));
    }
}
