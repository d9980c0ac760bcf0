//! Launching a shader through wgpu itself, on the device and queue that burn uses.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use burn::backend::wgpu::{AutoCompiler, CubeTensor};
use burn_cubecl::CubeDevice;
use burn_cubecl::cubecl::server::Handle;
use burn_cubecl::cubecl::wgpu::WgpuServer;

use super::super::opened;
use super::shader::Stage;

/// A device, the name of a shader and what is filled in: numbers, and whose are f16.
type Key = (CubeDevice, &'static str, Vec<(&'static str, u32)>, Vec<bool>);

/// Pipelines: compiling one takes milliseconds, a step asks for several.
static PIPELINES: LazyLock<Mutex<HashMap<Key, wgpu::ComputePipeline>>> = LazyLock::new(Mutex::default);

/// True if the wgpu handles under this device are known.
pub fn can_reach(device: &CubeDevice) -> bool {
    opened::setup_of(device).is_some()
}

/// Binds `buffers` in order and starts a grid of workgroups; work that burn has queued runs first.
pub fn dispatch(stage: &Stage, output: &CubeTensor, buffers: impl Iterator<Item = Handle>, grid: [u32; 2]) {
    let setup = opened::setup_of(&output.device).expect("`can_reach` was asked first");
    let client = &output.client;
    // Finding the buffers also moves burn's queued work into its encoder …
    let resources: Vec<_> = buffers
        .map(|handle| {
            client.get_resource::<WgpuServer<AutoCompiler>>(handle).expect("a live tensor has a buffer")
        })
        .collect();
    // … and this submits it, so that whatever writes our inputs is ahead of us in the queue.
    client.flush().expect("burn's queue accepts work");
    let pipeline = pipeline(&setup.device, &output.device, stage);
    let entries: Vec<_> = resources
        .iter()
        .zip(0..)
        .map(|(resource, binding)| wgpu::BindGroupEntry {
            binding,
            resource: resource.resource().as_wgpu_bind_resource(),
        })
        .collect();
    let bind_group = setup.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(stage.shader.name),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    });
    let mut encoder = setup.device.create_command_encoder(&Default::default());
    {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bind_group, &[]);
        pass.dispatch_workgroups(grid[0], grid[1], 1);
    }
    setup.queue.submit([encoder.finish()]);
}

fn pipeline(device: &wgpu::Device, of: &CubeDevice, stage: &Stage) -> wgpu::ComputePipeline {
    let label = Some(stage.shader.name);
    // A panic elsewhere leaves a map of whole pipelines.
    let mut pipelines = PIPELINES.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || {
        let source = wgpu::ShaderSource::Wgsl(stage.source().into());
        let (module, checks) =
            (wgpu::ShaderModuleDescriptor { label, source }, wgpu::ShaderRuntimeChecks::unchecked());
        // SAFETY: our shaders stay within their tensors and their loops end, on any numbers: what they index with
        // comes from shapes. Checks would cost each access, and keep inner loops from being unrolled.
        let module = unsafe { device.create_shader_module_trusted(module, checks) };
        device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label,
            layout: None,
            module: &module,
            entry_point: Some("main"),
            // As burn has it: each shader writes its workgroup's memory before it reads that.
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        })
    };
    let key = (of.clone(), stage.shader.name, stage.constants.clone(), stage.halves.clone());
    pipelines.entry(key).or_insert_with(compile).clone()
}

/// Lets go of what was compiled for a device.
pub fn forget(device: &CubeDevice) {
    let mut pipelines = PIPELINES.lock().unwrap_or_else(PoisonError::into_inner);
    pipelines.retain(|(on, ..), _| on != device);
}
