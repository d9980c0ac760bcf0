//! Images as bytes on the device they are on: rows that a texture can be copied from. What a window draws;
//! nothing is computed from it.

use burn::backend::Shape;
use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeTensor;

use super::launch;
use super::shader::{RGBA_ROWS, THREADS};

/// Bytes of a pixel.
const PIXEL_BYTES: usize = 4;

/// Pixels, and from one row to the next more of them than fit: a copy into a texture asks for whole
/// multiples of [`wgpu::COPY_BYTES_PER_ROW_ALIGNMENT`].
pub fn row_bytes(width: usize) -> usize {
    (width * PIXEL_BYTES).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT as usize)
}

/// The rows of `images` (`[count, channels, height, width]`), picture after picture. A number's
/// byte is the last whose edge it reaches. None where no kernel of ours runs.
pub fn rgba_rows(images: CubeTensor, byte_edges: &[f32; 256]) -> Option<CubeTensor> {
    if !launch::takes(&[&images]) {
        return None;
    }
    let images = launch::contiguous(images);
    let shape = images.shape();
    let (count, channels, height, width) = (shape[0], shape[1], shape[2], shape[3]);
    let row = row_bytes(width) / PIXEL_BYTES;
    // Words, whatever the tensor calls them.
    let rows = launch::empty_beside(&images, Shape::new([count * height * row]));
    let size = [count, channels, height, width, row].map(|n| n as u32);
    let params: Vec<u32> = size.into_iter().chain(byte_edges.map(f32::to_bits)).collect();
    let groups = (count * height * width).div_ceil(THREADS as usize);
    launch::start(&RGBA_ROWS, &[&images, &rows], &params, groups);
    Some(rows)
}
