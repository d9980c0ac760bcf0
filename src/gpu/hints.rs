//! What to install or change when a GPU is missing.

use std::path::Path;

use super::adapters::Adapter;

/// PCI vendor numbers of the GPU makers.
const NVIDIA: u32 = 0x10de;
const AMD: u32 = 0x1002;
const INTEL: u32 = 0x8086;

/// What the advice depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    /// wgpu found an adapter that is not software.
    hardware: bool,
    /// wgpu found a software rasteriser.
    software: bool,
    /// PCI vendors of the display devices that the kernel knows.
    vendors: Vec<u32>,
    /// A render node exists that this user may not open.
    denied: bool,
}

/// Advice for this machine; empty when a GPU is ready.
pub fn for_this_machine(adapters: &[Adapter]) -> Vec<String> {
    let facts = Facts {
        hardware: adapters.iter().any(|adapter| !adapter.is_software()),
        software: adapters.iter().any(Adapter::is_software),
        vendors: display_vendors(Path::new("/sys/class/drm")),
        denied: any_denied(Path::new("/dev/dri")),
    };
    if cfg!(target_os = "linux") { linux(&facts) } else { elsewhere(&facts) }
}

fn linux(facts: &Facts) -> Vec<String> {
    let mut advice = Vec::new();
    if facts.hardware {
        return advice;
    }
    if facts.denied {
        advice.push(
            "this user may not open /dev/dri/renderD*: join the group `render` (sudo usermod -aG render \
             $USER), then log in again"
                .into(),
        );
    }
    for vendor in &facts.vendors {
        let text = match *vendor {
            NVIDIA => {
                "an NVIDIA GPU is built in, but its Vulkan driver is not: install nvidia-driver (Debian) or \
                 nvidia-driver-NNN (Ubuntu) and libvulkan1; in a container, set \
                 NVIDIA_DRIVER_CAPABILITIES=all"
            }
            AMD | INTEL => {
                "an AMD or Intel GPU is built in, but its Vulkan driver is not: install mesa-vulkan-drivers \
                 and libvulkan1 (Debian, Ubuntu), or vulkan-radeon / vulkan-intel (Arch)"
            }
            _ => continue,
        };
        if !advice.iter().any(|given| given == text) {
            advice.push(text.into());
        }
    }
    if advice.is_empty() {
        advice.push("no GPU is built in: training runs on burn's CPU backend".into());
    }
    if !facts.software {
        advice.push(
            "without any Vulkan adapter the GPU tests cannot run: mesa-vulkan-drivers and libvulkan1 \
             (Debian, Ubuntu) bring a software rasteriser for them"
                .into(),
        );
    }
    advice
}

fn elsewhere(facts: &Facts) -> Vec<String> {
    if facts.hardware {
        return Vec::new();
    }
    let text = if cfg!(target_os = "macos") {
        "no Metal GPU found: training runs on burn's CPU backend"
    } else {
        "no GPU found: install the maker's driver (NVIDIA, AMD or Intel); until then training runs on \
         burn's CPU backend"
    };
    vec![text.into()]
}

/// The vendors of `card*/device/vendor`, each once. Empty where the folder is not there.
fn display_vendors(folder: &Path) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut vendors: Vec<u32> = entries
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("device/vendor")).ok())
        .filter_map(|text| u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok())
        .collect();
    vendors.sort_unstable();
    vendors.dedup();
    vendors
}

/// True if a render node refuses to be opened for want of permission.
fn any_denied(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
        .filter_map(|node| std::fs::File::options().read(true).write(true).open(node.path()).err())
        .any(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_gpu_needs_no_advice() {
        let facts = Facts { hardware: true, vendors: vec![NVIDIA], denied: true, ..Facts::default() };
        assert!(linux(&facts).is_empty() && elsewhere(&facts).is_empty());
    }

    #[test]
    fn each_maker_has_its_packages_once() {
        let facts = Facts { software: true, vendors: vec![AMD, NVIDIA, INTEL, 0x1234], ..Facts::default() };
        let advice = linux(&facts);
        assert_eq!(advice.len(), 2, "{advice:#?}");
        assert!(advice[0].contains("mesa-vulkan-drivers") && advice[1].contains("nvidia-driver"));
        assert!(linux(&Facts { denied: true, ..facts })[0].contains("render"));
    }

    #[test]
    fn a_bare_machine_is_told_about_the_cpu_and_the_test_driver() {
        let advice = linux(&Facts::default());
        assert!(
            advice[0].contains("CPU backend") && advice[1].contains("mesa-vulkan-drivers"),
            "{advice:#?}"
        );
    }

    #[test]
    fn vendors_are_read_from_the_kernels_files() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (card, vendor) in [("card0", "0x10de\n"), ("card1", "0x8086\n"), ("renderD128", "0x10de\n")] {
            std::fs::create_dir_all(folder.path().join(card).join("device")).expect("created");
            std::fs::write(folder.path().join(card).join("device/vendor"), vendor).expect("written");
        }
        std::fs::write(folder.path().join("version"), "drm").expect("written");
        assert_eq!(display_vendors(folder.path()), [NVIDIA, INTEL]);
        assert!(display_vendors(&folder.path().join("missing")).is_empty());
    }
}
