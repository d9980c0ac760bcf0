use super::*;
use image::codecs::png::PngEncoder;
use image::{ImageEncoder, ImageFormat, Rgb};

fn encode(picture: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn ramp() -> RgbImage {
    RgbImage::from_fn(8, 8, |x, y| Rgb([(x * 30) as u8, (y * 30) as u8, 90]))
}

#[test]
fn lossless_formats_give_back_their_pixels() {
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP] {
        let bytes = encode(DynamicImage::ImageRgb8(ramp()), format);
        assert_eq!(decode(&bytes).unwrap(), Picture::Colour(ramp()), "{format:?}");
    }
}

#[test]
fn sixteen_bits_become_eight() {
    let deep = DynamicImage::ImageRgb8(ramp()).into_rgb16();
    let bytes = encode(DynamicImage::ImageRgb16(deep), ImageFormat::Png);
    assert_eq!(decode(&bytes).unwrap(), Picture::Colour(ramp()));
}

#[test]
fn gray_stays_gray() {
    let gray = GrayImage::from_fn(8, 8, |x, y| image::Luma([(x * 8 + y) as u8]));
    let bytes = encode(DynamicImage::ImageLuma8(gray.clone()), ImageFormat::Png);
    assert_eq!(decode(&bytes).unwrap(), Picture::Gray(gray));
}

#[test]
fn transparency_is_laid_on_white() {
    let clear = image::RgbaImage::from_fn(8, 8, |x, _| image::Rgba([200, 0, 0, (x * 36) as u8]));
    let bytes = encode(DynamicImage::ImageRgba8(clear), ImageFormat::Png);
    let Picture::Colour(flat) = decode(&bytes).unwrap() else { panic!("colour expected") };
    assert_eq!(flat.get_pixel(0, 0).0, [255, 255, 255]);
    let want = [200, 0, 0].map(|v: u8| flat::on_white(v, 252));
    assert_eq!(flat.get_pixel(7, 3).0, want);
    let gray = image::GrayAlphaImage::from_pixel(8, 8, image::LumaA([0, 0]));
    let bytes = encode(DynamicImage::ImageLumaA8(gray), ImageFormat::Png);
    assert_eq!(decode(&bytes).unwrap(), Picture::Gray(GrayImage::from_pixel(8, 8, image::Luma([255]))));
}

#[test]
fn a_palette_gives_its_colours() {
    // GIF is all palette.
    let flat = RgbImage::from_pixel(8, 8, Rgb([10, 200, 30]));
    let bytes = encode(DynamicImage::ImageRgb8(flat.clone()), ImageFormat::Gif);
    assert_eq!(decode(&bytes).unwrap(), Picture::Colour(flat.clone()));
    let bytes = palette_png([10, 200, 30]);
    assert_eq!(decode(&bytes).unwrap(), Picture::Colour(flat));
}

/// An 8×8 PNG with a one-colour palette, written chunk by chunk.
fn palette_png(colour: [u8; 3]) -> Vec<u8> {
    fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        out.extend((data.len() as u32).to_be_bytes());
        out.extend(kind);
        out.extend(data);
        out.extend(crc.sum().to_be_bytes());
    }
    let mut header = Vec::new();
    header.extend(8u32.to_be_bytes());
    header.extend(8u32.to_be_bytes());
    header.extend([8, 3, 0, 0, 0]);
    let mut rows = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut rows, &[0; 8 * 9]).unwrap();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, b"IHDR", &header);
    chunk(&mut out, b"PLTE", &colour);
    chunk(&mut out, b"IDAT", &rows.finish().unwrap());
    chunk(&mut out, b"IEND", &[]);
    out
}

/// An 8×8 JPEG, left half white, with an orientation tag that turns it.
fn jpeg(orientation: u8) -> Vec<u8> {
    let half = RgbImage::from_fn(8, 8, |x, _| if x < 4 { Rgb([255; 3]) } else { Rgb([0; 3]) });
    let plain = encode(DynamicImage::ImageRgb8(half), ImageFormat::Jpeg);
    // Big-endian TIFF with one entry: tag 0x0112, one SHORT.
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut out = vec![0xFF, 0xD8, 0xFF, 0xE1];
    out.extend((exif.len() as u16 + 2).to_be_bytes());
    out.extend(exif);
    out.extend(&plain[2..]);
    out
}

#[test]
fn a_photograph_is_turned_upright() {
    let brightness = |bytes: &[u8], x, y| {
        let Picture::Colour(p) = decode(bytes).unwrap() else { panic!("colour expected") };
        p.get_pixel(x, y).0[0]
    };
    let straight = jpeg(1);
    assert!(brightness(&straight, 0, 7) > 200 && brightness(&straight, 7, 7) < 55);
    // Orientation 6 is a quarter turn clockwise: left becomes top.
    let turned = jpeg(6);
    assert!(brightness(&turned, 7, 0) > 200 && brightness(&turned, 0, 7) < 55);
}

