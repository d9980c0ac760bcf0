//! The queue: submissions, and bytes on their way to the device.

use std::sync::Arc;

use wgpu::custom::{
    BoxSubmittedWorkDoneCallback, DispatchBlas, DispatchBuffer, DispatchCommandBuffer,
    DispatchQueueWriteBuffer, DispatchSurfaceOutputDetail, QueueInterface, QueueWriteBufferInterface,
};

use super::buffer::real_buffer;
use super::counter::Counter;
use super::encoder::real_commands;
use super::refusal::{OURS, compute_only};
use super::submissions::Submissions;

/// The queue of a counted device.
#[derive(Debug)]
pub(super) struct CountedQueue {
    pub real: wgpu::Queue,
    pub counter: Counter,
    /// The device knows them too.
    pub submissions: Arc<Submissions>,
}

/// Bytes that the host puts together before they are written. wgpu says only afterwards where to, so they
/// wait in the host's memory.
#[derive(Debug)]
struct Staged(Vec<u8>);

impl QueueWriteBufferInterface for Staged {
    fn len(&self) -> usize {
        self.0.len()
    }

    unsafe fn write_slice(&mut self) -> wgpu::WriteOnly<'_, [u8]> {
        wgpu::WriteOnly::from_mut(self.0.as_mut_slice())
    }
}

impl QueueInterface for CountedQueue {
    fn write_buffer(&self, buffer: &DispatchBuffer, offset: wgpu::BufferAddress, data: &[u8]) {
        self.counter.uploaded(data.len() as u64);
        self.real.write_buffer(real_buffer(buffer.as_custom()), offset, data);
    }

    fn create_staging_buffer(&self, size: wgpu::BufferSize) -> Option<DispatchQueueWriteBuffer> {
        Some(DispatchQueueWriteBuffer::custom(Staged(vec![0; size.get() as usize])))
    }

    fn validate_write_buffer(
        &self,
        _: &DispatchBuffer,
        _: wgpu::BufferAddress,
        _: wgpu::BufferSize,
    ) -> Option<()> {
        // The real queue looks at it when it writes.
        Some(())
    }

    fn write_staging_buffer(
        &self,
        buffer: &DispatchBuffer,
        offset: wgpu::BufferAddress,
        staging_buffer: &DispatchQueueWriteBuffer,
    ) {
        self.write_buffer(buffer, offset, &staging_buffer.as_custom::<Staged>().expect(OURS).0);
    }

    fn write_texture(
        &self,
        _: wgpu::TexelCopyTextureInfo<'_>,
        _: &[u8],
        _: wgpu::TexelCopyBufferLayout,
        _: wgpu::Extent3d,
    ) {
        compute_only("textures")
    }

    fn submit(&self, command_buffers: &mut dyn Iterator<Item = DispatchCommandBuffer>) -> u64 {
        self.counter.submitted();
        let name = self.real.submit(command_buffers.map(|commands| real_commands(commands.as_custom())));
        self.submissions.add(name)
    }

    fn get_timestamp_period(&self) -> f32 {
        self.real.get_timestamp_period()
    }

    fn on_submitted_work_done(&self, callback: BoxSubmittedWorkDoneCallback) {
        self.real.on_submitted_work_done(callback);
    }

    fn compact_blas(&self, _: &DispatchBlas) -> (Option<u64>, DispatchBlas) {
        compute_only("ray tracing")
    }

    fn present(&self, _: &DispatchSurfaceOutputDetail) {
        compute_only("window")
    }
}
