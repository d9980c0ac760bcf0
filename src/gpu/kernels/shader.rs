//! The WGSL of `shaders/`, compiled into the binary, and its template words.

use burn::backend::wgpu::SourceTemplate;

/// Threads of most workgroups: WebGPU's guaranteed maximum, and a power of two for the tree reduction.
pub const THREADS: u32 = 256;

/// Of a convolution's, whose threads hold 64 sums each: twice as many would need more registers than a core has.
pub const CONV_THREADS: u32 = 128;

/// One compute stage: what all of them begin with, its own file, and shared files with the rest of it.
#[derive(Debug)]
pub struct Shader {
    /// File name in `shaders/`, without `.wgsl`.
    pub name: &'static str,
    /// Of one workgroup.
    pub threads: u32,
    parts: &'static [&'static str],
}

/// A shader with the numbers filled in that it leaves open: what is compiled.
#[derive(Clone, Debug)]
pub struct Stage {
    pub shader: &'static Shader,
    /// By the names of its template words.
    pub constants: Vec<(&'static str, u32)>,
}

impl From<&'static Shader> for Stage {
    /// A shader that leaves none open.
    fn from(shader: &'static Shader) -> Self {
        Self { shader, constants: Vec::new() }
    }
}

const PREAMBLE: &str = include_str!("../../../shaders/shared/preamble.wgsl");
const ADAM_RULE: &str = include_str!("../../../shaders/shared/adam.wgsl");
const BOX_MULLER: &str = include_str!("../../../shaders/shared/box_muller.wgsl");
const FINITE_SUMS: &str = include_str!("../../../shaders/shared/finite_sums.wgsl");
const NORM: &str = include_str!("../../../shaders/shared/norm.wgsl");
const NORMALISER: &str = include_str!("../../../shaders/shared/normaliser.wgsl");
const OUTER: &str = include_str!("../../../shaders/shared/outer.wgsl");
const PHILOX: &str = include_str!("../../../shaders/shared/philox.wgsl");
const SAME_CONV_TILES: &str = include_str!("../../../shaders/shared/same_conv.wgsl");
const SCORE_LOSS: &str = include_str!("../../../shaders/shared/score_loss.wgsl");

/// The stage in `shaders/` of this name, and the parts that it shares with some others.
macro_rules! shader {
    ($name:literal $(, $shared:expr)*) => {
        Shader {
            name: $name,
            threads: THREADS,
            parts: &[PREAMBLE, include_str!(concat!("../../../shaders/", $name, ".wgsl")) $(, $shared)*],
        }
    };
}

pub static ADAM: Shader = shader!("adam", ADAM_RULE);
pub static ADAM_AVERAGED: Shader = shader!("adam_averaged", ADAM_RULE);
pub static DENOISE_LOSS: Shader = shader!("denoise_loss");
pub static DENOISE_LOSS_BACKWARD: Shader = shader!("denoise_loss_backward");
pub static DISTRIBUTION_MATCHING: Shader = shader!("distribution_matching", SCORE_LOSS, NORMALISER);
pub static DISTRIBUTION_MATCHING_BACKWARD: Shader = shader!("distribution_matching_backward");
pub static DRAW: Shader = shader!("draw", PHILOX, BOX_MULLER);
pub static DROPOUT: Shader = shader!("dropout", PHILOX);
pub static FEW_NUMBERS: Shader = shader!("few_numbers");
pub static FINITE_NORM: Shader = shader!("finite_norm", FINITE_SUMS);
pub static FINITE_NORM_SIX: Shader = shader!("finite_norm_six", FINITE_SUMS);
pub static FINITE_NORM_TOTAL: Shader = shader!("finite_norm_total");
pub static GATHER_SIX: Shader = shader!("gather_six");
pub static GROUP_NORM: Shader = shader!("group_norm", NORM);
pub static GROUP_NORM_BACKWARD: Shader = shader!("group_norm_backward", NORM);
pub static GROUP_NORM_BACKWARD_AFFINE: Shader = shader!("group_norm_backward_affine", NORM);
pub static PICK_IMAGES: Shader = shader!("pick_images");
pub static MATRIX_PRODUCTS: Shader = shader!("matrix_products", OUTER).with_threads(CONV_THREADS);
pub static PSEUDO_HUBER: Shader = shader!("pseudo_huber");
pub static PSEUDO_HUBER_BACKWARD: Shader = shader!("pseudo_huber_backward");
pub static RGBA_ROWS: Shader = shader!("rgba_rows");
pub static SAME_CONV: Shader =
    shader!("same_conv_forward", OUTER, SAME_CONV_TILES).with_threads(CONV_THREADS);
