//! Holes in a picture that is resized: which of its pixels stay known, and their values without what the
//! holes show.

use image::imageops::crop_imm;
use image::{GenericImageView, GrayImage, Luma, Rgb, RgbImage};

use crate::data::pixels;

/// A mask's values from here up are to be filled in.
const WHITE: u8 = 128;
/// Stands for what a hole shows: 0 in [-1, 1] units, but for half a byte.
const MID_GRAY: Rgb<u8> = Rgb([128; 3]);
/// What is known and what is not, as bytes that leave room for the overshoot of the resizing filter.
const SEEN: u8 = 192;
const UNSEEN: u8 = 64;
/// Least share of a pixel's filter that must be on known pixels: less would multiply what is left, and
/// its rounding, too much. It takes a pattern of single pixels to come below.
const LEAST_WEIGHT: f32 = 0.25;

/// Which pixels (H×W) a mask leaves.
pub fn known(holes: &GrayImage) -> Vec<bool> {
    holes.pixels().map(|value| !is_hole(*value)).collect()
}

/// `picture` fitted to `channels`×`size`×`size` numbers, as pictures without holes are, and which of its
/// pixels (H×W) are known: those that have no hole anywhere under them.
///
/// The filter reaches three pixels far, so that a hole would show in its neighbours, which an edit keeps
/// as the truth. So known pixels are weighted means of known pixels alone.
pub fn fitted(picture: &RgbImage, holes: &GrayImage, channels: usize, size: usize) -> (Vec<f32>, Vec<bool>) {
    let (mut emptied, mut seen) = (picture.clone(), holes.clone());
    for (pixel, seen) in emptied.pixels_mut().zip(seen.pixels_mut()) {
        if is_hole(*seen) {
            *pixel = MID_GRAY;
            *seen = Luma([UNSEEN]);
        } else {
            *seen = Luma([SEEN]);
        }
    }
    let weight = |byte: &u8| (f32::from(*byte) - f32::from(UNSEEN)) / f32::from(SEEN - UNSEEN);
    let weights: Vec<f32> = pixels::fit(&seen, size).as_raw().iter().map(weight).collect();
    let nothing_under = all_under(holes, size, |value| !is_hole(value));
    let known: Vec<bool> =
        nothing_under.into_iter().zip(&weights).map(|(k, w)| k && *w >= LEAST_WEIGHT).collect();

    let mut numbers = pixels::chw_from_picture(picture, channels, size);
    // Gray weighs nothing in the sum: what is left of the filter is brought back to a weight of 1.
    let sums = pixels::chw_from_picture(&emptied, channels, size);
    for ((number, sum), (known, weight)) in
        numbers.iter_mut().zip(sums).zip(known.iter().zip(&weights).cycle())
    {
        if *known {
            *number = (sum / weight).clamp(-1.0, 1.0);
        }
    }
    (numbers, known)
}

/// For each of `size`×`size` pixels of the middle square: whether all source pixels that it covers, if
/// only in part, are `good`.
fn all_under(mask: &GrayImage, size: usize, good: impl Fn(Luma<u8>) -> bool) -> Vec<bool> {
    let (width, height) = mask.dimensions();
    let side = width.min(height);
    let square = crop_imm(mask, (width - side) / 2, (height - side) / 2, side, side);
    let (side, size) = (u64::from(side), size as u64);
    let under = |at: u64| (at * side / size) as u32..((at + 1) * side).div_ceil(size) as u32;
    let whole = |i: u64| under(i / size).all(|y| under(i % size).all(|x| good(square.get_pixel(x, y))));
    (0..size * size).map(whole).collect()
}

fn is_hole(Luma([value]): Luma<u8>) -> bool {
    value >= WHITE
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 16;

    /// A picture of slopes with a scratch of three pixels from x = `left` on, which shows `content`.
    fn scratched(left: u32, content: u8) -> (RgbImage, GrayImage) {
        let inside = |x: u32| (left..left + 3).contains(&x);
        let slopes = |x: u32, y: u32| Rgb([(x / 2) as u8, (y / 2) as u8, 200]);
        (
            RgbImage::from_fn(256, 256, |x, y| if inside(x) { Rgb([content; 3]) } else { slopes(x, y) }),
            GrayImage::from_fn(256, 256, |x, _| Luma([if inside(x) { 255 } else { 0 }])),
        )
    }

    #[test]
    fn a_thin_scratch_hides_all_that_it_touches_and_colours_nothing_else() {
        // Pixels of the small picture are 16 wide: the second scratch lies across two.
        for (left, hidden) in [(100, 6..7), (110, 6..8)] {
            let (white, holes) = scratched(left, 255);
            let (numbers, known) = fitted(&white, &holes, 3, SIZE);
            let want: Vec<bool> = (0..SIZE * SIZE).map(|i| !hidden.contains(&(i % SIZE))).collect();
            assert_eq!(known, want);
            let (black, _) = scratched(left, 0);
            let (of_black, _) = fitted(&black, &holes, 3, SIZE);
            let (whole, _) = scratched(1000, 0);
            let clean = pixels::chw_from_picture(&whole, 3, SIZE);
            for (i, (number, clean)) in numbers.iter().zip(&clean).enumerate() {
                if known[i % (SIZE * SIZE)] {
                    assert_eq!(*number, of_black[i], "{i}: a known pixel shows the scratch");
                    assert!((number - clean).abs() < 0.02, "{i}: {number}, without a scratch {clean}");
                }
            }
        }
    }

    #[test]
    fn a_picture_of_the_right_size_is_taken_as_it_is() {
        let picture = RgbImage::from_fn(8, 8, |x, y| Rgb([x as u8 * 36, y as u8 * 36, 77]));
        let holes = GrayImage::from_fn(8, 8, |x, y| Luma([if (x + y) % 2 == 0 { 128 } else { 127 }]));
        let (numbers, kept) = fitted(&picture, &holes, 3, 8);
        assert_eq!(numbers, pixels::chw_of_whole(&picture, 3));
        assert_eq!(kept, known(&holes));
    }

    /// Enlarged, a pixel that only touches a hole is not known.
    #[test]
    fn small_pictures_grow_with_their_holes() {
        let picture = RgbImage::from_pixel(5, 5, Rgb([51; 3]));
        let holes = GrayImage::from_fn(5, 5, |x, _| Luma([if x == 2 { 255 } else { 0 }]));
        let (numbers, known) = fitted(&picture, &holes, 1, 8);
        let row = [true, true, true, false, false, true, true, true];
        assert!(known.chunks(8).all(|r| r == row), "{known:?}");
        for (number, _) in numbers.iter().zip(&known).filter(|(_, known)| **known) {
            assert!((number - pixels::to_unit(51)).abs() < 0.02, "{number}");
        }
    }
}
