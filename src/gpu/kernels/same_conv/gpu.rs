//! The convolution on burn's GPU tensors: products of tiles, each shape compiled for itself.

use burn::backend::Shape;
use burn::backend::wgpu::CubeTensor;

use super::super::shader::{
    CONV_THREADS, SAME_CONV, SAME_CONV_SLOPE, SAME_CONV_WEIGHTS, SAME_CONV_WEIGHTS_SUM, Shader, Stage,
};
use super::super::{launch, probe};
use super::sizes::Sizes;
use crate::gpu::pace;

/// Results of a tile: 8 × 8 of each thread.
const TILE: usize = 64 * CONV_THREADS as usize;

/// Outputs of a tile; its other side follows. More of them save reads of images, fewer leave less of the last tile
/// empty.
const ROWS: [usize; 3] = [64, 32, 16];

/// Workgroups that keep a large GPU busy: sums over fewer tiles are cut into slices.
const GROUPS: usize = 512;

/// Pixels of a slice at the least, so that its sums outweigh what is written of them.
const LEAST_PIXELS: usize = 256;

/// Multiply-adds of a dispatch at the most. Windows resets a GPU that does not come back from one within two seconds,
/// and many draw no window meanwhile: so many take 0.1 s where a kernel reaches 1 TFLOP/s, and 2 s at 50 GFLOP/s.
const MOST_WORK: u64 = 50_000_000_000;

/// Dispatches of one convolution at the most because of a window: a few tiles by themselves leave a GPU idle.
const MOST_PARTS: u64 = 64;

/// Result for contiguous images `[batch, inputs, height, width]`, weights and bias.
pub fn forward(sizes: &Sizes, x: &CubeTensor, weight: &CubeTensor, bias: &CubeTensor) -> CubeTensor {
    let y = empty_images(x, sizes, sizes.outputs);
    let (stage, groups) = tiles(&SAME_CONV, sizes, false);
    start(&stage, &[x, weight, bias, &y], sizes, groups);
    y
}

/// Gradient in the images from that in the result, both contiguous.
pub fn slope(sizes: &Sizes, weight: &CubeTensor, gradient: &CubeTensor) -> CubeTensor {
    let slope = empty_images(gradient, sizes, sizes.inputs);
    let (stage, groups) = tiles(&SAME_CONV_SLOPE, &sizes.back(), true);
    start(&stage, &[gradient, weight, &slope], sizes, groups);
    slope
}

/// Gradients in weights and bias, from contiguous images and that in the result.
pub fn slopes_affine(sizes: &Sizes, x: &CubeTensor, gradient: &CubeTensor) -> (CubeTensor, CubeTensor) {
    let weights = sizes.inputs * sizes.taps();
    let rows = rows(sizes.outputs);
    let columns = TILE / rows;
    let tiles = sizes.outputs.div_ceil(rows) * weights.div_ceil(columns);
    let pixels = sizes.batch * sizes.pixels();
    // Every dispatch keeps the GPU busy. Those that a window adds do not count: sums are the same bits beside it.
    let slices = (GROUPS * dispatches(sizes) / tiles).min(pixels / LEAST_PIXELS).max(1);

    let partial = launch::single_beside(x, Shape::new([slices, sizes.outputs, weights + 1]));
    let mut constants = constants(sizes, rows);
    constants.extend([("batch", sizes.batch as u32), ("slices", slices as u32)]);
    let stage = Stage::new(&SAME_CONV_WEIGHTS, constants);
    start(&stage, &[x, gradient, &partial], sizes, tiles * slices);

    let [kernel_rows, kernel_columns] = sizes.kernel;
    let of_weight = Shape::new([sizes.outputs, sizes.inputs, kernel_rows, kernel_columns]);
    let weight_slope = launch::single_beside(x, of_weight);
    let bias_slope = launch::single_beside(x, Shape::new([sizes.outputs]));
    let constants =
        vec![("outputs", sizes.outputs as u32), ("weights", weights as u32), ("slices", slices as u32)];
    let stage = Stage::new(&SAME_CONV_WEIGHTS_SUM, constants);
    let groups = (sizes.outputs * (weights + 1)).div_ceil(stage.shader.threads as usize);
    launch::start(stage, &[&partial, &weight_slope, &bias_slope], &[], groups);
    (weight_slope, bias_slope)
}

/// How many dispatches the work is cut into on any device.
fn dispatches(sizes: &Sizes) -> usize {
    parts(sizes.multiply_adds(), MOST_WORK, u64::MAX)
}

