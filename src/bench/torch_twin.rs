//! What the PyTorch script calls the work of a benchmark.

use super::network::NetworkSize;
use crate::error::Result;

/// The same work in the script.
#[derive(Clone, Debug, PartialEq)]
pub struct TorchTwin {
    /// Its `--what`.
    pub what: &'static str,
    /// The phase that its answer names.
    pub phase: String,
    size: NetworkSize,
}

impl TorchTwin {
    pub(super) fn of(size: &NetworkSize, what: &'static str) -> Self {
        let phase = match what {
            "train" => "edm_train_step".into(),
            "sample" => "sample".into(),
            "heun" => format!("heun{}", size.sample_steps),
            step => format!("{step}_step"),
        };
        Self { what, phase, size: *size }
    }

    /// Its `--config`.
    pub fn config(&self) -> &'static str {
        self.size.torch_config
    }

    /// Trainable numbers of the network that both measure.
    ///
    /// # Errors
    /// A network that cannot be built.
    pub fn parameters(&self) -> Result<usize> {
        self.size.parameters(self.what == "sign")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::network::NETWORKS;

    /// As PyTorch counts the networks of the script: denoisers, and SIGN's students.
    const COUNTED: [(&str, [usize; 2]); 6] = [
        ("tiny", [423_219, 427_604]),
        ("small16", [749_891, 754_276]),
        ("small", [1_754_435, 1_758_820]),
        ("cifar", [55_733_891, 55_738_276]),
        ("cifar_cond", [55_735_299, 55_739_684]),
        ("ffhq64", [61_805_571, 61_809_956]),
    ];

    #[test]
    fn both_measure_networks_of_as_many_numbers() {
        for size in &NETWORKS {
            let twin = |what| TorchTwin::of(size, what).parameters().expect("a network");
            let counted = COUNTED.iter().find(|(config, _)| *config == size.torch_config);
            let (config, want) = counted.expect("it was counted");
            assert_eq!([twin("train"), twin("sign")], *want, "{config}");
            assert_eq!(twin("heun"), want[0]);
        }
    }

    #[test]
    fn phases_are_called_as_the_script_calls_them() {
        let phases = |size: usize| {
            ["train", "sid", "sign", "sample", "heun"].map(|what| TorchTwin::of(&NETWORKS[size], what).phase)
        };
        assert_eq!(phases(0), ["edm_train_step", "sid_step", "sign_step", "sample", "heun12"]);
        assert_eq!(phases(2)[4], "heun18");
    }
}
