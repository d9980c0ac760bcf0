//! Launching a shader of ours on burn's GPU tensors, in one of three ways: as a cubecl source kernel
//! where burn compiles to WGSL, through wgpu itself where it compiles to SPIR-V or MSL (cubecl
//! refuses foreign sources there), and not at all elsewhere (then burn's own operations serve).

pub use burn::backend::wgpu::into_contiguous as contiguous;
use burn::backend::wgpu::{CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate};
use burn::backend::{DType, Shape, TensorMetadata};
use burn_cubecl::cubecl::prelude::{CubeCount, KernelId};
use burn_cubecl::cubecl::server::KernelArguments;

use super::shader::{Shader, THREADS};
use super::{params, probe, raw};

/// WebGPU's guaranteed number of workgroups in one dimension of a dispatch.
const MAX_GROUPS_PER_DIMENSION: u32 = 65_535;

/// Most elements of a tensor that a shader indexes: thread numbers of a rounded-up dispatch must
/// stay within u32. No binding reaches it (8 GiB); it only keeps the arithmetic honest.
const MAX_ELEMENTS: usize = 1 << 31;

/// How a shader gets onto a tensor's device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Source,
    Raw,
    Composed,
}

fn route(tensor: &CubeTensor) -> Route {
    let runtime = tensor.client.name();
    let takes_wgsl = runtime == "wgpu<wgsl>";
    if takes_wgsl && !probe::prefers_raw() {
        Route::Source
    } else if runtime.starts_with("wgpu") && raw::can_reach(&tensor.device) {
        Route::Raw
    } else if takes_wgsl {
        Route::Source
    } else {
        Route::Composed
    }
}

/// True if our shaders can take these tensors, the images first: single precision, not empty, not
/// too long to index, on a runtime that they reach.
pub fn takes(tensors: &[&CubeTensor]) -> bool {
    let f32_only = tensors.iter().all(|tensor| tensor.dtype() == DType::F32);
    let Some(images) = tensors.first() else { return false };
    let elements = images.shape().num_elements();
    f32_only && (1..=MAX_ELEMENTS).contains(&elements) && route(images) != Route::Composed
}

/// Runs a shader with one workgroup per sample. Inputs are the images (`[batch, …]`) first, then
/// numbers per sample; every output is `[batch]`.
pub fn per_sample<const OUTPUTS: usize>(
    shader: &'static Shader,
    inputs: Vec<CubeTensor>,
    scalar: f32,
) -> [CubeTensor; OUTPUTS] {
    let samples = inputs[0].shape()[0];
    dispatch(shader, inputs, Shape::new([samples]), scalar, samples)
}

/// Runs a shader with one thread per element. Inputs as in [`per_sample`]; every output has the images'
/// shape.
pub fn per_element<const OUTPUTS: usize>(
    shader: &'static Shader,
    inputs: Vec<CubeTensor>,
    scalar: f32,
) -> [CubeTensor; OUTPUTS] {
    let shape = inputs[0].shape();
    let groups = shape.num_elements().div_ceil(THREADS as usize);
    dispatch(shader, inputs, shape, scalar, groups)
}

/// A new tensor on the device of another, in its precision, with whatever its memory held.
pub fn empty_beside(tensor: &CubeTensor, shape: Shape) -> CubeTensor {
    let handle = tensor.client.empty(shape.num_elements() * tensor.dtype.size());
    CubeTensor::new_contiguous(tensor.client.clone(), tensor.device.clone(), shape, handle, tensor.dtype)
}

/// Binds inputs, new outputs of one shape and parameters in this order, and starts at least `groups`
/// workgroups.
fn dispatch<const OUTPUTS: usize>(
    shader: &'static Shader,
    inputs: Vec<CubeTensor>,
    shape: Shape,
    scalar: f32,
    groups: usize,
) -> [CubeTensor; OUTPUTS] {
    let inputs: Vec<CubeTensor> = inputs.into_iter().map(contiguous).collect();
    let outputs = std::array::from_fn(|_| empty_beside(&inputs[0], shape.clone()));
    let images = inputs[0].shape();
    let samples = images[0] as u32;
    let params = [samples, images.num_elements() as u32 / samples, scalar.to_bits(), 0];
    let tensors: Vec<&CubeTensor> = inputs.iter().chain(&outputs).collect();
    start(shader, &tensors, &params, groups);
    outputs
}

/// Binds tensors (contiguous, one at least) and as parameters the number of `elements` and `words`, and starts a thread
/// for each element.
pub fn for_each(shader: &'static Shader, tensors: &[&CubeTensor], elements: usize, words: &[u32]) {
    let params = [&[elements as u32][..], words].concat();
    start(shader, tensors, &params, elements.div_ceil(THREADS as usize));
}

/// Binds tensors (contiguous, one at least) and parameters in this order, and starts at least `groups`
/// workgroups.
pub fn start(shader: &'static Shader, tensors: &[&CubeTensor], params: &[u32], groups: usize) {
    let near = tensors[0];
    let client = &near.client;
    let params = params::on_device(near, params);
    let groups = groups as u32;
    let rows = groups.div_ceil(MAX_GROUPS_PER_DIMENSION);
    let grid = [groups.div_ceil(rows), rows];
    let handles = tensors.iter().map(|tensor| tensor.handle.clone()).chain([params]);
    match route(near) {
        Route::Source => {
            probe::count_source();
            client.launch(
                Box::new(SourceKernel::new(Source(shader), CubeDim::new_1d(THREADS))),
                CubeCount::Static(grid[0], grid[1], 1),
                KernelArguments::new().with_buffers(handles.map(|handle| handle.binding()).collect()),
            );
        }
        Route::Raw => {
            probe::count_raw();
            raw::dispatch(shader, near, handles, grid);
        }
        Route::Composed => unreachable!("`takes` was asked first"),
    }
}

/// A shader as cubecl wants it.
#[derive(Debug)]
struct Source(&'static Shader);

impl KernelSource for Source {
    fn source(&self) -> SourceTemplate {
        self.0.template()
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.0.name)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
