//! One picture file, from bytes nobody vouches for to 8-bit gray or colour.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::error::LimitErrorKind;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::limits::{MAX_DECODE_BYTES, MAX_SIDE, MIN_SIDE};
use super::pixels;

/// What is accepted, for messages.
pub const FORMATS: &str = "PNG, JPEG, WebP, GIF or BMP";

/// A decoded picture, upright and without transparency.
#[derive(Clone, Debug, PartialEq)]
pub enum Picture {
    Gray(GrayImage),
    Colour(RgbImage),
}

impl Picture {
    /// Width and height, pixels.
    pub fn dimensions(&self) -> (u32, u32) {
        match self {
            Self::Gray(gray) => gray.dimensions(),
            Self::Colour(colour) => colour.dimensions(),
        }
    }

    pub fn channels(&self) -> usize {
        match self {
            Self::Gray(_) => 1,
            Self::Colour(_) => 3,
        }
    }

    /// The middle square at `size`×`size`, plane by plane (C×H×W).
    pub fn fitted(&self, size: usize) -> Vec<u8> {
        match self {
            Self::Gray(gray) => pixels::planes(&*pixels::fit(gray, size)),
            Self::Colour(colour) => pixels::planes(&*pixels::fit(colour, size)),
        }
    }

    pub fn into_rgb(self) -> RgbImage {
        match self {
            Self::Gray(gray) => pixels::colour(&gray),
            Self::Colour(colour) => colour,
        }
    }
}

/// The format that the first bytes of a file announce, if it is one that is accepted.
pub fn sniff(start: &[u8]) -> Option<ImageFormat> {
    let format = image::guess_format(start).ok()?;
    format.reading_enabled().then_some(format)
}

/// Decodes a picture: 16 bits become 8, palettes their colours, transparency is laid on white, a
/// photograph's orientation tag is obeyed, an animation gives its first frame. The error is the
/// reason in words.
pub fn decode(bytes: &[u8]) -> Result<Picture, String> {
    decode_as_it_is(bytes).map(flatten)
}

/// The same, and how opaque each pixel was (0 is transparent) where not all were.
pub fn decode_with_alpha(bytes: &[u8]) -> Result<(Picture, Option<GrayImage>), String> {
    let decoded = decode_as_it_is(bytes)?;
    let alpha = alpha(&decoded);
    Ok((flatten(decoded), alpha))
}

fn decode_as_it_is(bytes: &[u8]) -> Result<DynamicImage, String> {
    let format = sniff(bytes).ok_or_else(|| format!("not a {FORMATS} picture"))?;
    if format == ImageFormat::Jpeg && !jpeg_is_whole(bytes) {
        return Err("the JPEG ends early".into());
    }
    // Decoders state themselves that hostile bytes may make them panic.
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_as(bytes, format)))
        .map_err(|_| "the decoder gave up on it".to_string())??;
    let (width, height) = (decoded.width(), decoded.height());
    if width.min(height) < MIN_SIDE {
        return Err(format!("{width}×{height} pixels is too small: no side may have less than {MIN_SIDE}"));
    }
    Ok(decoded)
}

fn decode_as(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, String> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let damaged = |error: ImageError| match error {
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::DimensionError => {
            format!("the picture is too large: no side may have more than {MAX_SIDE} pixels")
        }
        ImageError::Limits(_) => "the picture is too large to be held in memory".to_string(),
        error => format!("the picture is damaged or incomplete: {error}"),
    };
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    // `max_alloc` is a wish to some decoders; the size of the result is known now. A gray one may become
    // colour yet.
    let (width, height) = decoder.dimensions();
    let rgb_bytes = 3 * u64::from(width) * u64::from(height);
    if decoder.total_bytes().max(rgb_bytes) > MAX_DECODE_BYTES {
        return Err(format!("{width}×{height} pixels is too large to be held in memory"));
    }
    // An unreadable orientation tag is no reason to lose the picture.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

/// Opacity, where a pixel is not fully opaque.
fn alpha(picture: &DynamicImage) -> Option<GrayImage> {
    if !picture.color().has_alpha() {
        return None;
    }
    let rgba = picture.to_rgba8();
    let alpha = GrayImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [.., alpha] = rgba.get_pixel(x, y).0;
        image::Luma([alpha])
    });
    alpha.as_raw().iter().any(|a| *a < u8::MAX).then_some(alpha)
}

/// Eight bits and no transparency.
fn flatten(picture: DynamicImage) -> Picture {
    let color = picture.color();
    match (color.has_color(), color.has_alpha()) {
        (false, false) => Picture::Gray(picture.into_luma8()),
        (true, false) => Picture::Colour(picture.into_rgb8()),
        (false, true) => {
            let picture = picture.into_luma_alpha8();
            let (width, height) = picture.dimensions();
            Picture::Gray(GrayImage::from_fn(width, height, |x, y| {
                let [value, alpha] = picture.get_pixel(x, y).0;
                image::Luma([on_white(value, alpha)])
            }))
        }
        (true, true) => {
            let picture = picture.into_rgba8();
            let (width, height) = picture.dimensions();
            Picture::Colour(RgbImage::from_fn(width, height, |x, y| {
                let [r, g, b, alpha] = picture.get_pixel(x, y).0;
                image::Rgb([r, g, b].map(|value| on_white(value, alpha)))
            }))
        }
    }
}

fn on_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Whether a JPEG has its end marker: decoders fill what is missing with gray and say nothing. The
/// search starts at the scan, for a thumbnail in the header has an end marker of its own.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(header) = bytes.get(at..at + 4) {
        match *header {
            [0xFF, 0xDA, ..] => return bytes[at..].windows(2).rev().any(|pair| pair == [0xFF, 0xD9]),
            // A fill byte: the marker starts one later.
            [0xFF, 0xFF, ..] => at += 1,
            [0xFF, _, high, low] => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            // Not how a header should go on: the decoder may judge it.
            _ => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests;
