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

/// A shader with everything filled in that it leaves open: what is compiled.
#[derive(Clone, Debug)]
pub struct Stage {
    pub shader: &'static Shader,
    /// Numbers, by the names of their template words.
    pub constants: Vec<(&'static str, u32)>,
    /// Whether the numbers of each tensor that it binds are f16. A launch fills that in.
    pub halves: Vec<bool>,
}

impl Stage {
    pub fn new(shader: &'static Shader, constants: Vec<(&'static str, u32)>) -> Self {
        Self { shader, constants, halves: Vec::new() }
    }
}

impl From<&'static Shader> for Stage {
    /// A shader that leaves no number open.
    fn from(shader: &'static Shader) -> Self {
        Self::new(shader, Vec::new())
    }
}

const PREAMBLE: &str = include_str!("../../../shaders/shared/preamble.wgsl");
const ADAM_RULE: &str = include_str!("../../../shaders/shared/adam.wgsl");
const BOX_MULLER: &str = include_str!("../../../shaders/shared/box_muller.wgsl");
const NORM: &str = include_str!("../../../shaders/shared/norm.wgsl");
const NORMALISER: &str = include_str!("../../../shaders/shared/normaliser.wgsl");
const OUTER: &str = include_str!("../../../shaders/shared/outer.wgsl");
const PHILOX: &str = include_str!("../../../shaders/shared/philox.wgsl");
const SAME_CONV_TILES: &str = include_str!("../../../shaders/shared/same_conv.wgsl");
const SCORE_LOSS: &str = include_str!("../../../shaders/shared/score_loss.wgsl");
const WARP: &str = include_str!("../../../shaders/shared/warp.wgsl");

/// Template words for the types of the numbers in the tensors that a stage binds, in their order.
const TYPES: [&str; 6] = ["type_0", "type_1", "type_2", "type_3", "type_4", "type_5"];

/// Each with the number of its threads, its file's name in `shaders/`, and the parts that it shares with some others.
macro_rules! shaders {
    ($($name:ident: $threads:ident, $file:literal $(+ $shared:ident)*;)*) => {
        $(
            #[doc = concat!("`shaders/", $file, ".wgsl`.")]
            pub static $name: Shader = Shader {
                name: $file,
                threads: $threads,
                parts: &[PREAMBLE, include_str!(concat!("../../../shaders/", $file, ".wgsl")) $(, $shared)*],
            };
        )*

        #[cfg(test)]
        static ALL: &[&Shader] = &[$(&$name),*];
    };
}

shaders! {
    ADAM: THREADS, "adam" + ADAM_RULE;
    ADAM_AVERAGED: THREADS, "adam_averaged" + ADAM_RULE;
    CHANNEL_SUMS: THREADS, "channel_sums";
    DENOISE_LOSS: THREADS, "denoise_loss";
    DENOISE_LOSS_BACKWARD: THREADS, "denoise_loss_backward";
    DISTRIBUTION_MATCHING: THREADS, "distribution_matching" + SCORE_LOSS + NORMALISER;
    DISTRIBUTION_MATCHING_BACKWARD: THREADS, "distribution_matching_backward";
    DOUBLED: THREADS, "doubled";
    DRAW: THREADS, "draw" + PHILOX + BOX_MULLER;
    DROPOUT: THREADS, "dropout" + PHILOX;
    FEW_NUMBERS: THREADS, "few_numbers";
    FINITE_NORM: THREADS, "finite_norm";
    FINITE_NORM_TOTAL: THREADS, "finite_norm_total";
    GATHER_SIX: THREADS, "gather_six";
    GROUP_NORM: THREADS, "group_norm" + NORM;
    GROUP_NORM_BACKWARD: THREADS, "group_norm_backward" + NORM;
    GROUP_NORM_BACKWARD_AFFINE: THREADS, "group_norm_backward_affine" + NORM;
    HALVED: THREADS, "halved";
    JOINED: THREADS, "joined";
    MATRIX_PRODUCTS: CONV_THREADS, "matrix_products" + OUTER;
    PARTED: THREADS, "parted";
    PICK_IMAGES: THREADS, "pick_images";
    PSEUDO_HUBER: THREADS, "pseudo_huber";
    PSEUDO_HUBER_BACKWARD: THREADS, "pseudo_huber_backward";
    RGBA_ROWS: THREADS, "rgba_rows";
    SAME_CONV: CONV_THREADS, "same_conv_forward" + OUTER + SAME_CONV_TILES;
    SAME_CONV_SLOPE: CONV_THREADS, "same_conv_slope" + OUTER + SAME_CONV_TILES;
    SAME_CONV_WEIGHTS: CONV_THREADS, "same_conv_weights" + OUTER;
    SAME_CONV_WEIGHTS_SUM: THREADS, "same_conv_weights_sum";
    SCALED: THREADS, "scaled";
    SCALED_SUM: THREADS, "scaled_sum";
    SHIFTED: THREADS, "shifted";
    SID_GENERATOR_LOSS: THREADS, "sid_generator_loss" + SCORE_LOSS + NORMALISER;
    SID_GENERATOR_LOSS_BACKWARD: THREADS, "sid_generator_loss_backward";
    SOFTMAX: THREADS, "softmax";
    SOFTMAX_BACKWARD: THREADS, "softmax_backward";
    WARP_COLUMNS_DOUBLED: THREADS, "warp_columns_doubled" + WARP;
    WARP_COLUMNS_HALVED: THREADS, "warp_columns_halved" + WARP;
    WARP_ROWS_HALVED: THREADS, "warp_rows_halved" + WARP;
    WARP_ROWS_SAMPLED: THREADS, "warp_rows_sampled" + WARP;
}

