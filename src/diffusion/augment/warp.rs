//! Warps images without aliasing, as Karras et al. (2020, appendix B) do: the image is reflected beyond
//! its borders, brought to twice its resolution by an orthogonal wavelet's low-pass, sampled bilinearly
//! there, and brought back by the same filter. Where nothing is warped the two filters cancel.

use super::affine::Affine;

/// The low-pass of Daubechies' sym6 wavelet; its squares sum to 1.
const LOW_PASS: [f64; 12] = [
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
];
/// The filter's tap that meets a pixel's own place, when the resolution doubles.
const CENTRE: usize = LOW_PASS.len() / 2 - 1;
/// Pixels around the transformed image that the filter looks at on its way back.
const RIM: usize = LOW_PASS.len() / 4;

/// Pixels added on each side before a warp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

/// The margins that `maps` of `size`×`size` images need, all together: those of Karras et al.'s whole
/// batches, so that an image comes out as theirs does. Beyond its reflection an image is 0.
pub fn margins(maps: &[Affine], size: usize) -> Margins {
    let half = (size as f64 - 1.0) / 2.0;
    let corners = [[-half, -half], [half, -half], [half, half], [-half, half]];
    let reached: Vec<[f64; 2]> = maps.iter().flat_map(|map| corners.map(|c| map.at(c))).collect();
    let side = |far: fn(&[f64; 2]) -> f64| {
        let furthest = reached.iter().map(far).fold(f64::NEG_INFINITY, f64::max);
        (furthest + 2.0 * RIM as f64 - half).clamp(0.0, size as f64 - 1.0).ceil() as usize
    };
    Margins { left: side(|p| -p[0]), top: side(|p| -p[1]), right: side(|p| p[0]), bottom: side(|p| p[1]) }
}

/// A plane of numbers, row after row.
struct Plane {
    width: usize,
    height: usize,
    pixels: Vec<f32>,
}

/// Transforms one channel of `size`×`size` pixels: what is seen at a point lies at `map` of it.
pub fn warp(pixels: &[f32], size: usize, map: &Affine, margins: Margins) -> Vec<f32> {
    let both_ways =
        |plane: &Plane, filter: fn(&Plane) -> Plane| transposed(&filter(&transposed(&filter(plane))));
    let fine = both_ways(&reflected(pixels, size, margins), doubled);
    both_ways(&sampled(&fine, size, map, margins), halved).pixels
}

impl Plane {
    /// The pixel, 0 beyond the borders.
    fn at(&self, x: i64, y: i64) -> f32 {
        let inside = |v: i64, len: usize| usize::try_from(v).ok().filter(|v| *v < len);
        match (inside(x, self.width), inside(y, self.height)) {
            (Some(x), Some(y)) => self.pixels[y * self.width + x],
            _ => 0.0,
        }
    }

    /// Bilinear interpolation between pixels.
    fn between(&self, [x, y]: [f64; 2]) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (right, down) = ((x - left) as f32, (y - top) as f32);
        let (left, top) = (left as i64, top as i64);
        let row = |y: i64| self.at(left, y) * (1.0 - right) + self.at(left + 1, y) * right;
        row(top) * (1.0 - down) + row(top + 1) * down
    }
}

/// The image with its reflection around it; the border pixels themselves are not repeated.
fn reflected(pixels: &[f32], size: usize, margins: Margins) -> Plane {
    let places = |before: usize, after: usize| {
        let beyond = (0..after).map(move |i| size - 2 - i);
        (1..=before).rev().chain(0..size).chain(beyond).collect::<Vec<usize>>()
    };
    let columns = places(margins.left, margins.right);
    let rows = places(margins.top, margins.bottom);
    let pixels = rows.iter().flat_map(|y| columns.iter().map(move |x| pixels[y * size + x])).collect();
    Plane { width: columns.len(), height: rows.len(), pixels }
}

fn transposed(plane: &Plane) -> Plane {
    let (width, height) = (plane.height, plane.width);
    let at = |i: usize| plane.pixels[(i % width) * plane.width + i / width];
    Plane { width, height, pixels: (0..width * height).map(at).collect() }
}

