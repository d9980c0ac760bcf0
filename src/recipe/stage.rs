//! What a stage of a run trains.

use serde::{Deserialize, Serialize};

use super::student::Method;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Teacher,
    Sid,
    Sign,
}

impl Stage {
    pub const ALL: [Self; 3] = [Self::Teacher, Self::Sid, Self::Sign];

    /// The stage of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Stage::Teacher => "teacher",
            Stage::Sid => "sid",
            Stage::Sign => "sign",
        }
    }
}

/// Thousand images are counted in whole ones: what a length loses as a decimal number is no image.
const LEAST_SHARE: f64 = 1e-6;

/// Whether a stage of `kimg` thousand images is over after `images`.
pub fn is_reached(kimg: f64, images: u64) -> bool {
    images as f64 >= kimg * 1000.0 - LEAST_SHARE
}

/// Whether a stage has had more than `kimg` thousand images.
pub fn is_passed(kimg: f64, images: u64) -> bool {
    images as f64 > kimg * 1000.0 + LEAST_SHARE
}

/// Images of a whole stage of `kimg` thousand, in batches.
pub fn stage_images(kimg: f64, batch: usize) -> u64 {
    let batch = batch.max(1) as f64;
    (((kimg * 1000.0 - LEAST_SHARE) / batch).ceil().max(0.0) * batch) as u64
}

impl From<Method> for Stage {
    fn from(method: Method) -> Self {
        match method {
            Method::Sid => Stage::Sid,
            Method::Sign => Stage::Sign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_so_many_whole_batches() {
        assert_eq!([stage_images(0.064, 8), stage_images(0.06, 8), stage_images(0.0, 8)], [64, 64, 0]);
        // As decimal numbers some thousandths are a little more than they are.
        for images in (8..400_000).step_by(8) {
            let kimg = images as f64 / 1000.0;
            assert_eq!(stage_images(kimg, 8), images);
            assert!(is_reached(kimg, images) && !is_reached(kimg, images - 1));
            assert!(is_passed(kimg, images + 1) && !is_passed(kimg, images));
        }
    }
}