impl Stage {
    /// The parts one after another, and what to fill in.
    pub fn template(&self) -> SourceTemplate {
        let has_half = self.halves.contains(&true);
        let enabled = if has_half { "enable f16;\n" } else { "" };
        let mut template = SourceTemplate::new(format!("{enabled}{}", self.shader.parts.join("\n")))
            .register("threads", self.shader.threads.to_string());
        for (name, number) in &self.constants {
            template = template.register(*name, number.to_string());
        }
        for (tensor, word) in TYPES.into_iter().enumerate() {
            let is_half = self.halves.get(tensor).is_some_and(|is_half| *is_half);
            template = template.register(word, if is_half { "f16" } else { "f32" });
        }
        template
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

    /// Numbers that shaders leave open: those of convolutions, products of matrices and softmaxes.
    const CONSTANTS: [(&str, u32); 29] = [
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

    /// All shaders on tensors of f32, and those that take others with f16 in the place of each type that they leave open.
    fn variants() -> impl Iterator<Item = Stage> {
        ALL.iter().flat_map(|shader| {
            let takes_half = shader.parts[1..].iter().any(|part| part.contains("{{ type_"));
            let halves = [Vec::new(), vec![true; TYPES.len()]].into_iter().take(1 + usize::from(takes_half));
            halves.map(|halves| Stage { shader, constants: CONSTANTS.to_vec(), halves })
        })
    }

    /// Validates against plain WebGPU: no capability beyond it may be needed, but for the f16 that a variant is about.
    fn validated(stage: &Stage) -> (Module, ModuleInfo) {
        let (shader, source) = (stage.shader, stage.source());
        let is_half = stage.halves.contains(&true);
        let beyond = if is_half { Capabilities::SHADER_FLOAT16 } else { Capabilities::empty() };
        assert!(!source.contains("{{"), "{}: a template word was left over", shader.name);
        let module = naga::front::wgsl::parse_str(&source)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string_with_path(&source, shader.name)));
        let info = Validator::new(ValidationFlags::all(), beyond)
            .validate(&module)
            .unwrap_or_else(|error| panic!("{}: {error:?}", shader.name));
        (module, info)
    }

    #[test]
    fn every_shader_is_valid_wgsl() {
        for stage in variants() {
            let (shader, (module, _info)) = (stage.shader, validated(&stage));
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
        for stage in variants() {
            let (shader, (module, info)) = (stage.shader, validated(&stage));
            let (shader_stage, entry_point) = main();
            let words = spv::write_vec(
                &module,
                &info,
                &spv::Options::default(),
                Some(&spv::PipelineOptions { shader_stage, entry_point }),
            );
            assert!(words.is_ok_and(|words| !words.is_empty()), "{}: no SPIR-V", shader.name);

            let pipeline = msl::PipelineOptions { entry_point: Some(main()), ..Default::default() };
            let (_text, written) = msl::write_string(&module, &info, &msl::Options::default(), &pipeline)
                .unwrap_or_else(|error| panic!("{}: {error}", shader.name));
            assert!(written.entry_point_names.iter().all(Result::is_ok), "{}: no MSL", shader.name);

            // Direct3D has no number of workgroups: wgpu passes it in a buffer of its own.
            let special = hlsl::BindTarget { space: 1, ..Default::default() };
            let mut options =
                hlsl::Options { special_constants_binding: Some(special), ..Default::default() };
            if stage.halves.contains(&true) {
                // The first that has f16.
                options.shader_model = hlsl::ShaderModel::V6_2;
            }
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