/// Twice as wide: zeros between the pixels, then the filter.
fn doubled(plane: &Plane) -> Plane {
    let mut pixels = Vec::with_capacity(plane.pixels.len() * 2);
    for row in plane.pixels.chunks_exact(plane.width) {
        for place in 0..2 * plane.width {
            // Pixel i lies at place 2 i and meets tap `place + CENTRE - 2 i`.
            let last = (place + CENTRE) / 2;
            let taps = LOW_PASS.iter().skip((place + CENTRE) % 2).step_by(2);
            let met = taps
                .enumerate()
                .filter_map(|(i, tap)| Some(tap * f64::from(*row.get(last.checked_sub(i)?)?)));
            pixels.push(met.sum::<f64>() as f32);
        }
    }
    Plane { width: 2 * plane.width, height: plane.height, pixels }
}

/// Half as wide, the rim left out: the filter at every other place.
fn halved(plane: &Plane) -> Plane {
    let width = plane.width / 2 - 2 * RIM;
    let mut pixels = Vec::with_capacity(width * plane.height);
    for row in plane.pixels.chunks_exact(plane.width) {
        for x in 0..width {
            let first = 2 * (x + RIM) - CENTRE;
            let met = row[first..].iter().zip(LOW_PASS).map(|(v, tap)| f64::from(*v) * tap);
            pixels.push(met.sum::<f64>() as f32);
        }
    }
    Plane { width, height: plane.height, pixels }
}

/// The transformed image and its rim at twice the resolution, from the `fine` original.
fn sampled(fine: &Plane, size: usize, map: &Affine, margins: Margins) -> Plane {
    let side = 2 * (size + 2 * RIM);
    // Both grids' places count from their corners; pixel i lies at place 2 i of its grid.
    let centre = (size as f64 - 1.0) / 2.0;
    let to_point = |place: usize| place as f64 / 2.0 - RIM as f64 - centre;
    let corner = [margins.left, margins.top].map(|margin| margin as f64 + centre);
    let pixel = |i: usize| {
        let [x, y] = map.at([to_point(i % side), to_point(i / side)]);
        fine.between([2.0 * (x + corner[0]), 2.0 * (y + corner[1])])
    };
    Plane { width: side, height: side, pixels: (0..side * side).map(pixel).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 8;

    fn warped(picture: &[f32], map: Affine) -> Vec<f32> {
        warp(picture, SIZE, &map, margins(&[map], SIZE))
    }

    /// Compares with the picture whose pixel at (x, y) is `want`.
    fn check(got: &[f32], tolerance: f32, want: impl Fn(usize, usize) -> f32) {
        for (i, got) in got.iter().enumerate() {
            let (x, y) = (i % SIZE, i / SIZE);
            assert!((got - want(x, y)).abs() < tolerance, "({x}, {y}): {got} instead of {}", want(x, y));
        }
    }

    #[test]
    fn the_filters_cancel_over_whole_pixels_and_borders_reflect() {
        let picture: Vec<f32> =
            (0..SIZE * SIZE).map(|i| ((i * 37 + i / 8 * 11) % 64) as f32 / 32.0 - 1.0).collect();
        check(&warped(&picture, Affine::IDENTITY), 1e-5, |x, y| picture[y * SIZE + x]);
        let moved = warped(&picture, Affine::unmoved(1.0, 0.0));
        check(&moved, 1e-5, |x, y| picture[y * SIZE + if x == 0 { 1 } else { x - 1 }]);
    }

    /// To within what the filter's slight asymmetry moves: half a pixel of the finer grid.
    #[test]
    fn a_quarter_turn_turns_a_ramp() {
        let ramp: Vec<f32> = (0..SIZE * SIZE).map(|i| (i % SIZE) as f32).collect();
        let turned = warped(&ramp, Affine::turned(std::f64::consts::FRAC_PI_2));
        for (x, y) in (2..6).flat_map(|y| (2..6).map(move |x| (x, y))) {
            let (got, want) = (turned[y * SIZE + x], (SIZE - 1 - y) as f32);
            assert!((got - want).abs() < 0.5, "({x}, {y}): {got} instead of {want}");
        }
    }
}
