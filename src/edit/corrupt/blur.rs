//! Gaussian blur.

use crate::data::Shape;

/// Taps reach so many standard deviations to each side: beyond is less than a byte's step.
const REACH: f32 = 3.0;

/// Standard deviation that goes with a kernel of `width` pixels, by OpenCV's rule of thumb.
pub fn std_of_width(width: f32) -> f32 {
    (0.3 * ((width - 1.0) * 0.5 - 1.0) + 0.8).max(0.3)
}

/// Blurs every channel with a Gaussian of standard deviation `std`, pixels; beyond its edges the picture
/// goes on as its mirror image.
pub fn gaussian(image: &[f32], shape: Shape, std: f32) -> Vec<f32> {
    let taps = taps(std);
    let Shape { height, width, .. } = shape;
    let mut out = Vec::with_capacity(image.len());
    for plane in image.chunks_exact(shape.pixels().max(1)) {
        let across = filtered(plane, width, height, [1, width], &taps);
        let down = filtered(&across, height, width, [width, 1], &taps);
        out.extend(down);
    }
    out
}

/// Filters each of `lines` lines of `len` numbers; `strides` are the distances in memory between two
/// numbers of a line and between two lines.
fn filtered(plane: &[f32], len: usize, lines: usize, strides: [usize; 2], taps: &[f32]) -> Vec<f32> {
    let [along, beside] = strides;
    let reach = taps.len() / 2;
    let mut out = vec![0.0; plane.len()];
    for line in 0..lines {
        for at in 0..len {
            let reached = taps.iter().enumerate().map(|(k, tap)| {
                let from = mirrored(at as isize + k as isize - reach as isize, len);
                tap * plane[line * beside + from * along]
            });
            out[line * beside + at * along] = reached.sum();
        }
    }
    out
}

/// The place within `0..len` that a place beyond its ends mirrors, the edge itself included.
fn mirrored(at: isize, len: usize) -> usize {
    let folded = at.rem_euclid(2 * len as isize) as usize;
    if folded < len { folded } else { 2 * len - 1 - folded }
}

/// A Gaussian's values, their sum 1.
fn taps(std: f32) -> Vec<f32> {
    let reach = (REACH * std).ceil() as i32;
    let values: Vec<f32> = (-reach..=reach).map(|x| (-0.5 * (x as f32 / std).powi(2)).exp()).collect();
    let total: f32 = values.iter().sum();
    values.into_iter().map(|v| v / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_spreads_to_a_gaussian_and_nothing_is_lost() {
        let shape = Shape { channels: 1, height: 17, width: 25 };
        let mut image = vec![0.0; shape.numbers()];
        image[8 * 25 + 12] = 1.0;
        let spread = gaussian(&image, shape, 1.5);
        let total: f32 = spread.iter().sum();
        assert!((total - 1.0).abs() < 1e-5, "{total}");
        let variance: f32 =
            spread.iter().enumerate().map(|(i, v)| v * ((i % 25) as f32 - 12.0).powi(2)).sum();
        assert!((variance - 2.25).abs() < 0.1, "{variance}");
        // As far down as across, and the same on both sides.
        assert!((spread[8 * 25 + 14] - spread[10 * 25 + 12]).abs() < 1e-7);
        assert!((spread[8 * 25 + 14] - spread[8 * 25 + 10]).abs() < 1e-7);
    }

    #[test]
    fn mirrors_repeat_and_constants_stay() {
        let places: Vec<usize> = (-4..7).map(|at| mirrored(at, 3)).collect();
        assert_eq!(places, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        let shape = Shape { channels: 2, height: 2, width: 3 };
        let flat = gaussian(&[0.3; 12], shape, 4.0);
        assert!(flat.iter().all(|v| (v - 0.3).abs() < 1e-5), "{flat:?}");
    }
}
