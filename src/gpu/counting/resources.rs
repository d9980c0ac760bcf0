//! What a counted device makes and nobody counts: each keeps the real thing and stands in its place. Here too
//! what stands in a descriptor is exchanged for the real thing again.

use std::pin::Pin;

use wgpu::custom::{
    BindGroupInterface, BindGroupLayoutInterface, ComputePipelineInterface, DispatchBindGroupLayout,
    PipelineCacheInterface, PipelineLayoutInterface, QuerySetInterface, ShaderCompilationInfoFuture,
    ShaderModuleInterface,
};

use super::buffer::real_buffer;
use super::refusal::{OURS, compute_only};

/// Something of wgpu's, in the shape that wgpu takes from a device of another's making.
#[derive(Debug)]
pub(super) struct Real<T>(pub T);

impl BindGroupInterface for Real<wgpu::BindGroup> {}

impl BindGroupLayoutInterface for Real<wgpu::BindGroupLayout> {}

impl PipelineLayoutInterface for Real<wgpu::PipelineLayout> {}

impl ComputePipelineInterface for Real<wgpu::ComputePipeline> {
    fn get_bind_group_layout(&self, index: u32) -> DispatchBindGroupLayout {
        DispatchBindGroupLayout::custom(Real(self.0.get_bind_group_layout(index)))
    }
}

impl PipelineCacheInterface for Real<wgpu::PipelineCache> {
    fn get_data(&self) -> Option<Vec<u8>> {
        self.0.get_data()
    }
}

impl QuerySetInterface for Real<wgpu::QuerySet> {
    fn destroy(&self) {
        self.0.destroy();
    }
}

impl ShaderModuleInterface for Real<wgpu::ShaderModule> {
    fn get_compilation_info(&self) -> Pin<Box<dyn ShaderCompilationInfoFuture>> {
        Box::pin(self.0.get_compilation_info())
    }
}

/// The real thing behind one of ours.
pub(super) fn ours<T>(found: Option<&Real<T>>) -> &T {
    &found.expect(OURS).0
}

/// Makes a real bind group of what stands in `desc`.
pub(super) fn bind_group(device: &wgpu::Device, desc: &wgpu::BindGroupDescriptor<'_>) -> wgpu::BindGroup {
    let entries: Vec<_> = desc.entries.iter().map(real_entry).collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: desc.label,
        layout: ours::<wgpu::BindGroupLayout>(desc.layout.as_custom()),
        entries: &entries,
    })
}

fn real_entry<'a>(entry: &wgpu::BindGroupEntry<'a>) -> wgpu::BindGroupEntry<'a> {
    let wgpu::BindingResource::Buffer(bound) = &entry.resource else {
        compute_only("bindings but single buffers")
    };
    let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
        buffer: real_buffer(bound.buffer.as_custom()),
        offset: bound.offset,
        size: bound.size,
    });
    wgpu::BindGroupEntry { binding: entry.binding, resource }
}

/// Makes a real layout of what stands in `desc`.
pub(super) fn pipeline_layout(
    device: &wgpu::Device,
    desc: &wgpu::PipelineLayoutDescriptor<'_>,
) -> wgpu::PipelineLayout {
    let layouts: Vec<_> = desc
        .bind_group_layouts
        .iter()
        .map(|layout| layout.map(|layout| ours::<wgpu::BindGroupLayout>(layout.as_custom())))
        .collect();
    device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: desc.label,
        bind_group_layouts: &layouts,
        immediate_size: desc.immediate_size,
    })
}

/// Makes a real pipeline of what stands in `desc`.
pub(super) fn compute_pipeline(
    device: &wgpu::Device,
    desc: &wgpu::ComputePipelineDescriptor<'_>,
) -> wgpu::ComputePipeline {
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: desc.label,
        layout: desc.layout.map(|layout| ours::<wgpu::PipelineLayout>(layout.as_custom())),
        module: ours::<wgpu::ShaderModule>(desc.module.as_custom()),
        entry_point: desc.entry_point,
        compilation_options: desc.compilation_options.clone(),
        cache: desc.cache.map(|cache| ours::<wgpu::PipelineCache>(cache.as_custom())),
    })
}
