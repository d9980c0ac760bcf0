//! The parts of a survey, and what whoever measures one is told.

use crate::gpu::DeviceSpec;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    pub device: DeviceSpec,
    pub extent: Extent,
    /// Seconds of the whole, in place of those that suit the device.
    pub budget_secs: Option<f64>,
    pub torch: Option<TorchAsk>,
}

/// One part. The first is needed to judge all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Machine,
    SelfTests,
    Copies,
    Products,
    Convolutions,
    Kernels,
    /// Times of training steps.
    Steps(Network),
    /// What they ask of a GPU.
    Counts(Network),
    /// Both sides of a comparison with PyTorch.
    Torch(Network),
}

/// The benchmarks' networks that a survey has, the smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    Tiny,
    Small32,
    Cifar,
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// The smallest shapes and few repeats: whether all of it works.
    Quick,
    Full,
}

/// PyTorch to measure beside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TorchAsk {
    pub python: PathBuf,
    /// PyTorch's name of it: `cpu`, `cuda`.
    pub device: String,
}

/// What to measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub part: Part,
    /// As `--device` has it.
    pub device: String,
    pub extent: Extent,
    /// After so many seconds nothing more of the part begins.
    pub begin_secs: f64,
    /// After so many it is ended, whatever it does.
    pub end_secs: f64,
    pub torch: Option<TorchAsk>,
}

/// From its JSON.
impl FromStr for Job {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| format!("this is no part of a report: {e}"))
    }
}

impl Part {
    /// The parts in their order: what may take longest comes last, so that it is what a short time cuts off.
    pub fn all(extent: Extent, with_torch: bool) -> Vec<Self> {
        let networks: &[Network] = match extent {
            Extent::Quick => &[Network::Tiny],
            Extent::Full => &[Network::Tiny, Network::Small32, Network::Cifar],
        };
        let first =
            [Self::Machine, Self::SelfTests, Self::Copies, Self::Products, Self::Convolutions, Self::Kernels];
        let of = |network: &Network| {
            let torch = with_torch.then_some(Self::Torch(*network));
            [Self::Steps(*network), Self::Counts(*network)].into_iter().chain(torch)
        };
        first.into_iter().chain(networks.iter().flat_map(of)).collect()
    }

    /// Its name in a report.
    pub fn name(self) -> String {
        match self {
            Self::Machine => "machine".into(),
            Self::SelfTests => "self_tests".into(),
            Self::Copies => "copies".into(),
            Self::Products => "products".into(),
            Self::Convolutions => "convolutions".into(),
            Self::Kernels => "kernels".into(),
            Self::Steps(network) => format!("steps_{}", network.name()),
            Self::Counts(network) => format!("counts_{}", network.name()),
            Self::Torch(network) => format!("torch_{}", network.name()),
        }
    }

    /// What is done, in words.
    pub fn title(self) -> String {
        match self {
            Self::Machine => "looking at the machine".into(),
            Self::SelfTests => "testing what it calculates".into(),
            Self::Copies => "copying".into(),
            Self::Products => "multiplying matrices".into(),
            Self::Convolutions => "convolving".into(),
            Self::Kernels => "timing kernels".into(),
            Self::Steps(network) => format!("timing steps of {}", network.name()),
            Self::Counts(network) => format!("counting what steps of {} ask for", network.name()),
            Self::Torch(network) => format!("measuring {} beside PyTorch", network.name()),
        }
    }

    /// The same work on the next smaller network.
    pub(super) fn smaller(self) -> Option<Self> {
        let smaller = |network| match network {
            Network::Tiny => None,
            Network::Small32 => Some(Network::Tiny),
            Network::Cifar => Some(Network::Small32),
        };
        match self {
            Self::Steps(network) => smaller(network).map(Self::Steps),
            Self::Counts(network) => smaller(network).map(Self::Counts),
            Self::Torch(network) => smaller(network).map(Self::Torch),
            _ => None,
        }
    }
}

impl Network {
    /// Its name among the benchmarks.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small32 => "small32",
            Self::Cifar => "cifar",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_part_has_a_name_and_the_largest_come_last() {
        let parts = Part::all(Extent::Full, true);
        let names: BTreeSet<String> = parts.iter().map(|part| part.name()).collect();
        assert_eq!((parts.len(), names.len()), (15, 15), "{names:?}");
        assert_eq!(parts.first(), Some(&Part::Machine));
        let cifar = |part: &Part| part.name().ends_with("_cifar");
        assert!(parts[12..].iter().all(cifar) && !parts[..12].iter().any(cifar), "{parts:?}");
        assert_eq!(Part::all(Extent::Quick, false).len(), 8);
    }

    #[test]
    fn a_job_is_read_back_from_what_is_written_of_it() {
        let job = Job {
            part: Part::Steps(Network::Small32),
            device: "wgpu:0".into(),
            extent: Extent::Full,
            begin_secs: 30.5,
            end_secs: 45.0,
            torch: Some(TorchAsk { python: "python3".into(), device: "cpu".into() }),
        };
        let text = serde_json::to_string(&job).expect("plain data");
        assert_eq!(text.parse(), Ok(job));
        assert!("{}".parse::<Job>().is_err());
    }
}
