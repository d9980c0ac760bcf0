//! The warp on burn's GPU tensors: four launches, with a thread for each number that they make.

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor};
use burn::backend::{Shape, TensorMetadata};

use super::super::few_numbers::words_beside;
use super::super::launch::{contiguous, empty_beside, start};
use super::super::shader::{
    Shader, THREADS, WARP_COLUMNS_DOUBLED, WARP_COLUMNS_HALVED, WARP_ROWS_HALVED, WARP_ROWS_SAMPLED,
};
use super::{LOW_PASS, Warp, WarpOps, Warps, side};

impl WarpOps for CubeBackend {
    fn warped(images: FloatTensor<Self>, warps: Warps) -> FloatTensor<Self> {
        let images = contiguous(images);
        let shape = images.shape();
        let (planes, size) = (shape[0] * shape[1], warps.size);
        let plan = words_beside(&images, &warps.words(shape[1]));
        let made = |rows: usize, columns: usize| empty_beside(&images, Shape::new([planes, rows, columns]));

        // What belongs to images that are not warped stays unwritten, and nobody reads it.
        let doubled = made(size, 2 * warps.width());
        run(&WARP_COLUMNS_DOUBLED, &[&images], &doubled, &plan);
        let sampled = made(side(size), side(size));
        run(&WARP_ROWS_SAMPLED, &[&doubled], &sampled, &plan);
        let halved = made(side(size), size);
        run(&WARP_COLUMNS_HALVED, &[&sampled], &halved, &plan);
        let warped = empty_beside(&images, shape);
        run(&WARP_ROWS_HALVED, &[&images, &halved], &warped, &plan);
        warped
    }
}

fn run(shader: &'static Shader, from: &[&CubeTensor], made: &CubeTensor, plan: &CubeTensor) {
    let tensors: Vec<&CubeTensor> = from.iter().copied().chain([made, plan]).collect();
    start(shader, &tensors, &[], made.shape().num_elements().div_ceil(THREADS as usize));
}

impl Warps {
    /// Of the images with their margins, pixels.
    fn width(&self) -> usize {
        self.margins.left + self.size + self.margins.right
    }

    fn height(&self) -> usize {
        self.margins.top + self.size + self.margins.bottom
    }

    /// As the shaders read them, for images of so many channels: `Warps` in `shaders/shared/warp.wgsl`.
    fn words(&self, channels: usize) -> Vec<u32> {
        let sizes = [self.count(), channels, self.size, side(self.size)];
        let margins = [self.margins.left, self.margins.top, self.width(), self.height()];
        let lengths = sizes.into_iter().chain(margins).map(|length| length as u32);
        let taps = LOW_PASS.into_iter().map(|tap| (tap as f32).to_bits());
        lengths.chain(taps).chain(self.each.iter().flat_map(|warp| self.words_of(warp))).collect()
    }

    fn words_of(&self, warp: &Warp) -> impl Iterator<Item = u32> + use<> {
        let found = |place: [usize; 2]| self.margins.found(&warp.map, self.size, place);
        let (first, right, down) = (found([0, 0]), found([1, 0]), found([0, 1]));
        let line = |axis: usize| {
            let numbers = [right[axis] - first[axis], down[axis] - first[axis], first[axis]];
            numbers.map(fixed)
        };
        let flips = u32::from(warp.x_flip) + 2 * u32::from(warp.y_flip);
        let lines = [line(0), line(1)].into_iter().flatten().flatten();
        [u32::from(warp.is_warped()), flips].into_iter().chain(lines)
    }
}

/// A number in units of 2^-32 as two words, the lower one first: in single precision a place far from the corner would
/// be so coarse that its pixel shows it. No map of a pipe comes near 2^31, where the upper word ends.
fn fixed(number: f64) -> [u32; 2] {
    let units = (number * 2.0f64.powi(32)).round() as i64;
    [units as u32, (units >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::super::Affine;
    use super::*;

    /// Steps and first place, in exact numbers, as WGSL adds them up.
    #[test]
    fn places_follow_from_steps() {
        let map = Affine::turned(0.7).of(Affine::unscaled(0.8, 1.3)).of(Affine::unmoved(1.5, -2.25));
        let warps = Warps::new(vec![Warp { map, ..Warp::NONE }, Warp::NONE], 31);
        let words = warps.words(3);
        assert_eq!(words.len(), 8 + 12 + 2 * 14);
        let warp = &words[20..34];
        let number = |at: usize| ((u64::from(warp[at + 1]) << 32) | u64::from(warp[at])) as i64;
        for (x, y) in [(0, 0), (73, 0), (0, 73), (40, 21)] {
            let place = warps.margins.found(&map, 31, [x, y]);
            for (axis, place) in place.into_iter().enumerate() {
                let first = 2 + 6 * axis;
                let units = number(first) * x as i64 + number(first + 2) * y as i64 + number(first + 4);
                let got = units as f64 / 2.0f64.powi(32);
                assert!((got - place).abs() < 3e-8, "({x}, {y}): {got} instead of {place}");
            }
        }
        assert_eq!((warp[0], words[34]), (1, 0));
    }
}
