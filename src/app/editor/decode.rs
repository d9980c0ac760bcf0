//! From a dropped file or a typed path to pixels, under strict limits and in words when it fails.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use eframe::egui::DroppedFileHandle;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};

use crate::error::{Error, Result};

/// A file larger than this is no picture that someone wants to edit at a model's resolution.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Longest side that is decoded, pixels: beyond any camera.
const MAX_SIDE: u32 = 16_384;

/// Memory of one decoded picture, so that a small file cannot unfold into all of it.
const MAX_DECODED_BYTES: u64 = 256 << 20;

/// Longest side that is kept, pixels. Models work at far less; the editor keeps many pictures.
const KEPT_SIDE: u32 = 1024;

/// What to try instead, when a file is no picture.
const FORMATS: &str = "use a PNG, JPEG, WebP, BMP or GIF file";

/// Where a picture comes from.
#[derive(Debug)]
pub enum Source {
    Dropped(DroppedFileHandle),
    Path(PathBuf),
}

impl Source {
    pub fn path(&self) -> &Path {
        match self {
            Source::Dropped(file) => file.path(),
            Source::Path(path) => path,
        }
    }
}

/// Reads and decodes a picture, upright, in RGB, no side longer than [`KEPT_SIDE`].
///
/// # Errors
/// A file that cannot be read, is too large, or is not a whole picture.
pub fn open(source: &Source) -> Result<RgbImage> {
    let bytes = read(source)?;
    let path = source.path();
    // Decoders meet hostile files here; one that panics must not take the editor with it.
    catch_unwind(AssertUnwindSafe(|| decode(path, &bytes)))
        .unwrap_or_else(|_| Err(Error::data(path, "the picture's decoder gave up").hint(FORMATS)))
}

fn read(source: &Source) -> Result<Vec<u8>> {
    let path = source.path();
    let bytes = match (std::fs::metadata(path), source) {
        (Ok(meta), _) if meta.is_dir() => {
            return Err(Error::data(path, "this is a folder").hint("drop the image files in it"));
        }
        (Ok(meta), _) if !meta.is_file() => return Err(Error::data(path, "this is not a regular file")),
        (Ok(meta), _) if meta.len() > MAX_FILE_BYTES => return Err(too_large(path)),
        (Ok(_), _) => read_file(path)?,
        // Some senders hand over bytes and a name without a file behind it.
        (Err(_), Source::Dropped(file)) => file
            .bytes()
            .map_err(|why| Error::data(path, format!("could not read the dropped file: {why}")))?,
        (Err(source), Source::Path(_)) => {
            return Err(Error::io(path, "open the picture", &source).hint("check the path"));
        }
    };
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(too_large(path));
    }
    Ok(bytes)
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|source| Error::io(path, "read the picture", &source))?;
    Ok(bytes)
}

fn too_large(path: &Path) -> Error {
    Error::data(path, format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20))
        .hint("save the picture at a smaller size first")
}

fn decode(path: &Path, bytes: &[u8]) -> Result<RgbImage> {
    let failed = |source: ImageError| refusal(path, &source);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|source| Error::io(path, "read the picture", &source))?;
    if reader.format().is_none() {
        return Err(Error::data(path, "this is not an image file").hint(FORMATS));
    }
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    limits.check_dimensions(width, height).map_err(failed)?;
    limits.reserve(decoder.total_bytes()).map_err(failed)?;
    if width == 0 || height == 0 {
        return Err(Error::data(path, "the picture has no pixels").hint("choose another picture"));
    }
    let orientation = decoder.orientation().map_err(failed)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(orientation);
    Ok(shrink(flatten(picture)))
}

fn refusal(path: &Path, source: &ImageError) -> Error {
    match source {
        ImageError::Limits(_) => {
            let most = MAX_DECODED_BYTES >> 20;
            Error::data(path, format!("the picture is larger than {MAX_SIDE} pixels a side or {most} MiB"))
                .hint("save it at a smaller size first")
        }
        ImageError::Unsupported(_) => {
            Error::data(path, format!("this kind of image cannot be read: {source}")).hint(FORMATS)
        }
        _ => Error::data(path, format!("the picture is damaged or incomplete: {source}"))
            .hint("open it elsewhere and save it again"),
    }
}

/// RGB; what is transparent becomes white, as on paper.
fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    for (out, pixel) in rgb.pixels_mut().zip(rgba.pixels()) {
        let [r, g, b, alpha] = pixel.0.map(u32::from);
        let over_white = |c: u32| ((c * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        out.0 = [over_white(r), over_white(g), over_white(b)];
    }
    rgb
}

/// Averages a large picture down until its longest side is [`KEPT_SIDE`].
fn shrink(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= KEPT_SIDE {
        return picture;
    }
    let side = |length: u32| (length * KEPT_SIDE / longest).max(1);
    image::imageops::thumbnail(&picture, side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgba, RgbaImage};

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).expect("a PNG in memory");
        bytes.into_inner()
    }

    #[test]
    fn transparency_becomes_white() {
        let clear = RgbaImage::from_fn(2, 1, |x, _| Rgba([10, 20, 30, if x == 0 { 0 } else { 255 }]));
        let picture = decode(Path::new("a.png"), &png(&clear.into())).expect("a good picture");
        assert_eq!(picture.get_pixel(0, 0).0, [255, 255, 255]);
        assert_eq!(picture.get_pixel(1, 0).0, [10, 20, 30]);
    }

    #[test]
    fn large_pictures_are_kept_small_whatever_their_shape() {
        let wide = DynamicImage::new_rgb8(3000, 2);
        let picture = decode(Path::new("wide.png"), &png(&wide)).expect("a good picture");
        assert_eq!(picture.dimensions(), (KEPT_SIDE, 1));
    }

    #[test]
    fn no_prefix_of_a_picture_is_taken_for_a_whole_one() {
        let whole = png(&DynamicImage::ImageRgb8(RgbImage::from_fn(9, 9, |x, y| {
            image::Rgb([(x * 28) as u8, (y * 28) as u8, (x * y) as u8])
        })));
        for length in 0..whole.len() / 2 {
            let error = decode(Path::new("cut.png"), &whole[..length]).expect_err("a cut file");
            assert!(error.remedy.is_some(), "{error}");
        }
    }

    #[test]
    fn a_picture_too_wide_to_decode_is_refused_by_its_header() {
        let wide = png(&DynamicImage::new_luma8(MAX_SIDE + 1, 1));
        let error = decode(Path::new("wide.png"), &wide).expect_err("a picture over the limit");
        assert!(error.what.contains("16384 pixels a side"), "{error}");
    }

    #[test]
    fn folders_and_missing_files_are_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = open(&Source::Path(folder.path().to_path_buf())).expect_err("a folder");
        assert!(error.what.contains("folder"), "{error}");
        let error = open(&Source::Path(folder.path().join("no.png"))).expect_err("no such file");
        assert!(error.to_string().contains("no.png"), "{error}");
    }
}
