//! Damaged pictures and masks, a fixed sequence of them: each is read or refused, within its memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ExtendedColorType, Frame, ImageEncoder, ImageFormat, Rgba, RgbaImage};

use crate::fuzz;
use crate::memory::peak_of;
use crate::mutate::{Dice, mutate};

/// Pictures of every test run.
const ITERATIONS: u64 = 4000;

/// Side of the pictures, pixels.
const SIDE: u32 = 16;

/// The cap for a picture that is read, bytes: its pixels in a decoder's buffers and in ours, copies of the
/// file, and tables.
fn allowed_memory(file: usize, pixels: usize) -> usize {
    (8 << 20) + 8 * file + 24 * pixels
}

/// The cap for one that is refused: it may have promised the largest picture that is read.
const REFUSED: usize = 2 << 30;

/// What is damaged, and what is put right afterwards, so that the damage gets past checksums.
struct Seed {
    name: &'static str,
    inner: Vec<u8>,
    wrap: fn(Vec<u8>) -> Vec<u8>,
}

fn picture() -> RgbaImage {
    let alpha = |x: u32| if x < 5 { (x * 50) as u8 } else { 255 };
    RgbaImage::from_fn(SIDE, SIDE, |x, y| Rgba([(x * 15) as u8, (y * 13) as u8, (x * y) as u8, alpha(x)]))
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("it is written");
    bytes.into_inner()
}

fn with_profile(mut encoder: impl ImageEncoder, image: &DynamicImage) {
    let mut icc = vec![0; 160];
    icc[16..20].copy_from_slice(b"RGB ");
    icc[36..40].copy_from_slice(b"acsp");
    encoder.set_icc_profile(icc).expect("a profile");
    let colour: ExtendedColorType = image.color().into();
    encoder.write_image(image.as_bytes(), SIDE, SIDE, colour).expect("it is written");
}

fn seeds() -> Vec<Seed> {
    let rgba = DynamicImage::ImageRgba8(picture());
    let rgb = DynamicImage::ImageRgb8(rgba.to_rgb8());
    let gray = DynamicImage::ImageLuma8(rgba.to_luma8());
    let deep = DynamicImage::ImageRgba16(rgba.to_rgba16());
    let as_it_is = |name, inner| Seed { name, inner, wrap: |bytes| bytes };
    let png = |inner| Seed { name: "PNG", inner, wrap: with_right_checksums };
    let mut seeds = Vec::new();
    for image in [&rgba, &rgb, &gray, &deep] {
        seeds.push(png(written(image, ImageFormat::Png)));
    }
    for image in [&rgba, &rgb, &gray] {
        seeds.push(as_it_is("BMP", written(image, ImageFormat::Bmp)));
        seeds.push(as_it_is("WebP", written(image, ImageFormat::WebP)));
    }
    for image in [&rgb, &gray] {
        seeds.push(as_it_is("JPEG", written(image, ImageFormat::Jpeg)));
    }
    let mut bytes = [Vec::new(), Vec::new(), Vec::new()];
    with_profile(PngEncoder::new(&mut bytes[0]), &rgba);
    with_profile(JpegEncoder::new(&mut bytes[1]), &rgb);
    with_profile(WebPEncoder::new_lossless(&mut bytes[2]), &rgba);
    let [with_icc, photograph, web] = bytes;
    seeds.extend([png(with_icc), as_it_is("JPEG", turned(&photograph)), as_it_is("WebP", web)]);
    let mut animation = Vec::new();
    let mut frames = GifEncoder::new(&mut animation);
    frames.encode_frames([Frame::new(picture()), Frame::new(picture())]).expect("it is written");
    drop(frames);
    seeds.push(as_it_is("GIF", animation));
    for bits in [1, 4] {
        seeds.push(png(interlaced_palette(bits)));
    }
    seeds.push(Seed { name: "PNG", inner: interlaced_rows(1), wrap: |rows| palette_png(1, &rows) });
    seeds
}

/// A JPEG with an orientation tag.
fn turned(jpeg: &[u8]) -> Vec<u8> {
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let len = (exif.len() as u16 + 2).to_be_bytes();
    [&[0xFF, 0xD8, 0xFF, 0xE1][..], &len, exif.as_slice(), &jpeg[2..]].concat()
}

fn chunk(out: &mut Vec<u8>, name: &[u8], data: &[u8]) {
    let mut sum = flate2::Crc::new();
    sum.update(name);
    sum.update(data);
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(name);
    out.extend(data);
    out.extend(sum.sum().to_be_bytes());
}

