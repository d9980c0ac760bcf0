//! Recording: copies, and the passes in which kernels are started.

use std::sync::{Mutex, PoisonError};

use wgpu::custom::{
    CommandBufferInterface, CommandEncoderInterface, DispatchBuffer, DispatchCommandBuffer,
    DispatchComputePass, DispatchQuerySet, DispatchRenderPass, DispatchTexture,
};

use super::buffer::{real_buffer, real_transition};
use super::counter::Counter;
use super::pass::CountedPass;
use super::refusal::{OURS, compute_only};
use super::resources::ours;

/// An encoder of a counted device.
#[derive(Debug)]
pub(super) struct CountedEncoder {
    /// None once it is finished. In a lock because we are only lent what wgpu's encoder wants to itself;
    /// nobody ever waits for it.
    real: Mutex<Option<wgpu::CommandEncoder>>,
    counter: Counter,
}

impl CountedEncoder {
    pub(super) fn new(real: wgpu::CommandEncoder, counter: Counter) -> Self {
        Self { real: Mutex::new(Some(real)), counter }
    }

    fn record<T>(&self, command: impl FnOnce(&mut wgpu::CommandEncoder) -> T) -> T {
        let mut real = self.real.lock().unwrap_or_else(PoisonError::into_inner);
        command(real.as_mut().expect("an encoder that is finished is given up"))
    }
}

/// What was recorded, until it is submitted.
#[derive(Debug)]
pub(super) struct CountedCommands(Mutex<Option<wgpu::CommandBuffer>>);

impl CommandBufferInterface for CountedCommands {}

/// Takes the real commands out of ours, for the one submission that they are for.
pub(super) fn real_commands(found: Option<&CountedCommands>) -> wgpu::CommandBuffer {
    let mut real = found.expect(OURS).0.lock().unwrap_or_else(PoisonError::into_inner);
    real.take().expect("commands are given up where they are submitted")
}

impl CommandEncoderInterface for CountedEncoder {
    fn copy_buffer_to_buffer(
        &self,
        source: &DispatchBuffer,
        source_offset: wgpu::BufferAddress,
        destination: &DispatchBuffer,
        destination_offset: wgpu::BufferAddress,
        copy_size: Option<wgpu::BufferAddress>,
    ) {
        let (from, to) = (real_buffer(source.as_custom()), real_buffer(destination.as_custom()));
        self.counter.copied();
        if to.usage().contains(wgpu::BufferUsages::MAP_READ) {
            self.counter.read(copy_size.unwrap_or(from.size().saturating_sub(source_offset)));
        }
        self.record(|encoder| {
            encoder.copy_buffer_to_buffer(from, source_offset, to, destination_offset, copy_size);
        });
    }

    fn copy_buffer_to_texture(
        &self,
        _: wgpu::TexelCopyBufferInfo<'_>,
        _: wgpu::TexelCopyTextureInfo<'_>,
        _: wgpu::Extent3d,
    ) {
        compute_only("textures")
    }

    fn copy_texture_to_buffer(
        &self,
        _: wgpu::TexelCopyTextureInfo<'_>,
        _: wgpu::TexelCopyBufferInfo<'_>,
        _: wgpu::Extent3d,
    ) {
        compute_only("textures")
    }

    fn copy_texture_to_texture(
        &self,
        _: wgpu::TexelCopyTextureInfo<'_>,
        _: wgpu::TexelCopyTextureInfo<'_>,
        _: wgpu::Extent3d,
    ) {
        compute_only("textures")
    }

    fn begin_compute_pass(&self, desc: &wgpu::ComputePassDescriptor<'_>) -> DispatchComputePass {
        let timestamp_writes =
            desc.timestamp_writes.as_ref().map(|writes| wgpu::ComputePassTimestampWrites {
                query_set: ours::<wgpu::QuerySet>(writes.query_set.as_custom()),
                beginning_of_pass_write_index: writes.beginning_of_pass_write_index,
                end_of_pass_write_index: writes.end_of_pass_write_index,
            });
        let desc = wgpu::ComputePassDescriptor { label: desc.label, timestamp_writes };
        let real = self.record(|encoder| encoder.begin_compute_pass(&desc).forget_lifetime());
        DispatchComputePass::custom(CountedPass::new(real, self.counter.clone()))
    }

    fn begin_render_pass(&self, _: &wgpu::RenderPassDescriptor<'_>) -> DispatchRenderPass {
        compute_only("drawing")
    }

    fn finish(&mut self) -> DispatchCommandBuffer {
        let real = self.real.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let commands = real.expect("an encoder is finished once").finish();
        DispatchCommandBuffer::custom(CountedCommands(Mutex::new(Some(commands))))
    }

    fn clear_texture(&self, _: &DispatchTexture, _: &wgpu::ImageSubresourceRange) {
        compute_only("textures")
    }

    fn clear_buffer(
        &self,
        buffer: &DispatchBuffer,
        offset: wgpu::BufferAddress,
        size: Option<wgpu::BufferAddress>,
    ) {
        self.record(|encoder| encoder.clear_buffer(real_buffer(buffer.as_custom()), offset, size));
    }

    fn insert_debug_marker(&self, label: &str) {
        self.record(|encoder| encoder.insert_debug_marker(label));
    }

    fn push_debug_group(&self, label: &str) {
        self.record(|encoder| encoder.push_debug_group(label));
    }

    fn pop_debug_group(&self) {
        self.record(|encoder| encoder.pop_debug_group());
    }

    fn write_timestamp(&self, query_set: &DispatchQuerySet, query_index: u32) {
        let query_set = ours::<wgpu::QuerySet>(query_set.as_custom());
        self.record(|encoder| encoder.write_timestamp(query_set, query_index));
    }

    fn resolve_query_set(
        &self,
        query_set: &DispatchQuerySet,
        first_query: u32,
        query_count: u32,
        destination: &DispatchBuffer,
        destination_offset: wgpu::BufferAddress,
    ) {
        let query_set = ours::<wgpu::QuerySet>(query_set.as_custom());
        let to = real_buffer(destination.as_custom());
        let queries = first_query..first_query + query_count;
        self.record(|encoder| encoder.resolve_query_set(query_set, queries, to, destination_offset));
    }

    fn mark_acceleration_structures_built<'a>(
        &self,
        _: &mut dyn Iterator<Item = &'a wgpu::Blas>,
        _: &mut dyn Iterator<Item = &'a wgpu::Tlas>,
    ) {
        compute_only("ray tracing")
    }

    fn build_acceleration_structures<'a>(
        &self,
        _: &mut dyn Iterator<Item = &'a wgpu::BlasBuildEntry<'a>>,
        _: &mut dyn Iterator<Item = &'a wgpu::Tlas>,
    ) {
        compute_only("ray tracing")
    }

    fn transition_resources<'a>(
        &mut self,
        buffer_transitions: &mut dyn Iterator<Item = wgpu::BufferTransition<&'a DispatchBuffer>>,
        texture_transitions: &mut dyn Iterator<Item = wgpu::TextureTransition<&'a DispatchTexture>>,
    ) {
        let no_texture = |_| -> wgpu::TextureTransition<&'a wgpu::Texture> { compute_only("textures") };
        let buffers = buffer_transitions.map(real_transition);
        let textures = texture_transitions.map(no_texture);
        self.record(|encoder| encoder.transition_resources(buffers, textures));
    }
}
