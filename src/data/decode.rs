//! One picture file, from bytes nobody vouches for to 8-bit gray or colour.

mod budget;
mod flat;
mod photo;
mod profile;
mod quiet;

use std::io::Cursor;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use self::budget::Permit;
pub use self::photo::{Photo, decode_photo, decode_picture, is_picture, open_photo, open_picture};
pub use self::profile::Profile;
use super::limits::{MAX_DECODE_BYTES, MIN_SIDE};
use super::pixels;

/// What is accepted, for messages.
pub const FORMATS: &str = "PNG, JPEG, WebP, GIF or BMP";

/// What one pixel takes, bytes, in the 8-bit colour that every picture may become.
const RGB_BYTES: u64 = 3;

/// Most pixels of a picture that is decoded.
pub const MOST_PIXELS: u64 = MAX_DECODE_BYTES / RGB_BYTES;

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

/// A decoded picture and what its file says besides.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub picture: Picture,
    /// How opaque each pixel was (0 is transparent) where not all were.
    pub alpha: Option<GrayImage>,
    /// What the numbers of the file mean as colours, where it says so.
    pub profile: Option<Profile>,
}

/// The format that the first bytes of a file announce, if it is one that is accepted.
pub fn sniff(start: &[u8]) -> Option<ImageFormat> {
    let format = image::guess_format(start).ok()?;
    format.reading_enabled().then_some(format)
}

/// Why bytes that begin with `start` are no picture, in words.
pub fn no_picture(start: &[u8]) -> String {
    if start.is_empty() { "the file is empty".to_owned() } else { format!("not a {FORMATS} picture") }
}

/// Decodes a picture: 16 bits become 8, palettes their colours, transparency is laid on white, a
/// photograph's orientation tag is obeyed, an animation gives its first frame. The error is the
/// reason in words.
pub fn decode(bytes: &[u8]) -> Result<Picture, String> {
    with(bytes, |decoded| decoded.picture)
}

/// Decodes a picture as [`decode`] does, and gives what `read` makes of it. Until `read` is done the memory
/// counts as taken: other threads wait with pictures for which there is no room. So `read` must decode no
/// other.
pub fn with<T>(bytes: &[u8], read: impl FnOnce(Decoded) -> T) -> Result<T, String> {
    let format = sniff(bytes).ok_or_else(|| no_picture(bytes))?;
    if format == ImageFormat::Jpeg && !jpeg_is_whole(bytes) {
        return Err("the JPEG ends early".into());
    }
    // Decoders state themselves that hostile bytes may make them panic.
    let decoded = quiet::caught(|| decode_as(bytes, format));
    let (image, profile, _permit) =
        decoded.ok_or("the picture is damaged: its decoder gave up on it").map_err(String::from)??;
    let (width, height) = (image.width(), image.height());
    if width.min(height) < MIN_SIDE {
        return Err(format!(
            "{width}×{height} pixels is too small: each side needs at least {MIN_SIDE} pixels"
        ));
    }
    let (picture, alpha) =
        flat::flat(if format == ImageFormat::Bmp { flat::without_empty_alpha(image) } else { image });
    Ok(read(Decoded { picture, alpha, profile }))
}

fn decode_as(bytes: &[u8], format: ImageFormat) -> Result<(DynamicImage, Option<Profile>, Permit), String> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let damaged = |error: ImageError| match error {
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::DimensionError => {
            "the picture is too large for its format".to_string()
        }
        ImageError::Limits(_) => "the picture is too large to be held in memory".to_string(),
        error => format!("the picture is damaged or incomplete: {error}"),
    };
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    // `max_alloc` is a wish to some decoders; the size of the result is known now. A gray one may become
    // colour yet.
    let (width, height) = decoder.dimensions();
    let rgb_bytes = RGB_BYTES.saturating_mul(u64::from(width)).saturating_mul(u64::from(height));
    let decoded_bytes = decoder.total_bytes().max(rgb_bytes);
    if decoded_bytes > MAX_DECODE_BYTES {
        let most = MOST_PIXELS / 1_000_000;
        return Err(format!(
            "{width}×{height} pixels is too large to be held in memory: {most} megapixels of 8 bits are the most"
        ));
    }
    let permit = budget::take(decoded_bytes);
    // An unreadable profile or orientation tag is no reason to lose the picture.
    let profile = Profile::of(&mut decoder, bytes, format);
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok((image, profile, permit))
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
