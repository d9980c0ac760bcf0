//! The WGSL of `shaders/`, compiled into the binary, and its template words.

use burn::backend::wgpu::SourceTemplate;

/// Threads of one workgroup: WebGPU's guaranteed maximum, and a power of two for the tree reduction.
pub const THREADS: u32 = 256;

/// One compute stage: the file that holds `main` and the shared files it calls into.
#[derive(Debug)]
pub struct Shader {
    /// File name in `shaders/`, without `.wgsl`.
    pub name: &'static str,
    parts: &'static [&'static str],
}

const REDUCE: &str = include_str!("../../../shaders/shared/reduce.wgsl");
const NORM: &str = include_str!("../../../shaders/shared/norm.wgsl");

pub static DENOISE_LOSS: Shader =
    Shader { name: "denoise_loss", parts: &[include_str!("../../../shaders/denoise_loss.wgsl"), REDUCE] };
pub static DENOISE_LOSS_BACKWARD: Shader = Shader {
    name: "denoise_loss_backward",
    parts: &[include_str!("../../../shaders/denoise_loss_backward.wgsl")],
};
pub static PSEUDO_HUBER: Shader =
    Shader { name: "pseudo_huber", parts: &[include_str!("../../../shaders/pseudo_huber.wgsl"), REDUCE] };
pub static PSEUDO_HUBER_BACKWARD: Shader = Shader {
    name: "pseudo_huber_backward",
    parts: &[include_str!("../../../shaders/pseudo_huber_backward.wgsl")],
};
pub static GROUP_NORM: Shader =
    Shader { name: "group_norm", parts: &[include_str!("../../../shaders/group_norm.wgsl"), NORM, REDUCE] };
pub static GROUP_NORM_BACKWARD: Shader = Shader {
    name: "group_norm_backward",
    parts: &[include_str!("../../../shaders/group_norm_backward.wgsl"), NORM, REDUCE],
};
pub static GROUP_NORM_BACKWARD_AFFINE: Shader = Shader {
    name: "group_norm_backward_affine",
    parts: &[include_str!("../../../shaders/group_norm_backward_affine.wgsl"), NORM, REDUCE],
};

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
    use naga::valid::{Capabilities, ValidationFlags, Validator};
    use std::collections::BTreeSet;
    use std::path::Path;

    static ALL: [&Shader; 7] = [
        &DENOISE_LOSS,
        &DENOISE_LOSS_BACKWARD,
        &GROUP_NORM,
        &GROUP_NORM_BACKWARD,
        &GROUP_NORM_BACKWARD_AFFINE,
        &PSEUDO_HUBER,
        &PSEUDO_HUBER_BACKWARD,
    ];

    /// Validates against plain WebGPU: no capability beyond it may be needed.
    #[test]
    fn every_shader_is_valid_wgsl() {
        for shader in ALL {
            let source = shader.source();
            assert!(!source.contains("{{"), "{}: a template word was left over", shader.name);
            let module = naga::front::wgsl::parse_str(&source)
                .unwrap_or_else(|error| panic!("{}", error.emit_to_string_with_path(&source, shader.name)));
            Validator::new(ValidationFlags::all(), Capabilities::empty())
                .validate(&module)
                .unwrap_or_else(|error| panic!("{}: {error:?}", shader.name));
            assert_eq!(module.entry_points.len(), 1, "{}", shader.name);
            assert_eq!(module.entry_points[0].workgroup_size, [THREADS, 1, 1], "{}", shader.name);
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
