//! The data set in the device's memory, where it fits: a step then uploads the numbers of its images, not the
//! images.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{Device, Tensor};

use crate::data::{Dataset, Pick, pixels};
use crate::gpu;
use crate::gpu::kernels::PackedImages;

/// How often a set has to fit into the longest binding of a shader. wgpu does not say how much memory a device
/// has: half a binding, which is 1 GiB on large GPUs, leaves them enough to train in.
const TIMES_IN_A_BINDING: u64 = 2;

/// The set that was asked for last. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Resident(Arc<Mutex<Option<Kept>>>);

#[derive(Debug)]
struct Kept {
    set: Arc<Dataset>,
    /// None where the device cannot have it.
    images: Option<PackedImages>,
}

impl Resident {
    /// The images of `picks`, `[picks, channels, height, width]`, the same bits as the loader's; None where the
    /// device does not have the set.
    pub fn pick(&self, set: &Arc<Dataset>, picks: &[Pick], device: &Device) -> Option<Tensor<4>> {
        // It holds a finished value or none: another thread's panic cannot have hurt it.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.as_ref().is_some_and(|kept| Arc::ptr_eq(&kept.set, set)) {
            *kept = Some(Kept { set: set.clone(), images: packed_images(set, device) });
        }
        let images = kept.as_ref()?.images.as_ref()?;
        Some(images.pick(picks.iter().map(|pick| (pick.index, pick.mirrored))))
    }
}

/// The whole set on a device of wgpu's. None on the CPU, where the set is already; for a set that is too large;
/// and for one of numbers that are no bytes.
pub fn packed_images(set: &Dataset, device: &Device) -> Option<PackedImages> {
    let bytes = set.bytes()?;
    let longest = gpu::handles(device)?.device.limits().max_storage_buffer_binding_size;
    let most = (longest / TIMES_IN_A_BINDING).min(PackedImages::MOST_BYTES);
    if bytes.len() as u64 > most {
        return None;
    }
    let levels = std::array::from_fn(|byte| pixels::to_unit(byte as u8));
    Some(PackedImages::new(bytes, [set.channels, set.size, set.size], levels, device))
}
