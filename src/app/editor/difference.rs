//! What an edit changed, magnified until it can be seen.

use image::RgbImage;

/// Largest magnification: beyond it steps of a single byte would look like edits.
const MOST: u32 = 64;

/// |after - before| of two pictures of one size, times the returned power of 2: the largest with which
/// nothing is cut off. None where they do not differ.
pub fn magnified(before: &RgbImage, after: &RgbImage) -> (Option<u32>, RgbImage) {
    let change = |(a, b): (&u8, &u8)| a.abs_diff(*b);
    let largest = before.iter().zip(after.iter()).map(change).max().unwrap_or(0);
    let mut factor = 1;
    while factor < MOST && u32::from(largest) * factor * 2 <= u32::from(u8::MAX) {
        factor *= 2;
    }
    let mut picture = after.clone();
    for (value, before) in picture.iter_mut().zip(before.iter()) {
        *value = (u32::from(value.abs_diff(*before)) * factor) as u8;
    }
    ((largest > 0).then_some(factor), picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_changes_are_magnified_and_large_ones_are_not_cut() {
        let before = RgbImage::from_pixel(2, 1, image::Rgb([100, 100, 100]));
        let mut after = before.clone();
        after.put_pixel(1, 0, image::Rgb([97, 100, 110]));
        let (factor, picture) = magnified(&before, &after);
        assert_eq!((factor, picture.get_pixel(1, 0).0), (Some(16), [48, 0, 160]));
        after.put_pixel(0, 0, image::Rgb([0, 255, 0]));
        assert_eq!(magnified(&before, &after).0, Some(1));
        let (factor, picture) = magnified(&before, &before);
        assert_eq!(factor, None);
        assert!(picture.iter().all(|value| *value == 0));
    }
}