#[test]
fn damaged_files_give_a_reason() {
    let png = encode(DynamicImage::ImageRgb8(ramp()), ImageFormat::Png);
    let photograph = jpeg(1);
    let cases: [&[u8]; 6] = [
        b"",
        b"hello, I am no picture",
        &png[..20],
        &png[..png.len() / 2],
        &photograph[..photograph.len() - 2],
        &[0xFF, 0xD8, 0xFF],
    ];
    for bytes in cases {
        assert!(!decode(bytes).unwrap_err().is_empty());
    }
    let mut flipped = png.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    assert!(decode(&flipped).is_err());
}

#[test]
fn a_small_file_cannot_claim_a_huge_picture() {
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(&[0; 12], 2, 2, image::ExtendedColorType::Rgb8).unwrap();
    png[16..20].copy_from_slice(&100_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&100_000u32.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    assert!(decode(&png).is_err());
}

#[test]
fn specks_are_not_pictures() {
    let speck = encode(DynamicImage::ImageRgb8(RgbImage::new(40, 1)), ImageFormat::Png);
    assert!(decode(&speck).unwrap_err().contains("too small"));
}

#[test]
fn opacity_is_told_where_there_is_any() {
    let opacity = |alpha: &dyn Fn(u32) -> u8| {
        let picture = image::RgbaImage::from_fn(8, 8, |x, _| image::Rgba([9, 9, 9, alpha(x)]));
        let bytes = encode(DynamicImage::ImageRgba8(picture), ImageFormat::Png);
        with(&bytes, |decoded| decoded.alpha).unwrap()
    };
    let alpha = opacity(&|x| if x < 3 { 0 } else { 255 }).expect("some is transparent");
    assert_eq!((alpha.get_pixel(2, 5).0, alpha.get_pixel(3, 5).0), ([0], [255]));
    assert_eq!(opacity(&|_| 255), None);
    let opaque = encode(DynamicImage::ImageRgb8(ramp()), ImageFormat::Png);
    let want = Decoded { picture: Picture::Colour(ramp()), alpha: None, profile: None };
    assert_eq!(with(&opaque, |decoded| decoded).unwrap(), want);
}

/// An 8×8 BMP of 32 bits: `header_len` bytes of header (40: no masks; 124: masks for all four) and pixels that
/// `alpha` gives their fourth byte.
fn bmp(header_len: u32, alpha: impl Fn(usize) -> u8) -> Vec<u8> {
    let pixels = (0..64).flat_map(|i| [10, 200, (i * 3) as u8, alpha(i)]);
    let mut header = Vec::new();
    header.extend(header_len.to_le_bytes());
    header.extend(8i32.to_le_bytes());
    header.extend(8i32.to_le_bytes());
    header.extend(1u16.to_le_bytes());
    header.extend(32u16.to_le_bytes());
    let compression = if header_len == 40 { 0u32 } else { 3 };
    header.extend(compression.to_le_bytes());
    header.resize(40, 0);
    if header_len > 40 {
        for mask in [0x00FF_0000u32, 0xFF00, 0xFF, 0xFF00_0000] {
            header.extend(mask.to_le_bytes());
        }
        header.extend(b"BGRs");
        header.resize(header_len as usize, 0);
    }
    let mut out = b"BM".to_vec();
    out.extend((14 + header_len + 256).to_le_bytes());
    out.extend([0; 4]);
    out.extend((14 + header_len).to_le_bytes());
    out.extend(header);
    out.extend(pixels);
    out
}

#[test]
fn a_bmp_whose_alpha_is_empty_is_opaque() {
    for header_len in [40, 108, 124] {
        let decoded = with(&bmp(header_len, |_| 0), |decoded| decoded).unwrap();
        assert_eq!(decoded.alpha, None, "{header_len}");
        let Picture::Colour(colour) = decoded.picture else { panic!("colour expected") };
        assert_eq!(colour.get_pixel(0, 7).0, [0, 200, 10], "{header_len}");
    }
    // One that is not empty counts.
    let some = with(&bmp(124, |i| if i < 8 { 255 } else { 0 }), |decoded| decoded).unwrap();
    let alpha = some.alpha.expect("some is transparent");
    assert_eq!((alpha.get_pixel(0, 7).0, alpha.get_pixel(0, 0).0), ([255], [0]));
}

#[test]
fn long_sides_are_no_reason_to_refuse_a_picture() {
    let wide = RgbImage::from_fn(40_000, 6, |x, _| Rgb([(x / 200) as u8, 7, 9]));
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Bmp] {
        let Picture::Colour(read) = decode(&encode(DynamicImage::ImageRgb8(wide.clone()), format)).unwrap()
        else {
            panic!("colour expected")
        };
        assert_eq!(read.dimensions(), (40_000, 6), "{format:?}");
    }
}
