//! Direct projection, in one step or several, with a strength.

use image::RgbImage;

use crate::data::pixels;
use crate::diffusion::{Classes, Generator};
use crate::error::{Error, Result};
use crate::eval::rms_difference;
use crate::random::{Random, Stream};

/// Most applications of f that one request may ask for.
pub const MOST_STEPS: usize = 64;

/// How an image is projected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Applications of f.
    pub steps: usize,
    /// Noise level added before the first application; 0 projects the image as it is.
    pub strength_sigma: f32,
    pub seed: u32,
    /// The class that a conditional model is to see in the image; none leaves it open.
    pub class: Option<u32>,
}

/// A projected image.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The input at the model's resolution.
    pub before: RgbImage,
    /// The image after each application of f.
    pub after: Vec<RgbImage>,
    /// Root mean square change of the pixels, in [-1, 1] units, of each application.
    pub moved_rms: Vec<f32>,
    /// Which weights did it, for the caption.
    pub model: String,
}

/// Fits `image` to the model, adds the strength's noise, and applies f `steps` times.
///
/// # Errors
/// `Kind::Usage` for settings out of range or a model without projection.
pub fn project(
    generator: &Generator,
    model: &str,
    image: &RgbImage,
    settings: Settings,
) -> Result<Projection> {
    let Settings { steps, strength_sigma: sigma, seed, class } = settings;
    if !(1..=MOST_STEPS).contains(&steps) {
        return Err(Error::usage(format!("{steps} projection steps were asked for"))
            .hint(format!("choose between 1 and {MOST_STEPS}")));
    }
    if !(0.0..=80.0).contains(&sigma) {
        return Err(Error::usage(format!("the strength {sigma} is not a noise level"))
            .hint("choose between 0 (as it is) and 80 (a new image)"));
    }
    let classes = match class {
        Some(class) => Classes::One(class).of(&generator.spec.unet, 1)?,
        None => None,
    };
    let (channels, size) = (generator.spec.unet.img_channels, generator.spec.unet.img_resolution);
    let input = pixels::chw_from_picture(image, channels, size);
    let before = pixels::picture_from_chw(&input, channels, size);

    // u = (x + sigma eps) / sqrt(1 + sigma²), the student's coordinates.
    let noise = Random::new(seed, Stream::Edit).normals(0, 0, input.len());
    let scale = (1.0 + sigma * sigma).sqrt().recip();
    let mut now: Vec<f32> = input.iter().zip(noise).map(|(x, n)| (x + sigma * n) * scale).collect();
    let (mut after, mut moved_rms, mut last) = (Vec::new(), Vec::new(), input);
    for _ in 0..steps {
        now = generator.project(&now, classes.as_deref())?;
        moved_rms.push(rms_difference(&now, &last) as f32);
        after.push(pixels::picture_from_chw(&now, channels, size));
        last = now.clone();
    }
    Ok(Projection { before, after, moved_rms, model: model.to_string() })
}
