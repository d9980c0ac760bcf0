//! Pictures that stay on the device, for a window that draws on the same one.

use std::any::Any;

use burn::backend::wgpu::{AutoCompiler, WgpuSetup};
use burn::tensor::Tensor;
use burn_cubecl::cubecl::wgpu::{WgpuResource, WgpuServer};

use super::kernels::rgba_rows::{rgba_rows, row_bytes};
use super::opened;
use super::unfused::unfused;

/// Pictures in the device's memory, which burn gives to nothing else as long as this is held.
#[derive(Debug)]
pub struct DevicePictures {
    memory: WgpuResource,
    /// Keeps that memory what it is. Its type has no public name.
    _hold: Box<dyn Any + Send + Sync>,
    setup: WgpuSetup,
    count: usize,
    /// Pixels.
    width: usize,
    height: usize,
}

impl DevicePictures {
    /// The pictures of `images` (`[count, channels, height, width]`, in [-1, 1], not clipped), one group
    /// after another, each number as the last byte whose edge it reaches. To be called on the thread that the
    /// tensors' work belongs to; any thread may draw them.
    ///
    /// None unless a face draws on this device ([`lend`](super::lend)), and for points of the plane, which
    /// are no pictures yet.
    pub fn of(groups: Vec<Tensor<4>>, byte_edges: &[f32; 256]) -> Option<Self> {
        let setup = opened::lent(&groups.first()?.device())?;
        let [_, channels, height, width] = groups[0].dims();
        if [channels, height, width] == [2, 1, 1] {
            return None;
        }
        let images = Tensor::cat(groups, 0);
        let count = images.dims()[0];
        let rows = rgba_rows(unfused(images)?, byte_edges)?;
        let client = rows.client.clone();
        // Finding the memory also moves burn's queued work into its encoder, …
        let held = client.get_resource::<WgpuServer<AutoCompiler>>(rows.handle).ok()?;
        // … and this submits it: whatever another thread submits from now on finds the pictures there.
        client.flush().ok()?;
        Some(Self { memory: held.resource().clone(), _hold: Box::new(held), setup, count, width, height })
    }

    /// Whether they are on this device; no other can draw them.
    pub fn are_on(&self, instance: &wgpu::Instance, device: &wgpu::Device) -> bool {
        opened::same(&self.setup, instance, device)
    }

    /// Number of pictures.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Width and height of each, pixels.
    pub fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// Where picture `index` is, as RGBA with 8 bits each.
    pub fn picture(&self, index: usize) -> wgpu::TexelCopyBufferInfo<'_> {
        let row = row_bytes(self.width);
        wgpu::TexelCopyBufferInfo {
            buffer: &self.memory.buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: self.memory.offset + (index * self.height * row) as u64,
                bytes_per_row: Some(row as u32),
                rows_per_image: Some(self.height as u32),
            },
        }
    }
}
