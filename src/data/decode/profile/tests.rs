use super::icc::is_srgb;
use super::*;
use crate::data::decode::{Decoded, with};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// sRGB's primaries, and Display P3's.
const SRGB: [[f64; 3]; 3] = [[0.4361, 0.2225, 0.0139], [0.3851, 0.7169, 0.0971], [0.1431, 0.0606, 0.7141]];
const P3: [[f64; 3]; 3] = [[0.5151, 0.2412, -0.0011], [0.2920, 0.6922, 0.0419], [0.1571, 0.0666, 0.7841]];

fn fixed(value: f64) -> [u8; 4] {
    ((value * 65_536.0).round() as i32).to_be_bytes()
}

fn xyz(values: [f64; 3]) -> Vec<u8> {
    [b"XYZ \0\0\0\0".to_vec(), values.map(fixed).concat()].concat()
}

fn exponent(value: f64) -> Vec<u8> {
    let units = ((value * 256.0).round() as u16).to_be_bytes();
    [b"curv\0\0\0\0\0\0\0\x01".as_slice(), &units].concat()
}

/// sRGB's own curve in numbers.
fn parameters() -> Vec<u8> {
    let numbers = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045].map(fixed).concat();
    [b"para\0\0\0\0\0\x03\0\0".to_vec(), numbers].concat()
}

fn table(of: impl Fn(f64) -> f64) -> Vec<u8> {
    let values =
        (0..1024).flat_map(|i| ((of(f64::from(i) / 1023.0) * 65_535.0).round() as u16).to_be_bytes());
    [b"curv\0\0\0\0\0\0\x04\0".to_vec(), values.collect()].concat()
}

fn icc(space: &[u8; 4], tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![0; 128];
    out[16..20].copy_from_slice(space);
    out[36..40].copy_from_slice(b"acsp");
    out.extend((tags.len() as u32).to_be_bytes());
    let mut at = out.len() + 12 * tags.len();
    for (name, data) in tags {
        out.extend(*name);
        out.extend((at as u32).to_be_bytes());
        out.extend((data.len() as u32).to_be_bytes());
        at += data.len();
    }
    tags.iter().for_each(|(_, data)| out.extend(data));
    out
}

fn rgb(primaries: [[f64; 3]; 3], curve: &[u8]) -> Vec<u8> {
    let named = [b"rXYZ", b"gXYZ", b"bXYZ"].into_iter().zip(primaries.map(xyz));
    let curves = [b"rTRC", b"gTRC", b"bTRC"].map(|name| (name, curve.to_vec()));
    icc(b"RGB ", &named.chain(curves).collect::<Vec<_>>())
}

fn gray(curve: Vec<u8>) -> Vec<u8> {
    icc(b"GRAY", &[(b"kTRC", curve)])
}

#[test]
fn srgb_is_known_under_every_name() {
    let of_srgb = |x: f64| if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) };
    for curve in [parameters(), exponent(2.2), table(of_srgb)] {
        assert!(is_srgb(&rgb(SRGB, &curve)));
        assert!(is_srgb(&gray(curve.clone())));
        assert!(!is_srgb(&rgb(P3, &curve)), "Display P3");
    }
    for curve in [exponent(1.0), exponent(1.8), table(|x| x), b"curv\0\0\0\0\0\0\0\0".to_vec()] {
        assert!(!is_srgb(&rgb(SRGB, &curve)));
        assert!(!is_srgb(&gray(curve)));
    }
    assert!(!is_srgb(&icc(b"CMYK", &[])) && !is_srgb(&icc(b"RGB ", &[])));
}

/// Wherever a profile is cut or changed, it is one or none.
#[test]
fn damaged_profiles_are_no_trouble() {
    let whole = rgb(SRGB, &parameters());
    for end in 0..whole.len() {
        is_srgb(&whole[..end]);
    }
    for at in 0..whole.len() {
        for value in [0, 0x7F, 0xFF] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            is_srgb(&damaged);
        }
    }
}

type Encode = fn(&[u8], &mut Vec<u8>, Vec<u8>, ExtendedColorType);

fn jpeg(pixels: &[u8], out: &mut Vec<u8>, icc: Vec<u8>, colour: ExtendedColorType) {
    let mut encoder = JpegEncoder::new(out);
    encoder.set_icc_profile(icc).expect("a profile");
    encoder.write_image(pixels, 8, 8, colour).expect("a JPEG");
}