pub static SAME_CONV_SLOPE: Shader =
    shader!("same_conv_slope", OUTER, SAME_CONV_TILES).with_threads(CONV_THREADS);
pub static SAME_CONV_WEIGHTS: Shader = shader!("same_conv_weights", OUTER).with_threads(CONV_THREADS);
pub static SAME_CONV_WEIGHTS_SUM: Shader = shader!("same_conv_weights_sum");
pub static SOFTMAX: Shader = shader!("softmax");
pub static SOFTMAX_BACKWARD: Shader = shader!("softmax_backward");
pub static SID_GENERATOR_LOSS: Shader = shader!("sid_generator_loss", SCORE_LOSS, NORMALISER);
pub static SID_GENERATOR_LOSS_BACKWARD: Shader = shader!("sid_generator_loss_backward");

impl Shader {
    const fn with_threads(self, threads: u32) -> Self {
        Self { threads, ..self }
    }
}

impl Stage {
    /// The parts one after another, and what to fill in.
    pub fn template(&self) -> SourceTemplate {
        let template = SourceTemplate::new(self.shader.parts.join("\n"));
        let template = template.register("threads", self.shader.threads.to_string());
        self.constants.iter().fold(template, |all, (name, number)| all.register(*name, number.to_string()))
    }

    /// WGSL that a driver takes.
    pub fn source(&self) -> String {
        self.template().complete()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use naga::back::{hlsl, msl, spv};
    use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
    use naga::{Module, ShaderStage};
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Storage buffers that a stage may bind on every WebGPU device.
    const MAX_STORAGE_BUFFERS: usize = 8;

    static ALL: [&Shader; 29] = [
        &ADAM,
        &ADAM_AVERAGED,
        &DENOISE_LOSS,
        &DENOISE_LOSS_BACKWARD,
        &DISTRIBUTION_MATCHING,
        &DISTRIBUTION_MATCHING_BACKWARD,
        &DRAW,
        &DROPOUT,
        &FEW_NUMBERS,
        &FINITE_NORM,
        &FINITE_NORM_SIX,
        &FINITE_NORM_TOTAL,
        &GATHER_SIX,
        &GROUP_NORM,
        &GROUP_NORM_BACKWARD,
        &GROUP_NORM_BACKWARD_AFFINE,
        &PICK_IMAGES,
        &MATRIX_PRODUCTS,
        &PSEUDO_HUBER,
        &PSEUDO_HUBER_BACKWARD,
        &RGBA_ROWS,
        &SAME_CONV,
        &SAME_CONV_SLOPE,
        &SAME_CONV_WEIGHTS,
        &SAME_CONV_WEIGHTS_SUM,
        &SOFTMAX,
        &SOFTMAX_BACKWARD,
        &SID_GENERATOR_LOSS,
        &SID_GENERATOR_LOSS_BACKWARD,
    ];

    /// Numbers that shaders leave open: those of a convolution.
    const CONSTANTS: [(&str, u32); 30] = [
        ("batch", 2),
        ("inputs", 3),
        ("outputs", 5),
        ("height", 7),
        ("width", 6),
        ("kernel_rows", 3),
        ("kernel_columns", 1),
        ("rows", 32),
        ("columns", 256),
        ("depth", 8),
        ("first_tile", 3),
        ("is_turned", 1),
        ("slices", 2),
        ("weights", 9),
        ("m", 3),
        ("n", 4),
        ("k", 5),
        ("a_offset", 1),
        ("a_batch", 30),
        ("a_m", 5),
        ("a_k", 1),
        ("b_offset", 2),
        ("b_batch", 40),
        ("b_k", 4),
        ("b_n", 1),
        ("c_offset", 0),
        ("c_batch", 50),
        ("c_m", 4),
        ("length", 7),
        ("scale_bits", 0x3f80_0000),
    ];

    /// Validates against plain WebGPU: no capability beyond it may be needed.
    fn validated(shader: &'static Shader) -> (Module, ModuleInfo) {
        let source = Stage { shader, constants: CONSTANTS.to_vec() }.source();
        assert!(!source.contains("{{"), "{}: a template word was left over", shader.name);
        let module = naga::front::wgsl::parse_str(&source)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string_with_path(&source, shader.name)));
        let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{}: {error:?}", shader.name));
        (module, info)
    }

    #[test]
    fn every_shader_is_valid_wgsl() {
        for shader in ALL {
            let (module, _info) = validated(shader);
            assert_eq!(module.entry_points.len(), 1, "{}", shader.name);
            let bindings = module.global_variables.iter().filter(|(_, v)| v.binding.is_some()).count();
            assert!(bindings <= MAX_STORAGE_BUFFERS, "{} binds {bindings} buffers", shader.name);
            assert_eq!(module.entry_points[0].workgroup_size, [shader.threads, 1, 1], "{}", shader.name);
            // `preamble.wgsl` says why.
            let inputs = &module.entry_points[0].function.arguments;
            assert!(
                inputs.iter().all(|input| input.binding.is_some()),
                "{} has a struct of inputs",
                shader.name
            );
        }
    }

    /// What wgpu gives to drivers of Vulkan, Metal and Direct3D, none of which runs here but the first.
    #[test]
    fn every_shader_becomes_what_drivers_take() {
        let main = || (ShaderStage::Compute, "main".to_string());
        for shader in ALL {
            let (module, info) = validated(shader);
            let (shader_stage, entry_point) = main();
            let words = spv::write_vec(
                &module,
                &info,
                &spv::Options::default(),
                Some(&spv::PipelineOptions { shader_stage, entry_point }),
            );
            assert!(words.is_ok_and(|words| !words.is_empty()), "{}: no SPIR-V", shader.name);

            let options = msl::PipelineOptions { entry_point: Some(main()), ..Default::default() };
            let (_text, written) = msl::write_string(&module, &info, &msl::Options::default(), &options)
                .unwrap_or_else(|error| panic!("{}: {error}", shader.name));
            assert!(written.entry_point_names.iter().all(Result::is_ok), "{}: no MSL", shader.name);

            // Direct3D has no number of workgroups: wgpu passes it in a buffer of its own.
            let special = hlsl::BindTarget { space: 1, ..Default::default() };
            let options = hlsl::Options { special_constants_binding: Some(special), ..Default::default() };
            let pipeline = hlsl::PipelineOptions { entry_point: Some(main()) };
            let mut text = String::new();
            let written = hlsl::Writer::new(&mut text, &options, &pipeline)
                .write(&module, &info, None)
                .unwrap_or_else(|error| panic!("{}: {error}", shader.name));
            assert!(written.entry_point_names.iter().all(Result::is_ok), "{}: no HLSL", shader.name);
        }
    }

    /// A file that nothing compiles would pass every other test.
    #[test]
    fn every_file_in_shaders_is_used() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
        let read = |folder: &Path| -> Vec<std::path::PathBuf> {
            let entries = std::fs::read_dir(folder).expect("the repository has this folder");
            entries.map(|entry| entry.expect("readable").path()).filter(|path| path.is_file()).collect()
        };
        let stages: BTreeSet<String> = read(&folder)
            .iter()
            .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        assert_eq!(stages, ALL.iter().map(|shader| shader.name.to_string()).collect());
        for path in read(&folder.join("shared")) {
            let text = std::fs::read_to_string(&path).expect("readable");
            let used = ALL.iter().any(|shader| shader.parts.contains(&text.as_str()));
            assert!(used, "{} is not part of any shader", path.display());
        }
    }
}
