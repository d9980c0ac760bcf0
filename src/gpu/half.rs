//! Whether images inside a network may lie in half precision on a device.

use burn::tensor::Device;

use super::queues;

/// Why images cannot lie in half precision on a device; `None` where they can.
pub fn missing(device: &Device) -> Option<String> {
    (!queues(device)).then(|| "the CPU calculates in single precision only".into())
}
