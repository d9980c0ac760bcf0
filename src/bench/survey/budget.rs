//! How long a survey and its parts may take.

use super::job::{Extent, Network, Part, Plan};
use super::rows::ChosenDevice;

/// Seconds of the whole: on a GPU under five minutes.
const GPU_SECS: f64 = 285.0;
const CPU_SECS: f64 = 600.0;
/// Kernels are compiled for a CPU there, in seconds each, and then run on it.
const SOFTWARE_SECS: f64 = 1200.0;
const QUICK_SECS: f64 = 120.0;
/// What PyTorch adds: processes of its own, each with a warm-up.
const TORCH_SECS: f64 = 240.0;

/// A driver may take so long to start, however short the whole may be.
const LEAST_SECS: f64 = 10.0;
/// With less than that left, a part does not begin.
pub const TOO_FEW_SECS: f64 = 1.0;
/// Of its time a part begins things; what is left is for the last of them to end.
const BEGIN_SHARE: f64 = 0.7;

/// What the parts share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Seconds of the whole.
    pub secs: f64,
    /// Parts get so many times what they get on a GPU.
    scale: f64,
}

impl Budget {
    /// For this device; one that is not known yet may be a GPU.
    pub fn new(plan: &Plan, device: Option<&ChosenDevice>) -> Self {
        let torch = if plan.torch.is_some() { TORCH_SECS } else { 0.0 };
        let usual = torch
            + match (plan.extent, device) {
                (Extent::Quick, _) => QUICK_SECS,
                (Extent::Full, Some(device)) if device.is_software => SOFTWARE_SECS,
                (Extent::Full, Some(device)) if !device.is_wgpu => CPU_SECS,
                (Extent::Full, _) => GPU_SECS,
            };
        let secs = plan.budget_secs.unwrap_or(usual);
        let slower = (usual - torch) / GPU_SECS;
        Self { secs, scale: slower.max(1.0) * (secs / usual).min(1.0) }
    }

    /// Seconds until nothing more of the part begins, and until it is ended, where so many of the whole are left.
    pub fn of(&self, part: Part, left_secs: f64) -> [f64; 2] {
        let end = (on_a_gpu(part) * self.scale).max(LEAST_SECS).min(left_secs);
        [end * BEGIN_SHARE, end]
    }
}

/// The most that a part gets: together more than the whole, for most need far less.
fn on_a_gpu(part: Part) -> f64 {
    match part {
        Part::Machine | Part::Copies => 25.0,
        Part::SelfTests | Part::Kernels => 60.0,
        Part::Products | Part::Convolutions => 30.0,
        Part::Steps(Network::Tiny) | Part::Counts(_) => 45.0,
        Part::Steps(_) => 60.0,
        Part::Torch(_) => 80.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::survey::TorchAsk;
    use crate::gpu::DeviceSpec;

    fn device(is_wgpu: bool, is_software: bool) -> ChosenDevice {
        ChosenDevice { name: "a".into(), reason: "b".into(), is_wgpu, is_software }
    }

    #[test]
    fn a_gpu_has_less_than_five_minutes_and_slower_devices_more_for_each_part() {
        let mut plan =
            Plan { device: DeviceSpec::Auto, extent: Extent::Full, budget_secs: None, torch: None };
        let budget = |plan: &Plan, device: ChosenDevice| Budget::new(plan, Some(&device));
        let gpu = budget(&plan, device(true, false));
        assert!(gpu.secs < 300.0 && gpu == Budget::new(&plan, None));
        let [begin, end] = gpu.of(Part::Kernels, 200.0);
        assert!(begin < end && end == 60.0);
        assert_eq!(gpu.of(Part::Kernels, 7.0)[1], 7.0, "no longer than the whole");
        let software = budget(&plan, device(true, true));
        assert!(software.of(Part::Kernels, 1e4)[1] > 200.0);
        assert!(budget(&plan, device(false, false)).of(Part::Kernels, 1e4)[1] > end);
        plan.torch = Some(TorchAsk { python: "python3".into(), device: "cpu".into() });
        assert_eq!(
            budget(&plan, device(true, false)).of(Part::Kernels, 200.0)[1],
            60.0,
            "PyTorch adds its own"
        );
        plan.budget_secs = Some(30.0);
        let short = budget(&plan, device(true, true));
        assert_eq!((short.secs, short.of(Part::Kernels, 30.0)[1]), (30.0, LEAST_SECS));
    }
}
