//! Whether images inside a network may lie in half precision on a device: it has to offer that, and our kernels have to
//! be right in it.

use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;

use super::opened::{offers_half, queues};
use super::self_test::of_half_images;

/// What was found of each device: nothing, or why not.
static FOUND: Mutex<Vec<(Device, Option<String>)>> = Mutex::new(Vec::new());

/// Why images cannot lie in half precision on a device; `None` where they can. The kernels are tried once a process, in
/// some seconds.
pub fn missing(device: &Device) -> Option<String> {
    if !queues(device) {
        return Some("the CPU calculates in single precision only".into());
    }
    if !offers_half(device) {
        return Some("this GPU's driver offers no f16 in shaders".into());
    }
    // A panic elsewhere leaves a list of whole entries.
    let found = || FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, why)) = found().iter().find(|(of, _)| of == device) {
        return why.clone();
    }
    let mut checks = of_half_images().into_iter().map(|comparison| comparison.run(device));
    let failed = checks.find(|check| !check.passed);
    let why = failed.map(|check| format!("this GPU failed the check “{}”", check.name));
    found().push((device.clone(), why.clone()));
    why
}
