//! The wgpu devices of this process: each adapter is opened once and then shared.
//!
//! burn refuses to set up the same adapter twice, and our kernels need the wgpu handles behind a
//! tensor's device where burn compiles to SPIR-V or MSL.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::backend::wgpu::graphics::AutoGraphicsApi;
use burn::backend::wgpu::{
    RuntimeOptions, WgpuDevice, WgpuInitError, WgpuSetup, try_init_device, try_init_setup,
};
use burn::tensor::Device;
use burn_cubecl::CubeDevice;

use super::adapters::Adapter;
use super::counting::{self, Counter};
use crate::error::{Error, Kind, Result};

struct Open {
    selector: CubeDevice,
    device: Device,
    setup: WgpuSetup,
    /// A face draws on it too.
    lent: bool,
}

static OPEN: Mutex<Vec<Open>> = Mutex::new(Vec::new());

fn open_devices() -> MutexGuard<'static, Vec<Open>> {
    // The list is only ever pushed to: a panic elsewhere cannot have left it half-written.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who else draws on a device, which decides how many kernels burn gathers before it hands them over to the driver.
/// Environment variable `CUBECL_WGPU_MAX_TASKS` overrides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbour {
    /// Nobody: each hand-over costs the host time that it could queue work in.
    None,
    /// A window's frame waits for all that was handed over before it.
    Window,
}

impl Neighbour {
    fn options(self) -> Result<RuntimeOptions, WgpuInitError> {
        let gathered = match self {
            Neighbour::None => 256,
            Neighbour::Window => 32,
        };
        let is_set = std::env::var_os("CUBECL_WGPU_MAX_TASKS").is_some();
        RuntimeOptions::with_tasks_max((!is_set).then_some(gathered))
    }
}

/// The burn device of an adapter and the wgpu handles under it. Whoever opens it first says who is its neighbour.
pub(super) fn open_once(adapter: &Adapter, neighbour: Neighbour) -> Result<(Device, WgpuSetup)> {
    let Some((kind, api)) = adapter.selector() else {
        return Err(device_error(adapter, "burn can only reach the first software rasteriser of an API")
            .hint("hide the others (for Vulkan: set VK_DRIVER_FILES to the wanted driver's .json file)"));
    };
    let wanted = WgpuDevice::new(kind).on(api);
    let selector = CubeDevice::Wgpu(wanted.clone());
    // Held throughout: two threads must not both find the adapter closed.
    let mut open = open_devices();
    if let Some(found) = open.iter().find(|found| found.selector == selector) {
        return Ok((found.device.clone(), found.setup.clone()));
    }
    let setup = neighbour
        .options()
        .and_then(|options| try_init_setup::<AutoGraphicsApi>(&wanted, options))
        .map_err(|error| {
        device_error(adapter, &error.to_string())
            .hint("update the GPU driver, choose another adapter of `--device list`, or use `--device cpu`")
    })?;
    let device = Device::from(wanted);
    let got = setup.adapter.get_info().name;
    if got != adapter.name {
        return Err(device_error(adapter, &format!("the driver opened `{got}` instead"))
            .hint("the adapters changed while the program ran: start it again"));
    }
    open.push(Open { selector, device: device.clone(), setup: setup.clone(), lent: false });
    Ok((device, setup))
}

/// Another burn device on the same wgpu device, with a counter between the two; a new one at each call. Only
/// the newest learns that the driver lost the device, for wgpu tells one listener.
pub(super) fn open_counted(setup: WgpuSetup) -> Result<(Device, WgpuSetup, Counter)> {
    let (device, queue, counter) = counting::counted(setup.device, setup.queue);
    let setup = WgpuSetup { device, queue, ..setup };
    let made = Neighbour::None
        .options()
        .and_then(|options| try_init_device(setup.clone(), options))
        .map_err(|e| Error::new(Kind::Device, format!("could not put a counter before the device: {e}")))?;
    let device = Device::from(made.clone());
    open_devices().push(Open {
        selector: CubeDevice::Wgpu(made),
        device: device.clone(),
        setup: setup.clone(),
        lent: false,
    });
    Ok((device, setup, counter))
}

/// The wgpu handles under a tensor's device, if it was opened here.
pub(super) fn setup_of(device: &CubeDevice) -> Option<WgpuSetup> {
    open_devices().iter().find(|open| open.selector == *device).map(|open| open.setup.clone())
}

/// From now on a face draws on this device: pictures that it should show are kept there for it. False if it is
/// no device that tensors are on.
pub fn lend(instance: &wgpu::Instance, device: &wgpu::Device) -> bool {
    let mut open = open_devices();
    let found = open.iter_mut().find(|open| same(&open.setup, instance, device));
    found.map(|open| open.lent = true).is_some()
}

/// The wgpu handles under burn's device, with autodiff or without, if it has any.
pub fn handles(device: &Device) -> Option<WgpuSetup> {
    let plain = device.clone().inner();
    open_devices().iter().find(|open| open.device == plain).map(|open| open.setup.clone())
}

/// Whether a device queues what it is asked, so that the host waits where it reads a number; burn's CPU backend
/// computes at once.
pub fn queues(device: &Device) -> bool {
    handles(device).is_some()
}

/// The wgpu handles under burn's device, if a face draws on it.
pub(super) fn lent(device: &Device) -> Option<WgpuSetup> {
    open_devices().iter().find(|open| open.lent && open.device == *device).map(|open| open.setup.clone())
}

/// Whether these are the handles of `setup`. Devices alone cannot tell: every instance counts its own, and
/// wgpu calls equal what has equal numbers.
pub(super) fn same(setup: &WgpuSetup, instance: &wgpu::Instance, device: &wgpu::Device) -> bool {
    setup.instance == *instance && setup.device == *device
}

fn device_error(adapter: &Adapter, what: &str) -> Error {
    Error::new(Kind::Device, format!("could not open wgpu:{} ({}): {what}", adapter.index, adapter.name))
}
