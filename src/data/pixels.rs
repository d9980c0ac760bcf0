//! Pixels as bytes, as the network's numbers in [-1, 1], and as pictures to look at.

use std::borrow::Cow;
use std::sync::LazyLock;

use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer, Pixel, Rgb, RgbImage};

use super::Shape;

/// The filter that every resize uses, and its name for reports: what EDM's data set tool uses.
pub const FILTER: FilterType = FilterType::Lanczos3;
pub const FILTER_NAME: &str = "Lanczos3";

/// Colour between the pictures of a grid.
pub const GAP_COLOUR: Rgb<u8> = Rgb([24, 24, 28]);

/// Small pictures of a grid in a file are this much larger, nearest neighbour.
pub const GRID_SCALE: u32 = 4;
/// Pictures from this side on are large enough as they are.
pub const GRID_LARGE: u32 = 128;
/// Space between the pictures of a grid, pixels.
pub const GRID_GAP: u32 = 2;

/// A byte as the network sees it: 0 is -1, 255 is +1.
pub fn to_unit(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

/// The network's number as a byte: trunc(clip(127.5 x + 128, 0, 255)), the rule that published
/// metrics are computed with. NaN, which no picture should hold, is shown as mid gray.
pub fn from_unit(x: f32) -> u8 {
    if x.is_nan() {
        return 128;
    }
    (127.5 * x + 128.0).clamp(0.0, 255.0) as u8
}

/// For every byte above 0 the least number of which [`from_unit`] makes it: whoever compares with these finds
/// the same bytes, however his arithmetic rounds.
pub static BYTE_EDGES: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let (mut below, mut edge) = (-2.0f32, 2.0f32);
        loop {
            let middle = below.midpoint(edge);
            if middle <= below || middle >= edge {
                return edge;
            }
            if usize::from(from_unit(middle)) < byte { below = middle } else { edge = middle }
        }
    })
});

/// A picture of `channels`×`size`×`size` numbers in [-1, 1]; gray is repeated. Numbers that are
/// missing are black.
///
/// Two channels are the coordinates of a point, which is drawn as a dot.
pub fn picture_from_chw(chw: &[f32], channels: usize, size: usize) -> RgbImage {
    if let ([x, y], 2) = (chw, channels) {
        return dot(*x, *y);
    }
    picture_of_shape(chw, Shape::square(channels, size))
}

/// The same of any width and height, never a dot.
pub fn picture_of_shape(chw: &[f32], shape: Shape) -> RgbImage {
    picture(shape, |i| chw.get(i).map_or(0, |x| from_unit(*x)))
}

/// A square of the plane, 1.25 to each side of the origin, with a dot.
fn dot(x: f32, y: f32) -> RgbImage {
    const SIDE: u32 = 32;
    const RADIUS: f32 = 2.0;
    let at = |v: f32| (v / 2.5 + 0.5) * SIDE as f32;
    RgbImage::from_fn(SIDE, SIDE, |column, row| {
        let (dx, dy) = (column as f32 + 0.5 - at(x), row as f32 + 0.5 - at(-y));
        let inside = dx * dx + dy * dy < RADIUS * RADIUS;
        if inside { Rgb([255; 3]) } else { Rgb([32; 3]) }
    })
}

/// A picture of `channels`×`size`×`size` bytes; gray is repeated.
pub fn picture_from_bytes(chw: &[u8], channels: usize, size: usize) -> RgbImage {
    picture(Shape::square(channels, size), |i| chw.get(i).copied().unwrap_or(0))
}

fn picture(shape: Shape, value: impl Fn(usize) -> u8) -> RgbImage {
    let last = shape.channels.clamp(1, 3) - 1;
    RgbImage::from_fn(shape.width as u32, shape.height as u32, |x, y| {
        let at = y as usize * shape.width + x as usize;
        Rgb([0, 1, 2].map(|c: usize| value(c.min(last) * shape.pixels() + at)))
    })
}

/// The numbers of a picture of any size, fitted to `channels`×`size`×`size`.
pub fn chw_from_picture(picture: &RgbImage, channels: usize, size: usize) -> Vec<f32> {
    let bytes = if channels == 1 {
        planes(&*fit(&imageops::grayscale(picture), size))
    } else {
        planes(&*fit(picture, size))
    };
    bytes.into_iter().map(to_unit).collect()
}

/// The numbers of a picture as large as it is (C×H×W), in 1 or 3 channels.
pub fn chw_of_whole(picture: &RgbImage, channels: usize) -> Vec<f32> {
    let bytes = if channels == 1 { planes(&imageops::grayscale(picture)) } else { planes(picture) };
    bytes.into_iter().map(to_unit).collect()
}

/// The bytes of a picture plane by plane (C×H×W).
pub fn planes<P: Pixel<Subpixel = u8>>(picture: &ImageBuffer<P, Vec<u8>>) -> Vec<u8> {
    let channels = usize::from(P::CHANNEL_COUNT);
    let raw = picture.as_raw();
    (0..channels).flat_map(|c| raw.iter().skip(c).step_by(channels).copied()).collect()
}

