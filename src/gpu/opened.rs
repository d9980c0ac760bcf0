//! The wgpu devices of this process: each adapter is opened once and then shared, and once more where its device is
//! lost or full.
//!
//! burn refuses to set up the same adapter twice, and our kernels need the wgpu handles behind a
//! tensor's device where burn compiles to SPIR-V or MSL.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use burn::backend::wgpu::graphics::AutoGraphicsApi;
use burn::backend::wgpu::{
    RuntimeOptions, WgpuDevice, WgpuInitError, WgpuSetup, try_init_device, try_init_setup,
};
use burn::tensor::Device;
use burn_cubecl::CubeDevice;

use super::adapters::Adapter;
use super::counting::{self, Counter};
use super::pace;
use crate::error::{Error, Kind, Result};

/// Longest wait for the last work on a device that is given up.
const PATIENCE: Duration = Duration::from_secs(10);

struct Open {
    /// How its adapter is asked for.
    adapter: CubeDevice,
    /// How tensors say that they are on it.
    selector: CubeDevice,
    device: Device,
    setup: WgpuSetup,
    /// A face draws on it too.
    lent: bool,
}

static OPEN: Mutex<Vec<Open>> = Mutex::new(Vec::new());

fn open_devices() -> MutexGuard<'static, Vec<Open>> {
    // Entries come and change as a whole: a panic elsewhere cannot have left one half-written.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who else draws on a device, which decides how many kernels burn gathers at the most before it hands them over to the
/// driver; those that are much work are handed over earlier (`gpu/pace.rs`). Environment variable
/// `CUBECL_WGPU_MAX_TASKS` overrides the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbour {
    /// Nobody: whenever burn has handed over 512 kernels more, it waits until the device has done those before them. A
    /// step that is handed over as a whole waits once.
    None,
    /// A window's frame waits for all that was handed over before it.
    Window,
}

impl Neighbour {
    fn options(self) -> Result<RuntimeOptions, WgpuInitError> {
        let gathered = match self {
            // It resets a GPU that does not come back within two seconds, and burn's own kernels have no estimate.
            _ if cfg!(windows) => 32,
            // Nearly every step as a whole (docs/speed.md counts them): its work bounds its time.
            Neighbour::None => 4096,
            // Our kernels are handed over by their work. Of burn's own, so many take a frame's time at 60 µs each.
            Neighbour::Window => 256,
        };
        let is_set = std::env::var_os("CUBECL_WGPU_MAX_TASKS").is_some();
        RuntimeOptions::with_tasks_max((!is_set).then_some(gathered))
    }
}

/// How burn is asked for an adapter; none where it cannot be.
fn wanted(adapter: &Adapter) -> Option<WgpuDevice> {
    adapter.selector().map(|(kind, api)| WgpuDevice::new(kind).on(api))
}

/// The burn device of an adapter and the wgpu handles under it. Whoever opens it first says who is its neighbour.
pub(super) fn open_once(adapter: &Adapter, neighbour: Neighbour) -> Result<(Device, WgpuSetup)> {
    let Some(wanted) = wanted(adapter) else {
        return Err(device_error(adapter, "burn can only reach the first software rasteriser of an API")
            .hint("hide the others (for Vulkan: set VK_DRIVER_FILES to the wanted driver's .json file)"));
    };
    let selector = CubeDevice::Wgpu(wanted.clone());
    // Held throughout: two threads must not both find the adapter closed.
    let mut open = open_devices();
    if let Some(found) = open.iter().find(|found| found.adapter == selector) {
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
    let adapter = selector.clone();
    open.push(Open { adapter, selector, device: device.clone(), setup: setup.clone(), lent: false });
    Ok((device, setup))
}

/// Puts a new device on the same adapter in the place of the one that was opened there. The old one is destroyed:
/// whatever lay on it is gone, and its memory free; `forget` lets go of what was kept for it. Nothing happens where none
/// is open.
///
/// # Errors
/// A window that draws on the old device, which then stays; an adapter that gives no device any more; a build with
/// SPIR-V, whose devices burn alone can ask for.
pub(super) fn exchange(adapter: &Adapter, forget: impl FnOnce(&CubeDevice)) -> Result<()> {
    let Some(wanted) = wanted(adapter).map(CubeDevice::Wgpu) else { return Ok(()) };
    let mut open = open_devices();
    let Some(old) = open.iter_mut().find(|found| found.adapter == wanted) else { return Ok(()) };
    if old.lent {
        return Err(device_error(adapter, "a window draws on the device that it was"));
    }
    if cfg!(feature = "spirv") {
        return Err(device_error(adapter, "a build with SPIR-V opens a device once"));
    }
    let WgpuSetup { adapter: driver, device: gone, .. } = old.setup.clone();
    gone.destroy();
    // Its memory is free once it is idle and asked; one that its driver has lost may answer with a panic.
    let idle = wgpu::PollType::Wait { submission_index: None, timeout: Some(PATIENCE) };
    let _ = catch_unwind(AssertUnwindSafe(|| gone.poll(idle)));
    forget(&old.selector);
    pace::forget(&old.selector);
    let refused = |why: String| {
        device_error(adapter, &why)
            .hint("start the same command again: a driver that was reset is there for a new process")
    };
    let request = wgpu::DeviceDescriptor {
        label: None,
        required_features: gone.features(),
        required_limits: gone.limits(),
        // SAFETY: these are the features that burn has asked for, and none of them is used but by burn.
        experimental_features: unsafe { wgpu::ExperimentalFeatures::enabled() },
        memory_hints: wgpu::MemoryHints::MemoryUsage,
        trace: wgpu::Trace::Off,
    };
    let (device, queue) =
        pollster::block_on(driver.request_device(&request)).map_err(|error| refused(error.to_string()))?;
    let setup = WgpuSetup { device, queue, ..old.setup.clone() };
    let made = Neighbour::None
        .options()
        .and_then(|options| try_init_device(setup.clone(), options))
        .map_err(|error| refused(error.to_string()))?;
    let selector = CubeDevice::Wgpu(made.clone());
    *old = Open { adapter: wanted, selector, device: Device::from(made), setup, lent: false };
    Ok(())
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
    let selector = CubeDevice::Wgpu(made);
    open_devices().push(Open {
        adapter: selector.clone(),
        selector,
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

/// From now on a face draws on this device: pictures that it should show are kept there for it, and it is given little
/// work at once. False if it is no device that tensors are on.
pub fn lend(instance: &wgpu::Instance, device: &wgpu::Device) -> bool {
    let mut open = open_devices();
    let Some(open) = open.iter_mut().find(|open| same(&open.setup, instance, device)) else { return false };
    open.lent = true;
    pace::beside_window(&open.selector, &open.setup);
    true
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

/// Whether a device's shaders know the type f16.
pub fn offers_half(device: &Device) -> bool {
    handles(device).is_some_and(|setup| setup.device.features().contains(wgpu::Features::SHADER_F16))
}

/// Whether a face draws on this device: then it cannot be exchanged for another one.
pub fn is_lent(device: &Device) -> bool {
    lent(device).is_some()
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
