//! Whether the window draws on the trainer's device. The trainer's comes first: burn asks an adapter for all
//! that its kernels use, a window is content with any device that reaches its surface. Neither egui nor eframe
//! sets the device's error handlers, so burn's watch for a lost device stays in place.

use std::fmt;

use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupExisting};

use crate::gpu::{self, DeviceSpec, Neighbour};

/// How pictures get from the trainer to the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// They stay on the device.
    Device,
    /// They are uploaded from the host, for this reason.
    Host(String),
}

impl fmt::Display for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sharing::Device => write!(f, "the window draws from the trainer's memory"),
            Sharing::Host(why) => write!(f, "pictures go through the host: {why}"),
        }
    }
}

/// The device that the trainer computes on, as a window takes it, and its adapter's name; or why there is
/// none to share.
pub fn offered(device: &DeviceSpec) -> Result<(WgpuSetup, String), String> {
    // A device that does not open is the trainer's to report.
    let opened = gpu::open_beside(device, Neighbour::Window)
        .map_err(|_| "the trainer's device could not be opened".to_owned())?;
    let setup = opened.setup.ok_or("the trainer computes on the CPU")?;
    let name = setup.adapter.get_info().name;
    let setup = WgpuSetupExisting {
        instance: setup.instance,
        adapter: setup.adapter,
        device: setup.device,
        queue: setup.queue,
    };
    Ok((WgpuSetup::Existing(setup), name))
}

/// A window's settings with this device.
pub fn configuration(wgpu_setup: WgpuSetup) -> WgpuConfiguration {
    WgpuConfiguration { wgpu_setup, ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trainer_on_the_cpu_has_nothing_to_share_and_says_so() {
        let why = offered(&DeviceSpec::Cpu).expect_err("the CPU is no graphics device");
        assert_eq!(
            Sharing::Host(why).to_string(),
            "pictures go through the host: the trainer computes on the CPU"
        );
        assert!(offered(&DeviceSpec::Wgpu(Some(usize::MAX))).is_err());
    }
}
