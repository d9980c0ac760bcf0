//! Pictures of any depth and transparency as 8-bit ones on white.

use image::{DynamicImage, GrayAlphaImage, GrayImage, Luma, Rgb, RgbImage, RgbaImage};

use super::Picture;

/// Eight bits and no transparency; and how opaque each pixel was (0 is transparent) where not all were.
pub fn flat(image: DynamicImage) -> (Picture, Option<GrayImage>) {
    let color = image.color();
    match (color.has_color(), color.has_alpha()) {
        (false, false) => (Picture::Gray(image.into_luma8()), None),
        (true, false) => (Picture::Colour(image.into_rgb8()), None),
        (false, true) => {
            let image = image.into_luma_alpha8();
            (Picture::Gray(gray_on_white(&image)), alpha(image.width(), image.as_raw(), 2))
        }
        (true, true) => {
            let image = image.into_rgba8();
            (Picture::Colour(colour_on_white(&image)), alpha(image.width(), image.as_raw(), 4))
        }
    }
}

/// A picture whose alpha is 0 everywhere without it. In a BMP that is a fourth byte that the writing program
/// left empty, not a picture that nobody can see.
pub fn without_empty_alpha(image: DynamicImage) -> DynamicImage {
    match image {
        DynamicImage::ImageRgba8(rgba) if rgba.pixels().all(|pixel| pixel.0[3] == 0) => {
            DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(rgba).into_rgb8())
        }
        other => other,
    }
}

/// The last of every `channels` numbers, where one is less than fully opaque.
fn alpha(width: u32, raw: &[u8], channels: usize) -> Option<GrayImage> {
    let values: Vec<u8> = raw.iter().skip(channels - 1).step_by(channels).copied().collect();
    let height = values.len() as u32 / width.max(1);
    values.iter().any(|alpha| *alpha < u8::MAX).then(|| GrayImage::from_raw(width, height, values))?
}

fn gray_on_white(image: &GrayAlphaImage) -> GrayImage {
    let (width, height) = image.dimensions();
    GrayImage::from_fn(width, height, |x, y| {
        let [value, alpha] = image.get_pixel(x, y).0;
        Luma([on_white(value, alpha)])
    })
}

fn colour_on_white(image: &RgbaImage) -> RgbImage {
    let (width, height) = image.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let [r, g, b, alpha] = image.get_pixel(x, y).0;
        Rgb([r, g, b].map(|value| on_white(value, alpha)))
    })
}

pub fn on_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
