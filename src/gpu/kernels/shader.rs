//! The WGSL of `shaders/`, compiled into the binary, and its template words.

use burn::backend::wgpu::SourceTemplate;

/// Threads of one workgroup: WebGPU's guaranteed maximum, and a power of two for the tree reduction.
pub const THREADS: u32 = 256;

/// One compute stage: what all of them begin with, its own file, and shared files with the rest of it.
#[derive(Debug)]
pub struct Shader {
    /// File name in `shaders/`, without `.wgsl`.
    pub name: &'static str,
    parts: &'static [&'static str],
}

const PREAMBLE: &str = include_str!("../../../shaders/shared/preamble.wgsl");
const NORM: &str = include_str!("../../../shaders/shared/norm.wgsl");
const NORMALISER: &str = include_str!("../../../shaders/shared/normaliser.wgsl");
const SCORE_LOSS: &str = include_str!("../../../shaders/shared/score_loss.wgsl");

/// The stage in `shaders/` of this name, and the parts that it shares with some others.
macro_rules! shader {
    ($name:literal $(, $shared:expr)*) => {
        Shader {
            name: $name,
            parts: &[PREAMBLE, include_str!(concat!("../../../shaders/", $name, ".wgsl")) $(, $shared)*],
        }
    };
}

pub static CHANNEL_SUMS: Shader = shader!("channel_sums");
pub static DENOISE_LOSS: Shader = shader!("denoise_loss");
pub static DENOISE_LOSS_BACKWARD: Shader = shader!("denoise_loss_backward");
pub static DISTRIBUTION_MATCHING: Shader = shader!("distribution_matching", SCORE_LOSS, NORMALISER);
pub static DISTRIBUTION_MATCHING_BACKWARD: Shader = shader!("distribution_matching_backward");
pub static DOUBLED: Shader = shader!("doubled");
pub static FINITE_NORM: Shader = shader!("finite_norm");
pub static GROUP_NORM: Shader = shader!("group_norm", NORM);
pub static GROUP_NORM_BACKWARD: Shader = shader!("group_norm_backward", NORM);
pub static GROUP_NORM_BACKWARD_AFFINE: Shader = shader!("group_norm_backward_affine", NORM);
pub static HALVED: Shader = shader!("halved");
pub static JOINED: Shader = shader!("joined");
pub static PARTED: Shader = shader!("parted");
pub static PSEUDO_HUBER: Shader = shader!("pseudo_huber");
pub static PSEUDO_HUBER_BACKWARD: Shader = shader!("pseudo_huber_backward");
pub static RGBA_ROWS: Shader = shader!("rgba_rows");
pub static SCALED: Shader = shader!("scaled");
pub static SCALED_SUM: Shader = shader!("scaled_sum");
pub static SHIFTED: Shader = shader!("shifted");
pub static SID_GENERATOR_LOSS: Shader = shader!("sid_generator_loss", SCORE_LOSS, NORMALISER);
pub static SID_GENERATOR_LOSS_BACKWARD: Shader = shader!("sid_generator_loss_backward");

impl Shader {
    /// The parts one after another, `{{ threads }}` not yet filled in.
    pub fn template(&self) -> SourceTemplate {
        SourceTemplate::new(self.parts.join("\n")).register("threads", THREADS.to_string())
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

    static ALL: [&Shader; 21] = [
        &CHANNEL_SUMS,
        &DENOISE_LOSS,
        &DENOISE_LOSS_BACKWARD,
        &DISTRIBUTION_MATCHING,
        &DISTRIBUTION_MATCHING_BACKWARD,
        &DOUBLED,
        &FINITE_NORM,
        &GROUP_NORM,
        &GROUP_NORM_BACKWARD,
        &GROUP_NORM_BACKWARD_AFFINE,
        &HALVED,
        &JOINED,
        &PARTED,
        &PSEUDO_HUBER,
        &PSEUDO_HUBER_BACKWARD,
        &RGBA_ROWS,
        &SCALED,
        &SCALED_SUM,
        &SHIFTED,
        &SID_GENERATOR_LOSS,
        &SID_GENERATOR_LOSS_BACKWARD,
    ];

    /// Validates against plain WebGPU: no capability beyond it may be needed.
    fn validated(shader: &Shader) -> (Module, ModuleInfo) {
        let source = shader.source();
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
            assert_eq!(module.entry_points[0].workgroup_size, [THREADS, 1, 1], "{}", shader.name);
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