/// Rows of all seven passes of a picture of `bits` a pixel.
fn interlaced_rows(bits: u32) -> Vec<u8> {
    let passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let mut rows = Vec::new();
    for (left, top, across, down) in passes {
        let width = (SIDE - left).div_ceil(across);
        for y in 0..(SIDE - top).div_ceil(down) {
            rows.push((y % 5) as u8);
            rows.extend((0..(width * bits).div_ceil(8)).map(|x| (x * 37 + y) as u8));
        }
    }
    rows
}

fn interlaced_palette(bits: u8) -> Vec<u8> {
    palette_png(bits, &interlaced_rows(u32::from(bits)))
}

/// An interlaced PNG with a palette of 14 colours, five of them more or less transparent.
fn palette_png(bits: u8, rows: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(rows).expect("a vector");
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let [width, height] = [SIDE.to_be_bytes(); 2];
    chunk(&mut out, b"IHDR", &[&width[..], &height, &[bits, 3, 0, 0, 1]].concat());
    chunk(&mut out, b"PLTE", &(0..42).map(|i| i * 6).collect::<Vec<u8>>());
    chunk(&mut out, b"tRNS", &[0, 60, 120, 180, 240]);
    chunk(&mut out, b"IDAT", &packed.finish().expect("a vector"));
    chunk(&mut out, b"IEND", &[]);
    out
}

/// A PNG with the checksum of every chunk made right, as far as its lengths lead.
fn with_right_checksums(mut png: Vec<u8>) -> Vec<u8> {
    let mut at = 8;
    while let Some(len) = png.get(at..at + 4).and_then(|len| len.try_into().ok()).map(u32::from_be_bytes) {
        let end = at + 8 + len as usize;
        let Some(body) = png.get(at + 4..end) else { break };
        let mut sum = flate2::Crc::new();
        sum.update(body);
        let Some(place) = png.get_mut(end..end + 4) else { break };
        place.copy_from_slice(&sum.sum().to_be_bytes());
        at = end + 4;
    }
    png
}

/// For each format: files, and how many of them were still pictures.
type Seen = BTreeMap<&'static str, [u64; 2]>;

fn iterate(seeds: &[Seed], iteration: u64, seen: &mut Seen) {
    let mut dice = Dice::new(iteration);
    let (seed, other) = (dice.pick(seeds), dice.pick(seeds));
    let mut inner = seed.inner.clone();
    mutate(&mut inner, &other.inner, &mut dice);
    let bytes = (seed.wrap)(inner);
    let read = || {
        let photo = signet::data::decode_photo(Path::new("damaged"), &bytes)?;
        let size = photo.picture.dimensions();
        // The same file may be a mask.
        let mask = signet::edit::mask_of_picture(&photo.picture, photo.alpha);
        assert_eq!(mask.dimensions(), size);
        Ok::<_, signet::error::Error>(size.0 as usize * size.1 as usize)
    };
    let (result, peak) = catch_unwind(AssertUnwindSafe(|| peak_of(read)))
        .unwrap_or_else(|_| panic!("iteration {iteration}, {}, panicked", seed.name));
    let most = match &result {
        Ok(pixels) => allowed_memory(bytes.len(), *pixels),
        Err(error) => {
            assert!(!error.what.is_empty() && error.remedy.is_some(), "iteration {iteration}: {error}");
            REFUSED
        }
    };
    assert!(peak <= most, "iteration {iteration}, {}: {peak} bytes for a file of {}", seed.name, bytes.len());
    let [files, pictures] = seen.entry(seed.name).or_default();
    *files += 1;
    *pictures += u64::from(result.is_ok());
}

#[test]
fn fuzz_pictures() {
    let seeds = seeds();
    for seed in &seeds {
        let whole = (seed.wrap)(seed.inner.clone());
        signet::data::decode_photo(Path::new(seed.name), &whole).expect("it is sound");
    }
    let iterations = fuzz::iterations(ITERATIONS);
    let clock = std::time::Instant::now();
    let mut all = Seen::new();
    for seen in fuzz::on_all_threads(iterations, |i, seen: &mut Seen| iterate(&seeds, i, seen)) {
        for (name, [files, pictures]) in seen {
            let sums = all.entry(name).or_default();
            *sums = [sums[0] + files, sums[1] + pictures];
        }
    }
    println!("{iterations} files in {:.0} s: {all:?}", clock.elapsed().as_secs_f64());
    // Shallow damage would be no test, nor would damage that nothing survives.
    if iterations >= 1000 {
        assert_eq!(all.len(), 5, "{all:?}");
        for (name, [files, pictures]) in all {
            assert!(pictures > files / 100 && pictures < files, "{name}: {pictures} of {files}");
        }
    }
}
