//! The device: what it makes, and who waits for it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use wgpu::custom::{
    BoxDeviceLostCallback, DeviceInterface, DispatchBindGroup, DispatchBindGroupLayout, DispatchBlas,
    DispatchBuffer, DispatchCommandEncoder, DispatchComputePipeline, DispatchExternalTexture,
    DispatchPipelineCache, DispatchPipelineLayout, DispatchQuerySet, DispatchRenderBundleEncoder,
    DispatchRenderPipeline, DispatchSampler, DispatchShaderModule, DispatchTexture, DispatchTlas,
    PopErrorScopeFuture,
};
use wgpu::wgt::PollType;

use super::buffer::CountedBuffer;
use super::counter::Counter;
use super::encoder::CountedEncoder;
use super::refusal::compute_only;
use super::resources::{Real, bind_group, compute_pipeline, pipeline_layout};
use super::scopes;
use super::submissions::Submissions;

/// A device that counts what it is asked.
#[derive(Debug)]
pub(super) struct CountedDevice {
    pub real: wgpu::Device,
    pub counter: Counter,
    /// The queue's.
    pub submissions: Arc<Submissions>,
}

impl DeviceInterface for CountedDevice {
    fn features(&self) -> wgpu::Features {
        self.real.features()
    }

    fn limits(&self) -> wgpu::Limits {
        self.real.limits()
    }

    fn adapter_info(&self) -> wgpu::AdapterInfo {
        self.real.adapter_info()
    }

    fn create_shader_module(
        &self,
        desc: wgpu::ShaderModuleDescriptor<'_>,
        shader_bound_checks: wgpu::ShaderRuntimeChecks,
    ) -> DispatchShaderModule {
        // SAFETY: wgpu asks for all checks on behalf of safe code; who wants fewer has promised to wgpu that
        // the shader does without.
        let real = unsafe { self.real.create_shader_module_trusted(desc, shader_bound_checks) };
        DispatchShaderModule::custom(Real(real))
    }

    unsafe fn create_shader_module_passthrough(
        &self,
        desc: &wgpu::ShaderModuleDescriptorPassthrough<'_>,
    ) -> DispatchShaderModule {
        // SAFETY: the caller's promise is passed on.
        let real = unsafe { self.real.create_shader_module_passthrough(desc.clone()) };
        DispatchShaderModule::custom(Real(real))
    }

    fn create_bind_group_layout(
        &self,
        desc: &wgpu::BindGroupLayoutDescriptor<'_>,
    ) -> DispatchBindGroupLayout {
        DispatchBindGroupLayout::custom(Real(self.real.create_bind_group_layout(desc)))
    }

    fn create_bind_group(&self, desc: &wgpu::BindGroupDescriptor<'_>) -> DispatchBindGroup {
        DispatchBindGroup::custom(Real(bind_group(&self.real, desc)))
    }

    fn create_pipeline_layout(&self, desc: &wgpu::PipelineLayoutDescriptor<'_>) -> DispatchPipelineLayout {
        DispatchPipelineLayout::custom(Real(pipeline_layout(&self.real, desc)))
    }

    fn create_render_pipeline(&self, _: &wgpu::RenderPipelineDescriptor<'_>) -> DispatchRenderPipeline {
        compute_only("drawing")
    }

    fn create_mesh_pipeline(&self, _: &wgpu::MeshPipelineDescriptor<'_>) -> DispatchRenderPipeline {
        compute_only("drawing")
    }

    fn create_compute_pipeline(&self, desc: &wgpu::ComputePipelineDescriptor<'_>) -> DispatchComputePipeline {
        DispatchComputePipeline::custom(Real(compute_pipeline(&self.real, desc)))
    }

    unsafe fn create_pipeline_cache(
        &self,
        desc: &wgpu::PipelineCacheDescriptor<'_>,
    ) -> DispatchPipelineCache {
        // SAFETY: the caller's promise is passed on.
        let real = unsafe { self.real.create_pipeline_cache(desc) };
        DispatchPipelineCache::custom(Real(real))
    }