/// How many dispatches so much work is cut into, where one may have `most` of it and the device is given `at_once`.
fn parts(work: u64, most: u64, at_once: u64) -> usize {
    let beside_a_window = work.div_ceil(at_once).min(MOST_PARTS);
    work.div_ceil(most).max(beside_a_window).max(1) as usize
}

/// Starts a workgroup for each tile, in several dispatches one after another where one were too long. A tile knows
/// nothing of others: its results are the same bits in any dispatch.
fn start(stage: &Stage, tensors: &[&CubeTensor], sizes: &Sizes, groups: usize) {
    let (work, pixels) = (sizes.multiply_adds(), (sizes.batch * sizes.pixels()) as u32);
    let most = probe::most_work().unwrap_or(MOST_WORK);
    for (first, count) in ranges(groups, parts(work, most, pace::most(&tensors[0].device))) {
        let share = work / groups as u64 * count as u64;
        launch::start_heavy(stage.clone(), tensors, &[pixels, first as u32], count, share);
    }
}

/// `count` things in at most so many parts of one size, the last one smaller: where each begins and what it has.
fn ranges(count: usize, parts: usize) -> impl Iterator<Item = (usize, usize)> {
    let size = count.div_ceil(parts).max(1);
    (0..count).step_by(size).map(move |first| (first, size.min(count - first)))
}

fn empty_images(near: &CubeTensor, sizes: &Sizes, channels: usize) -> CubeTensor {
    launch::empty_beside(near, Shape::new([sizes.batch, channels, sizes.height, sizes.width]))
}

/// The stage that computes `sizes.outputs` channels of all pixels, and its workgroups.
fn tiles(shader: &'static Shader, sizes: &Sizes, is_turned: bool) -> (Stage, usize) {
    let rows = rows(sizes.outputs);
    let mut constants = constants(sizes, rows);
    constants.push(("is_turned", u32::from(is_turned)));
    let groups = sizes.outputs.div_ceil(rows) * (sizes.batch * sizes.pixels()).div_ceil(TILE / rows);
    (Stage::new(shader, constants), groups)
}

fn constants(sizes: &Sizes, rows: usize) -> Vec<(&'static str, u32)> {
    let Sizes { inputs, outputs, height, width, kernel: [kernel_rows, kernel_columns], .. } = *sizes;
    let all = [
        ("inputs", inputs),
        ("outputs", outputs),
        ("height", height),
        ("width", width),
        ("kernel_rows", kernel_rows),
        ("kernel_columns", kernel_columns),
        ("rows", rows),
        ("columns", TILE / rows),
        ("depth", depth(rows)),
    ];
    all.map(|(name, number)| (name, number as u32)).to_vec()
}

/// The side of tiles that leaves the fewest rows empty; of equals, the longest.
fn rows(outputs: usize) -> usize {
    let padded = |rows: &usize| outputs.next_multiple_of(*rows);
    ROWS.into_iter().min_by_key(padded).unwrap_or(ROWS[0])
}

/// Products of each result of a tile that lie in workgroup memory at a time: some 13 KiB of the 16 that every adapter
/// has.
fn depth(rows: usize) -> usize {
    rows / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_work_is_cut_and_short_work_is_not() {
        let cut = |count, parts| ranges(count, parts).collect::<Vec<_>>();
        assert_eq!(cut(7, 1), [(0, 7)]);
        assert_eq!(cut(7, 3), [(0, 3), (3, 3), (6, 1)]);
        assert_eq!(cut(2, 9), [(0, 1), (1, 1)]);

        // The widest layers of a network for ImageNet at 64×64, and a very large batch of them.
        let wide = |batch| Sizes { batch, inputs: 768, outputs: 768, height: 16, width: 16, kernel: [3, 3] };
        assert_eq!(wide(32).multiply_adds(), 32 * 256 * 768 * 768 * 9);
        assert_eq!([36, 37, 1024].map(|batch| dispatches(&wide(batch))), [1, 2, 28]);
    }

    #[test]
    fn beside_a_window_shorter_work_is_cut_too_but_not_into_crumbs() {
        assert_eq!([400, 401, 2000].map(|work| parts(work, 1000, 400)), [1, 2, 5]);
        assert_eq!(parts(2000, 1000, 4000), 2);
        assert_eq!(parts(2000, 1000, 1), 64);
        assert_eq!(parts(100_000, 1000, 1), 100);
        assert_eq!(parts(0, 1000, 400), 1);
    }
}
