//! Compute passes: dispatches.

use wgpu::custom::{
    ComputePassInterface, DispatchBindGroup, DispatchBuffer, DispatchComputePipeline, DispatchQuerySet,
    DispatchTextureView,
};

use super::buffer::{real_buffer, real_transition};
use super::counter::Counter;
use super::refusal::compute_only;
use super::resources::ours;

/// A pass of a counted device.
#[derive(Debug)]
pub(super) struct CountedPass {
    real: wgpu::ComputePass<'static>,
    counter: Counter,
    /// So far.
    dispatches: u64,
}

impl CountedPass {
    pub(super) fn new(real: wgpu::ComputePass<'static>, counter: Counter) -> Self {
        Self { real, counter, dispatches: 0 }
    }
}

/// The end of the pass; the real one ends right after.
impl Drop for CountedPass {
    fn drop(&mut self) {
        self.counter.dispatched(self.dispatches);
    }
}

impl ComputePassInterface for CountedPass {
    fn set_pipeline(&mut self, pipeline: &DispatchComputePipeline) {
        self.real.set_pipeline(ours::<wgpu::ComputePipeline>(pipeline.as_custom()));
    }

    fn set_bind_group(
        &mut self,
        index: u32,
        bind_group: Option<&DispatchBindGroup>,
        offsets: &[wgpu::DynamicOffset],
    ) {
        let real = bind_group.map(|group| ours::<wgpu::BindGroup>(group.as_custom()));
        self.real.set_bind_group(index, real, offsets);
    }

    fn set_immediates(&mut self, offset: u32, data: &[u8]) {
        self.real.set_immediates(offset, data);
    }

    fn insert_debug_marker(&mut self, label: &str) {
        self.real.insert_debug_marker(label);
    }

    fn push_debug_group(&mut self, group_label: &str) {
        self.real.push_debug_group(group_label);
    }

    fn pop_debug_group(&mut self) {
        self.real.pop_debug_group();
    }

    fn write_timestamp(&mut self, query_set: &DispatchQuerySet, query_index: u32) {
        self.real.write_timestamp(ours::<wgpu::QuerySet>(query_set.as_custom()), query_index);
    }

    fn begin_pipeline_statistics_query(&mut self, query_set: &DispatchQuerySet, query_index: u32) {
        let query_set = ours::<wgpu::QuerySet>(query_set.as_custom());
        self.real.begin_pipeline_statistics_query(query_set, query_index);
    }

    fn end_pipeline_statistics_query(&mut self) {
        self.real.end_pipeline_statistics_query();
    }

    fn dispatch_workgroups(&mut self, x: u32, y: u32, z: u32) {
        self.dispatches += 1;
        self.real.dispatch_workgroups(x, y, z);
    }

    fn dispatch_workgroups_indirect(
        &mut self,
        indirect_buffer: &DispatchBuffer,
        indirect_offset: wgpu::BufferAddress,
    ) {
        self.dispatches += 1;
        self.real.dispatch_workgroups_indirect(real_buffer(indirect_buffer.as_custom()), indirect_offset);
    }

    fn transition_resources<'a>(
        &mut self,
        buffer_transitions: &mut dyn Iterator<Item = wgpu::BufferTransition<&'a DispatchBuffer>>,
        texture_transitions: &mut dyn Iterator<Item = wgpu::TextureTransition<&'a DispatchTextureView>>,
    ) {
        let no_texture = |_| -> wgpu::TextureTransition<&'a wgpu::TextureView> { compute_only("textures") };
        self.real.transition_resources(
            buffer_transitions.map(real_transition),
            texture_transitions.map(no_texture),
        );
    }
}
