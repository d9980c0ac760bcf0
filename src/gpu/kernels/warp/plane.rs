//! The loops of the CPU twin: one channel of one image.

use super::affine::Affine;
use super::margins::Margins;
use super::{CENTRE, LOW_PASS, RIM, Warp, side};

/// A plane of numbers, row after row.
struct Plane {
    width: usize,
    height: usize,
    pixels: Vec<f32>,
}

/// One channel of `size`×`size` pixels as `warp` has it.
pub fn warped(pixels: &[f32], size: usize, warp: &Warp, margins: Margins) -> Vec<f32> {
    let flipped = flipped(pixels, size, warp.x_flip, warp.y_flip);
    if warp.is_warped() { mapped(&flipped, size, &warp.map, margins) } else { flipped }
}

fn flipped(pixels: &[f32], size: usize, x_flip: bool, y_flip: bool) -> Vec<f32> {
    let at = |i: usize| {
        let (x, y) = (i % size, i / size);
        let (x, y) = (if x_flip { size - 1 - x } else { x }, if y_flip { size - 1 - y } else { y });
        pixels[y * size + x]
    };
    (0..size * size).map(at).collect()
}

/// What is seen at a point of the result lies at `map` of it.
fn mapped(pixels: &[f32], size: usize, map: &Affine, margins: Margins) -> Vec<f32> {
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
    let side = side(size);
    let pixel = |i: usize| fine.between(margins.found(map, size, [i % side, i / side]));
    Plane { width: side, height: side, pixels: (0..side * side).map(pixel).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 8;

    fn seen_at(picture: &[f32], map: Affine) -> Vec<f32> {
        mapped(picture, SIZE, &map, Margins::of([&map].into_iter(), SIZE))
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
        check(&seen_at(&picture, Affine::IDENTITY), 1e-5, |x, y| picture[y * SIZE + x]);
        let moved = seen_at(&picture, Affine::unmoved(1.0, 0.0));
        check(&moved, 1e-5, |x, y| picture[y * SIZE + if x == 0 { 1 } else { x - 1 }]);
    }

    /// To within what the filter's slight asymmetry moves: half a pixel of the finer grid.
    #[test]
    fn a_quarter_turn_turns_a_ramp() {
        let ramp: Vec<f32> = (0..SIZE * SIZE).map(|i| (i % SIZE) as f32).collect();
        let turned = seen_at(&ramp, Affine::turned(std::f64::consts::FRAC_PI_2));
        for (x, y) in (2..6).flat_map(|y| (2..6).map(move |x| (x, y))) {
            let (got, want) = (turned[y * SIZE + x], (SIZE - 1 - y) as f32);
            assert!((got - want).abs() < 0.5, "({x}, {y}): {got} instead of {want}");
        }
    }
}
