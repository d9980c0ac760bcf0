//! The WGSL of `shaders/`, compiled into the binary, and its template words.

use burn::backend::wgpu::SourceTemplate;

/// Threads of most workgroups: WebGPU's guaranteed maximum, and a power of two for the tree reduction.
pub const THREADS: u32 = 256;

/// Of a convolution's, whose threads hold 64 sums each: twice as many would need more registers than a core has.
pub const CONV_THREADS: u32 = 128;

/// One compute stage: its own file and the shared files with the rest of it.
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

const BOX_MULLER: &str = include_str!("../../../shaders/shared/box_muller.wgsl");
const ADAM_RULE: &str = include_str!("../../../shaders/shared/adam.wgsl");
const FINITE: &str = include_str!("../../../shaders/shared/finite.wgsl");
const FINITE_SUMS: &str = include_str!("../../../shaders/shared/finite_sums.wgsl");
const NORM: &str = include_str!("../../../shaders/shared/norm.wgsl");
const NORMALISER: &str = include_str!("../../../shaders/shared/normaliser.wgsl");
const OUTER: &str = include_str!("../../../shaders/shared/outer.wgsl");
const PARAMS: &str = include_str!("../../../shaders/shared/params.wgsl");
const PHILOX: &str = include_str!("../../../shaders/shared/philox.wgsl");
const REDUCE: &str = include_str!("../../../shaders/shared/reduce.wgsl");
const SAME_CONV_TILES: &str = include_str!("../../../shaders/shared/same_conv.wgsl");
const SCORE_LOSS: &str = include_str!("../../../shaders/shared/score_loss.wgsl");
const REDUCE_THREE: &str = include_str!("../../../shaders/shared/reduce_three.wgsl");

/// The stage in `shaders/` of this name, and its shared parts.
macro_rules! shader {
    ($name:literal $(, $shared:expr)*) => {
        Shader {
            name: $name,
            threads: THREADS,
            parts: &[include_str!(concat!("../../../shaders/", $name, ".wgsl")) $(, $shared)*],
        }
    };
}

pub static ADAM: Shader = shader!("adam", ADAM_RULE, FINITE);
pub static ADAM_AVERAGED: Shader = shader!("adam_averaged", ADAM_RULE, FINITE);
pub static DENOISE_LOSS: Shader = shader!("denoise_loss", PARAMS, REDUCE);
pub static DENOISE_LOSS_BACKWARD: Shader = shader!("denoise_loss_backward", PARAMS);
pub static DISTRIBUTION_MATCHING: Shader =
    shader!("distribution_matching", SCORE_LOSS, PARAMS, FINITE, NORMALISER, REDUCE_THREE);
pub static DISTRIBUTION_MATCHING_BACKWARD: Shader = shader!("distribution_matching_backward", PARAMS, FINITE);
pub static DRAW: Shader = shader!("draw", PHILOX, BOX_MULLER);
pub static DROPOUT: Shader = shader!("dropout", PHILOX);
pub static FEW_NUMBERS: Shader = shader!("few_numbers");
pub static FINITE_NORM: Shader = shader!("finite_norm", FINITE_SUMS, FINITE, REDUCE_THREE);
pub static FINITE_NORM_SIX: Shader = shader!("finite_norm_six", FINITE_SUMS, FINITE, REDUCE_THREE);
pub static FINITE_NORM_TOTAL: Shader = shader!("finite_norm_total", REDUCE_THREE);
pub static GATHER_SIX: Shader = shader!("gather_six");
pub static GROUP_NORM: Shader = shader!("group_norm", NORM, REDUCE);
pub static GROUP_NORM_BACKWARD: Shader = shader!("group_norm_backward", NORM, REDUCE);
pub static GROUP_NORM_BACKWARD_AFFINE: Shader = shader!("group_norm_backward_affine", NORM, REDUCE);
pub static PICK_IMAGES: Shader = shader!("pick_images");
pub static MATRIX_PRODUCTS: Shader = shader!("matrix_products", OUTER).with_threads(CONV_THREADS);
pub static PSEUDO_HUBER: Shader = shader!("pseudo_huber", PARAMS, REDUCE);
pub static PSEUDO_HUBER_BACKWARD: Shader = shader!("pseudo_huber_backward", PARAMS);
pub static RGBA_ROWS: Shader = shader!("rgba_rows");
pub static SAME_CONV: Shader =
    shader!("same_conv_forward", OUTER, SAME_CONV_TILES).with_threads(CONV_THREADS);
pub static SAME_CONV_SLOPE: Shader =
    shader!("same_conv_slope", OUTER, SAME_CONV_TILES).with_threads(CONV_THREADS);
pub static SAME_CONV_WEIGHTS: Shader = shader!("same_conv_weights", OUTER).with_threads(CONV_THREADS);
pub static SAME_CONV_WEIGHTS_SUM: Shader = shader!("same_conv_weights_sum");
pub static SOFTMAX: Shader = shader!("softmax", REDUCE);
pub static SOFTMAX_BACKWARD: Shader = shader!("softmax_backward", REDUCE);
pub static SID_GENERATOR_LOSS: Shader =
    shader!("sid_generator_loss", SCORE_LOSS, PARAMS, FINITE, NORMALISER, REDUCE_THREE);
pub static SID_GENERATOR_LOSS_BACKWARD: Shader = shader!("sid_generator_loss_backward", PARAMS);

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
    use naga::valid::{Capabilities, ValidationFlags, Validator};
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

    /// Validates against plain WebGPU: no capability beyond it may be needed, nor more bindings.
    #[test]
    fn every_shader_is_valid_wgsl() {
        for shader in ALL {
            let source = Stage { shader, constants: CONSTANTS.to_vec() }.source();
            assert!(!source.contains("{{"), "{}: a template word was left over", shader.name);
            let module = naga::front::wgsl::parse_str(&source)
                .unwrap_or_else(|error| panic!("{}", error.emit_to_string_with_path(&source, shader.name)));
            Validator::new(ValidationFlags::all(), Capabilities::empty())
                .validate(&module)
                .unwrap_or_else(|error| panic!("{}: {error:?}", shader.name));
            assert_eq!(module.entry_points.len(), 1, "{}", shader.name);
            let bindings = module.global_variables.iter().filter(|(_, v)| v.binding.is_some()).count();
            assert!(bindings <= MAX_STORAGE_BUFFERS, "{} binds {bindings} buffers", shader.name);
            assert_eq!(module.entry_points[0].workgroup_size, [shader.threads, 1, 1], "{}", shader.name);
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