/// The middle square of a picture, resized to `size`; a picture that is so already is borrowed.
pub fn fit<P>(picture: &ImageBuffer<P, Vec<u8>>, size: usize) -> Cow<'_, ImageBuffer<P, Vec<u8>>>
where
    P: Pixel<Subpixel = u8> + 'static,
{
    let (width, height) = picture.dimensions();
    let (side, target) = (width.min(height), size as u32);
    if (width, height) == (target, target) {
        return Cow::Borrowed(picture);
    }
    let square = imageops::crop_imm(picture, (width - side) / 2, (height - side) / 2, side, side);
    if side == target {
        return Cow::Owned(square.to_image());
    }
    Cow::Owned(imageops::resize(&*square, target, target, FILTER))
}

/// A gray picture as colour.
pub fn colour(gray: &GrayImage) -> RgbImage {
    RgbImage::from_fn(gray.width(), gray.height(), |x, y| {
        let value = gray.get_pixel(x, y).0[0];
        Rgb([value; 3])
    })
}

/// Pictures side by side, `columns` in a row, each pixel shown as `scale`×`scale`, `gap` pixels
/// apart. No pictures make an empty 1×1 picture.
pub fn grid(pictures: &[RgbImage], columns: usize, scale: u32, gap: u32) -> RgbImage {
    let scale = scale.max(1);
    let columns = columns.clamp(1, pictures.len().max(1));
    let rows = pictures.len().div_ceil(columns);
    let cell_width = pictures.iter().map(RgbImage::width).max().unwrap_or(0) * scale;
    let cell_height = pictures.iter().map(RgbImage::height).max().unwrap_or(0) * scale;
    let width = columns as u32 * (cell_width + gap);
    let height = rows as u32 * (cell_height + gap);
    let mut sheet =
        RgbImage::from_pixel(width.saturating_sub(gap).max(1), height.saturating_sub(gap).max(1), GAP_COLOUR);
    for (i, picture) in pictures.iter().enumerate() {
        let large =
            imageops::resize(picture, picture.width() * scale, picture.height() * scale, FilterType::Nearest);
        let x = (i % columns) as u32 * (cell_width + gap);
        let y = (i / columns) as u32 * (cell_height + gap);
        imageops::replace(&mut sheet, &large, i64::from(x), i64::from(y));
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_the_round_trip() {
        for byte in 0..=255u8 {
            assert_eq!(from_unit(to_unit(byte)), byte);
        }
        assert_eq!([from_unit(-1.5), from_unit(1.5), from_unit(0.0)], [0, 255, 128]);
        assert_eq!(from_unit(f32::NAN), 128);
        assert_eq!([from_unit(f32::NEG_INFINITY), from_unit(f32::INFINITY)], [0, 255]);
        assert_eq!([to_unit(0), to_unit(255)], [-1.0, 1.0]);
    }

    #[test]
    fn an_edge_is_where_the_next_byte_begins() {
        for (byte, edge) in BYTE_EDGES.into_iter().enumerate().skip(1) {
            assert_eq!(usize::from(from_unit(edge)), byte);
            assert_eq!(usize::from(from_unit(edge.next_down())), byte - 1);
        }
    }

    #[test]
    fn planes_and_pictures_are_inverse() {
        let bytes: Vec<u8> = (0..3 * 8 * 8).map(|i| (i * 7 % 256) as u8).collect();
        let picture = picture_from_bytes(&bytes, 3, 8);
        assert_eq!(planes(&picture), bytes);
        let units = chw_from_picture(&picture, 3, 8);
        assert_eq!(picture_from_chw(&units, 3, 8), picture);
        let wide = RgbImage::from_fn(5, 3, |x, y| Rgb([x as u8 * 9, y as u8 * 7, 200]));
        let shape = Shape { channels: 3, height: 3, width: 5 };
        assert_eq!(picture_of_shape(&chw_of_whole(&wide, 3), shape), wide);
        assert_eq!(chw_of_whole(&wide, 1).len(), 15);
        let gray = picture_from_bytes(&bytes[..64], 1, 8);
        assert!(gray.pixels().zip(&bytes).all(|(p, b)| p.0 == [*b; 3]));
        assert_eq!(chw_from_picture(&gray, 1, 8).len(), 64);
    }

    #[test]
    fn fitting_keeps_the_middle_square() {
        // Red at both ends, blue in the middle square.
        let wide = RgbImage::from_fn(64, 32, |x, _| {
            if (16..48).contains(&x) { Rgb([0, 0, 255]) } else { Rgb([255, 0, 0]) }
        });
        for size in [16, 32, 64] {
            let square = fit(&wide, size);
            assert_eq!(square.dimensions(), (size as u32, size as u32));
            assert!(square.pixels().all(|p| p.0 == [0, 0, 255]));
        }
    }

    #[test]
    fn a_grid_places_pictures_row_by_row() {
        let one = |v| RgbImage::from_pixel(2, 2, Rgb([v; 3]));
        let sheet = grid(&[one(100), one(150), one(200)], 2, 3, 1);
        assert_eq!(sheet.dimensions(), (13, 13));
        assert_eq!(sheet.get_pixel(5, 5).0, [100; 3]);
        assert_eq!(*sheet.get_pixel(6, 0), GAP_COLOUR);
        assert_eq!(sheet.get_pixel(7, 0).0, [150; 3]);
        assert_eq!(sheet.get_pixel(0, 7).0, [200; 3]);
        assert_eq!(grid(&[], 4, 2, 1).dimensions(), (1, 1));
    }
}
