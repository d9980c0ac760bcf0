//! Parameters of our shaders, on their device. A network asks for the same few hundred sets again and again, so each is
//! uploaded once: for an upload burn submits all that it has queued.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use burn::backend::wgpu::CubeTensor;
use burn_cubecl::CubeDevice;
use burn_cubecl::cubecl::server::Handle;

/// Sets that are kept. Whoever has more starts anew: every set is a few words, but memory of its own.
const MOST: usize = 4096;

/// By thread too, for cubecl has a stream for each, and makes one wait for what another has made.
type Place = (CubeDevice, ThreadId);
type Sets = HashMap<(Place, Box<[u32]>), Handle>;

static KEPT: LazyLock<Mutex<Sets>> = LazyLock::new(Mutex::default);

/// The numbers on the device of `near`. Nobody writes there.
pub fn on_device(near: &CubeTensor, params: &[u32]) -> Handle {
    let key = ((near.device.clone(), thread::current().id()), params.into());
    // A panic elsewhere leaves a map of whole entries.
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MOST && !kept.contains_key(&key) {
        kept.clear();
    }
    let upload = || near.client.create_from_slice(bytemuck::cast_slice(params));
    kept.entry(key).or_insert_with(upload).clone()
}

/// Lets go of what is kept on a device.
pub fn forget(device: &CubeDevice) {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.retain(|((on, _), _), _| on != device);
}
