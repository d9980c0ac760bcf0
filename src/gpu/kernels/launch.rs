//! Launching a shader of ours on burn's GPU tensors, in one of three ways: as a cubecl source kernel
//! where burn compiles to WGSL, through wgpu itself where it compiles to SPIR-V or MSL (cubecl
//! refuses foreign sources there), and not at all elsewhere (then burn's own operations serve).

pub use burn::backend::wgpu::into_contiguous as contiguous;
use burn::backend::wgpu::{CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate};
use burn::backend::{DType, Shape, TensorMetadata};
use burn_cubecl::cubecl::prelude::{CubeCount, ExecutionMode, KernelId};
use burn_cubecl::cubecl::server::{Handle, KernelArguments, MetadataBindingInfo};

use super::super::pace;
use super::shader::{Shader, Stage, THREADS};
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

/// True if shaders that take images in half precision too can take these: `images`, in one precision of both, the first
/// not empty and not too long to index; beside them `numbers`, in single precision.
pub fn takes_images(images: &[&CubeTensor], numbers: &[&CubeTensor]) -> bool {
    let Some(first) = images.first() else { return false };
    let precision = first.dtype();
    let fits = |tensors: &[&CubeTensor], dtype| tensors.iter().all(|tensor| tensor.dtype() == dtype);
    matches!(precision, DType::F32 | DType::F16)
        && fits(images, precision)
        && fits(numbers, DType::F32)
        && (1..=MAX_ELEMENTS).contains(&first.shape().num_elements())
        && route(first) != Route::Composed
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
    empty(tensor, shape, tensor.dtype)
}

/// The same in single precision, whatever the other's is: sums and statistics.
pub fn single_beside(tensor: &CubeTensor, shape: Shape) -> CubeTensor {
    empty(tensor, shape, DType::F32)
}

fn empty(near: &CubeTensor, shape: Shape, dtype: DType) -> CubeTensor {
    let handle = near.client.empty(shape.num_elements() * dtype.size());
    CubeTensor::new_contiguous(near.client.clone(), near.device.clone(), shape, handle, dtype)
}

/// The same numbers, contiguous, in memory that a shader may write over: without a copy if nobody else holds it. With
/// kernel fusion it is held by nobody else as soon as the tensor was given away, for then its handle is, too.
pub fn owned(tensor: CubeTensor) -> CubeTensor {
    let tensor = contiguous(tensor);
    if tensor.can_mut() { tensor } else { tensor.copy() }
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

/// Binds tensors (contiguous, one at least) and parameters, if there are any, in this order, and starts at least
/// `groups` workgroups. The parameters stay on the device, for the next launch with the same.
pub fn start(stage: impl Into<Stage>, tensors: &[&CubeTensor], params: &[u32], groups: usize) {
    start_heavy(stage, tensors, params, groups, work_of(tensors));
}

/// [`start`] of a kernel that does so many multiply-adds, where the bytes of its tensors do not tell its time.
pub fn start_heavy(
    stage: impl Into<Stage>,
    tensors: &[&CubeTensor],
    params: &[u32],
    groups: usize,
    multiply_adds: u64,
) {
    let last =
        if params.is_empty() { Last::Nothing } else { Last::Kept(params::on_device(tensors[0], params)) };
    run(stage.into(), tensors, last, groups, multiply_adds);
}

/// [`start`] with parameters that no later launch has, as the number of a step: they are not kept.
pub fn start_once(stage: impl Into<Stage>, tensors: &[&CubeTensor], params: &[u32], groups: usize) {
    run(stage.into(), tensors, Last::Once(params), groups, work_of(tensors));
}

/// Multiply-adds that take as long as to read or write these tensors once.
fn work_of(tensors: &[&CubeTensor]) -> u64 {
    let bytes = |tensor: &&CubeTensor| (tensor.shape().num_elements() * tensor.dtype.size()) as u64;
    pace::MULTIPLY_ADDS_A_BYTE * tensors.iter().map(bytes).sum::<u64>()
}

/// The parameters of a launch, bound behind its tensors.
enum Last<'a> {
    Nothing,
    Kept(Handle),
    Once(&'a [u32]),
}

fn run(mut stage: Stage, tensors: &[&CubeTensor], last: Last<'_>, groups: usize, multiply_adds: u64) {
    let near = tensors[0];
    pace::before(near, multiply_adds);
    stage.halves = tensors.iter().map(|tensor| tensor.dtype() == DType::F16).collect();
    let client = &near.client;
    let groups = groups as u32;
    let rows = groups.div_ceil(MAX_GROUPS_PER_DIMENSION);
    let grid = [groups.div_ceil(rows), rows];
    let mut handles: Vec<Handle> = tensors.iter().map(|tensor| tensor.handle.clone()).collect();
    match route(near) {
        Route::Source => {
            let mut arguments = KernelArguments::new();
            match last {
                Last::Nothing => {}
                Last::Kept(params) => handles.push(params),
                // As cubecl tells its own kernels of shapes: it has memory for that, remembers the last few hundred
                // sets, and submits nothing, as it does for an upload.
                Last::Once(params) => arguments = arguments.with_info(info(params)),
            }
            let buffers = handles.into_iter().map(Handle::binding).collect();
            probe::count_source();
            let threads = CubeDim::new_1d(stage.shader.threads);
            client.launch(
                Box::new(SourceKernel::new(Source(stage), threads)),
                CubeCount::Static(grid[0], grid[1], 1),
                arguments.with_buffers(buffers),
            );
        }
        Route::Raw => {
            match last {
                Last::Nothing => {}
                Last::Kept(params) => handles.push(params),
                Last::Once(params) => handles.push(client.create_from_slice(bytemuck::cast_slice(params))),
            }
            probe::count_raw();
            raw::dispatch(&stage, near, handles.into_iter(), grid);
        }
        Route::Composed => unreachable!("`takes` was asked first"),
    }
}

/// Words as cubecl binds them behind a kernel's buffers: two in each, the first in the lower half.
fn info(words: &[u32]) -> MetadataBindingInfo {
    let pair = |two: &[u32]| two.iter().rev().fold(0u64, |pair, word| (pair << 32) | u64::from(*word));
    MetadataBindingInfo::custom(words.chunks(2).map(pair).collect())
}

/// A shader as cubecl wants it.
#[derive(Debug)]
struct Source(Stage);

impl KernelSource for Source {
    fn source(&self) -> SourceTemplate {
        self.0.template()
    }

    fn id(&self) -> KernelId {
        let Stage { shader, constants, halves } = &self.0;
        // Unchecked, the driver does not count the rounds of every loop in case one never ends. Ours end, and a count
        // keeps the innermost ones from being unrolled.
        KernelId::new::<Self>()
            .info((shader.name, constants.clone(), halves.clone()))
            .mode(ExecutionMode::Unchecked)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_lie_in_pairs_as_they_lay_one_by_one() {
        let words = [1, u32::MAX, 3, 4, 5];
        let info = super::info(&words);
        let bytes: Vec<u8> = info.data.iter().flat_map(|pair| pair.to_le_bytes()).collect();
        let expected: Vec<u8> = words.iter().chain(&[0]).flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(bytes, expected);
    }
}