    fn create_buffer(&self, desc: &wgpu::BufferDescriptor<'_>) -> DispatchBuffer {
        let real = self.real.create_buffer(desc);
        DispatchBuffer::custom(CountedBuffer::new(real, self.counter.clone(), desc.mapped_at_creation))
    }

    fn create_texture(&self, _: &wgpu::TextureDescriptor<'_>) -> DispatchTexture {
        compute_only("textures")
    }

    fn create_external_texture(
        &self,
        _: &wgpu::ExternalTextureDescriptor<'_>,
        _: &[&wgpu::TextureView],
    ) -> DispatchExternalTexture {
        compute_only("textures")
    }

    fn create_blas(
        &self,
        _: &wgpu::CreateBlasDescriptor<'_>,
        _: wgpu::BlasGeometrySizeDescriptors,
    ) -> (Option<u64>, DispatchBlas) {
        compute_only("ray tracing")
    }

    fn create_tlas(&self, _: &wgpu::CreateTlasDescriptor<'_>) -> DispatchTlas {
        compute_only("ray tracing")
    }

    fn create_sampler(&self, _: &wgpu::SamplerDescriptor<'_>) -> DispatchSampler {
        compute_only("samplers")
    }

    fn create_query_set(&self, desc: &wgpu::QuerySetDescriptor<'_>) -> DispatchQuerySet {
        DispatchQuerySet::custom(Real(self.real.create_query_set(desc)))
    }

    fn create_command_encoder(&self, desc: &wgpu::CommandEncoderDescriptor<'_>) -> DispatchCommandEncoder {
        let real = self.real.create_command_encoder(desc);
        DispatchCommandEncoder::custom(CountedEncoder::new(real, self.counter.clone()))
    }

    fn create_render_bundle_encoder(
        &self,
        _: &wgpu::RenderBundleEncoderDescriptor<'_>,
    ) -> DispatchRenderBundleEncoder {
        compute_only("drawing")
    }

    fn set_device_lost_callback(&self, device_lost_callback: BoxDeviceLostCallback) {
        // Ours to be called once; wgpu's own may be called again, as far as its type says.
        let once = Mutex::new(Some(device_lost_callback));
        self.real.set_device_lost_callback(move |reason, message| {
            let callback = once.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(callback) = callback {
                callback(reason, message);
            }
        });
    }

    fn on_uncaptured_error(&self, handler: Arc<dyn wgpu::UncapturedErrorHandler>) {
        self.real.on_uncaptured_error(handler);
    }

    fn push_error_scope(&self, filter: wgpu::ErrorFilter) -> u32 {
        scopes::push(self.real.push_error_scope(filter))
    }

    fn pop_error_scope(&self, index: u32) -> Pin<Box<dyn PopErrorScopeFuture>> {
        scopes::pop(index)
    }

    unsafe fn start_graphics_debugger_capture(&self) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.real.start_graphics_debugger_capture() }
    }

    unsafe fn stop_graphics_debugger_capture(&self) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.real.stop_graphics_debugger_capture() }
    }

    fn poll(&self, poll_type: PollType<u64>) -> Result<wgpu::PollStatus, wgpu::PollError> {
        let PollType::Wait { submission_index, timeout } = poll_type else {
            return self.real.poll(wgpu::PollType::Poll);
        };
        let awaited = self.submissions.awaited(submission_index);
        if awaited.pending {
            // Before it waits: who is told inside, that a buffer is mapped, may look at the count at once.
            self.counter.waited();
        }
        let wait = wgpu::PollType::Wait { submission_index: awaited.name, timeout };
        let status = self.real.poll(wait)?;
        self.submissions.finished(awaited.number);
        Ok(status)
    }

    fn get_internal_counters(&self) -> wgpu::InternalCounters {
        self.real.get_internal_counters()
    }

    fn generate_allocator_report(&self) -> Option<wgpu::AllocatorReport> {
        self.real.generate_allocator_report()
    }

    fn destroy(&self) {
        self.real.destroy();
    }
}