fn png(pixels: &[u8], out: &mut Vec<u8>, icc: Vec<u8>, colour: ExtendedColorType) {
    let mut encoder = PngEncoder::new(out);
    encoder.set_icc_profile(icc).expect("a profile");
    encoder.write_image(pixels, 8, 8, colour).expect("a PNG");
}

fn webp(pixels: &[u8], out: &mut Vec<u8>, icc: Vec<u8>, colour: ExtendedColorType) {
    let mut encoder = WebPEncoder::new_lossless(out);
    encoder.set_icc_profile(icc).expect("a profile");
    encoder.write_image(pixels, 8, 8, colour).expect("a WebP");
}

fn read(bytes: &[u8]) -> Decoded {
    with(bytes, |decoded| decoded).expect("a picture")
}

#[test]
fn every_format_gives_its_profile() {
    // Larger than one segment of a JPEG.
    let mut large = rgb(P3, &parameters());
    large.extend((0..150_000u32).map(|i| (i % 251) as u8));
    for profile in [rgb(P3, &parameters()), large] {
        for (encode, colour) in [
            (jpeg as Encode, ExtendedColorType::Rgb8),
            (png, ExtendedColorType::Rgb8),
            (png, ExtendedColorType::Rgba8),
            (webp, ExtendedColorType::Rgb8),
            (webp, ExtendedColorType::Rgba8),
        ] {
            let pixels = vec![90; 8 * 8 * usize::from(colour.channel_count())];
            let mut bytes = Vec::new();
            encode(&pixels, &mut bytes, profile.clone(), colour);
            let found = read(&bytes).profile.expect("a profile");
            assert_eq!(found, Profile(Kind::Icc(profile.clone())), "{colour:?}");
            assert!(!found.is_srgb() && found.for_rgb().is_ok());
        }
    }
}

#[test]
fn profiles_of_other_numbers_are_not_for_colours() {
    let mut bytes = Vec::new();
    png(&[90; 64], &mut bytes, gray(exponent(1.8)), ExtendedColorType::L8);
    let found = read(&bytes).profile.expect("a profile");
    assert!(!found.is_srgb());
    assert!(found.for_rgb().is_err_and(|words| words.contains("gray")));
    let inks = Profile(Kind::Icc(icc(b"CMYK", &[])));
    assert!(inks.for_rgb().is_err_and(|words| words.contains("CMYK")));
    // What is no profile is none.
    let mut bytes = Vec::new();
    png(&[90; 192], &mut bytes, b"no profile".to_vec(), ExtendedColorType::Rgb8);
    assert_eq!(read(&bytes).profile, None);
}

#[test]
fn a_png_may_say_it_in_its_own_words() {
    let chunks = |chunks: &[(&[u8; 4], &[u8])]| {
        let mut bytes = Vec::new();
        png_plain(&mut bytes, chunks);
        read(&bytes).profile
    };
    let gamma = |value: u32| value.to_be_bytes();
    assert_eq!(chunks(&[]), None);
    for (said, is_srgb) in [
        (&[(b"gAMA", gamma(45_455).as_slice())][..], true),
        (&[(b"gAMA", &gamma(100_000))], false),
        (&[(b"sRGB", &[0]), (b"gAMA", &gamma(45_455))], true),
        (&[(b"cICP", &[1, 13, 0, 1])], true),
        (&[(b"cICP", &[12, 13, 0, 1])], false),
        (&[(b"cHRM", &[0; 32])], false),
    ] {
        let profile = chunks(said).expect("a profile");
        assert_eq!(profile.is_srgb(), is_srgb, "{said:?}");
        let kept: Vec<_> = said.iter().map(|(name, data)| (**name, data.to_vec())).collect();
        assert_eq!(profile, Profile(Kind::Chunks(kept)));
    }
}

fn png_plain(out: &mut Vec<u8>, chunks: &[(&[u8; 4], &[u8])]) {
    let mut encoder = ::png::Encoder::new(out, 8, 8);
    encoder.set_color(::png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a header");
    for (name, data) in chunks {
        writer.write_chunk(::png::chunk::ChunkType(**name), data).expect("a chunk");
    }
    writer.write_image_data(&[90; 192]).expect("pixels");
    writer.finish().expect("an end");
}
