//! The fixed sizes of networks that steps and sampling are measured at.

use crate::gpu::Backend;
use crate::recipe::{Data, Family, Method, Network, Optimiser, Precision, Recipe, Report, Student, Teacher};

/// A DDPM++ denoiser of images of three channels, and how it is trained and sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkSize {
    pub name: &'static str,
    /// Side of the images, pixels.
    pub resolution: usize,
    pub model_channels: usize,
    pub channel_mult: &'static [usize],
    pub num_blocks: usize,
    pub attn_resolutions: &'static [usize],
    /// 0 is unconditional.
    pub classes: usize,
    /// The network has inputs for EDM's augmentation labels; they stay 0, and images as they are.
    pub augment_inputs: bool,
    pub dropout: f64,
    pub teacher_batch: usize,
    /// Of students, and of samples.
    pub batch: usize,
    /// Heun steps of the teacher's sampler: 2 n - 1 evaluations an image.
    pub sample_steps: usize,
    /// The same network's name in the PyTorch script.
    pub torch_config: &'static str,
    /// Measured only where it is named: minutes a step on a CPU.
    pub large: bool,
    /// Of training.
    pub precision: Precision,
}

const TINY: NetworkSize = NetworkSize {
    name: "tiny",
    resolution: 16,
    model_channels: 24,
    channel_mult: &[1, 2],
    num_blocks: 1,
    attn_resolutions: &[8],
    classes: 0,
    augment_inputs: false,
    dropout: 0.0,
    teacher_batch: 32,
    batch: 16,
    sample_steps: 12,
    torch_config: "tiny",
    large: false,
    precision: Precision::F32,
};

const SMALL: NetworkSize =
    NetworkSize { name: "small", model_channels: 32, teacher_batch: 16, torch_config: "small16", ..TINY };

const SMALL32: NetworkSize = NetworkSize {
    name: "small32",
    resolution: 32,
    channel_mult: &[1, 2, 2],
    num_blocks: 2,
    attn_resolutions: &[16],
    augment_inputs: true,
    dropout: 0.13,
    sample_steps: 18,
    torch_config: "small",
    ..SMALL
};

const CIFAR: NetworkSize = NetworkSize {
    name: "cifar",
    model_channels: 128,
    channel_mult: &[2, 2, 2],
    num_blocks: 4,
    torch_config: "cifar",
    large: true,
    ..SMALL32
};

const CIFAR_COND: NetworkSize =
    NetworkSize { name: "cifar-cond", classes: 10, torch_config: "cifar_cond", ..CIFAR };

const FFHQ64: NetworkSize = NetworkSize {
    name: "ffhq64",
    resolution: 64,
    channel_mult: &[1, 2, 2, 2],
    torch_config: "ffhq64",
    ..CIFAR
};

/// Every size, the smallest first: the demo's, that of the other ready recipes, and those of EDM's papers.
pub const NETWORKS: [NetworkSize; 6] = [TINY, SMALL, SMALL32, CIFAR, CIFAR_COND, FFHQ64];

/// Images of a large network's batch on a CPU: a step still takes seconds.
const LARGE_CPU_BATCH: usize = 2;

impl NetworkSize {
    /// With the batch that the user asks for, or one that suits the backend.
    pub fn with_batch(self, batch: Option<usize>, backend: Backend) -> Self {
        let scarce = self.large && backend == Backend::Cpu;
        match batch.or(scarce.then_some(LARGE_CPU_BATCH)) {
            Some(batch) => Self { batch, teacher_batch: batch, ..self },
            None => self,
        }
    }

    /// A recipe that trains it.
    pub fn recipe(&self, method: Method) -> Recipe {
        Recipe {
            name: format!("bench-{}", self.name),
            seed: 0,
            precision: self.precision,
            data: Data { size: self.resolution, use_labels: self.classes > 0, ..Data::default() },
            network: Network {
                family: Family::Ddpmpp,
                model_channels: self.model_channels,
                channel_mult: self.channel_mult.to_vec(),
                num_blocks: self.num_blocks,
                attn_resolutions: self.attn_resolutions.to_vec(),
                dropout: self.dropout,
            },
            teacher: Teacher {
                batch: self.teacher_batch,
                // The smallest probability gives the network its inputs and leaves images alone.
                augment: if self.augment_inputs { f64::MIN_POSITIVE } else { 0.0 },
                sample_steps: self.sample_steps,
                ..Teacher::default()
            },
            student: Student { method, batch: self.batch, ..Student::default() },
            optimiser: Optimiser::default(),
            report: Report::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::torch::SCRIPT;
    use crate::diffusion::AUGMENT_LABELS;
    use crate::recipe;

    /// What `tiny` measures is what the demo does.
    #[test]
    fn tiny_is_the_demo() {
        let (demo, tiny) = (recipe::preset("demo").expect("the demo"), TINY.recipe(Method::Sign));
        assert_eq!(tiny.network, demo.network);
        assert_eq!((tiny.data.size, tiny.teacher.batch), (demo.data.size, demo.teacher.batch));
        assert_eq!((tiny.student.batch, tiny.student.method), (demo.student.batch, demo.student.method));
        assert_eq!(tiny.teacher.sample_steps, demo.teacher.sample_steps);
    }

    /// Its table of networks, line by line.
    #[test]
    fn the_pytorch_script_has_the_same_networks() {
        for size in NETWORKS {
            let augment = if size.augment_inputs { AUGMENT_LABELS } else { 0 };
            let line = format!(
                "\"{}\": dict(side={}, base={}, mult={:?}, blocks={}, attention={:?}, classes={}, \
                 augment={augment}, dropout={:?}, heun={}),",
                size.torch_config,
                size.resolution,
                size.model_channels,
                size.channel_mult,
                size.num_blocks,
                size.attn_resolutions,
                size.classes,
                size.dropout,
                size.sample_steps,
            );
            assert!(SCRIPT.lines().any(|own| own.trim() == line), "the script lacks {line}");
        }
    }

    #[test]
    fn every_size_is_a_network_that_can_be_trained() {
        for size in NETWORKS {
            recipe::check(&size.recipe(Method::Sid)).unwrap_or_else(|e| panic!("{}: {e}", size.name));
        }
    }

    #[test]
    fn large_networks_have_small_batches_on_a_cpu_unless_one_is_asked_for() {
        let batches = |size: NetworkSize, batch, backend| {
            let with = size.with_batch(batch, backend);
            [with.teacher_batch, with.batch]
        };
        assert_eq!(batches(TINY, None, Backend::Cpu), [32, 16]);
        assert_eq!(batches(CIFAR, None, Backend::Cpu), [2, 2]);
        assert_eq!(batches(CIFAR, None, Backend::Wgpu), [16, 16]);
        assert_eq!(batches(CIFAR, Some(5), Backend::Cpu), [5, 5]);
    }
}
