//! The convolution on burn's GPU tensors: products of tiles, each shape compiled for itself.

use burn::backend::Shape;
use burn::backend::wgpu::CubeTensor;

use super::super::launch;
use super::super::shader::{
    CONV_THREADS, SAME_CONV, SAME_CONV_SLOPE, SAME_CONV_WEIGHTS, SAME_CONV_WEIGHTS_SUM, Shader, Stage,
};
use super::sizes::Sizes;

/// Results of a tile: 8 × 8 of each thread.
const TILE: usize = 64 * CONV_THREADS as usize;

/// Outputs of a tile; its other side follows. More of them save reads of images, fewer leave less of the last tile
/// empty.
const ROWS: [usize; 3] = [64, 32, 16];

/// Workgroups that keep a large GPU busy: sums over fewer tiles are cut into slices.
const GROUPS: usize = 512;

/// Pixels of a slice at the least, so that its sums outweigh what is written of them.
const LEAST_PIXELS: usize = 256;

/// Result for contiguous images `[batch, inputs, height, width]`, weights and bias.
pub fn forward(sizes: &Sizes, x: &CubeTensor, weight: &CubeTensor, bias: &CubeTensor) -> CubeTensor {
    let y = empty_images(x, sizes, sizes.outputs);
    let (stage, groups) = tiles(&SAME_CONV, sizes, false);
    launch::start(stage, &[x, weight, bias, &y], &[], groups);
    y
}

/// Gradient in the images from that in the result, both contiguous.
pub fn slope(sizes: &Sizes, weight: &CubeTensor, gradient: &CubeTensor) -> CubeTensor {
    let slope = empty_images(gradient, sizes, sizes.inputs);
    let (stage, groups) = tiles(&SAME_CONV_SLOPE, &sizes.back(), true);
    launch::start(stage, &[gradient, weight, &slope], &[], groups);
    slope
}

/// Gradients in weights and bias, from contiguous images and that in the result.
pub fn slopes_affine(sizes: &Sizes, x: &CubeTensor, gradient: &CubeTensor) -> (CubeTensor, CubeTensor) {
    let weights = sizes.inputs * sizes.taps();
    let rows = rows(sizes.outputs);
    let columns = TILE / rows;
    let tiles = sizes.outputs.div_ceil(rows) * weights.div_ceil(columns);
    let pixels = sizes.batch * sizes.pixels();
    let slices = (GROUPS / tiles).min(pixels / LEAST_PIXELS).max(1);

    let partial = launch::empty_beside(x, Shape::new([slices, sizes.outputs, weights + 1]));
    let mut constants = constants(sizes, rows);
    constants.push(("slices", slices as u32));
    let stage = Stage { shader: &SAME_CONV_WEIGHTS, constants };
    launch::start(stage, &[x, gradient, &partial], &[], tiles * slices);

    let [kernel_rows, kernel_columns] = sizes.kernel;
    let of_weight = Shape::new([sizes.outputs, sizes.inputs, kernel_rows, kernel_columns]);
    let weight_slope = launch::empty_beside(x, of_weight);
    let bias_slope = launch::empty_beside(x, Shape::new([sizes.outputs]));
    let constants =
        vec![("outputs", sizes.outputs as u32), ("weights", weights as u32), ("slices", slices as u32)];
    let stage = Stage { shader: &SAME_CONV_WEIGHTS_SUM, constants };
    let groups = (sizes.outputs * (weights + 1)).div_ceil(stage.shader.threads as usize);
    launch::start(stage, &[&partial, &weight_slope, &bias_slope], &[], groups);
    (weight_slope, bias_slope)
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
    (Stage { shader, constants }, groups)
}

fn constants(sizes: &Sizes, rows: usize) -> Vec<(&'static str, u32)> {
    let Sizes { batch, inputs, outputs, height, width, kernel: [kernel_rows, kernel_columns] } = *sizes;
    let all = [
        ("batch", batch),
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
