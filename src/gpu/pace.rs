//! How much a GPU is given at once. burn hands kernels over to the driver by their number. Those of a large network
//! may be long, and nobody takes back what was handed over: a driver resets a GPU that does not come back from it, and
//! a window's frame waits behind it. So each of our kernels says how much work it is, and what is queued is handed over
//! before it is too much.
//!
//! Work is an estimate: the multiply-adds of convolutions and of products of matrices, and for our other kernels the
//! bytes of their tensors ([`MULTIPLY_ADDS_A_BYTE`]). burn's own kernels and copies are left out. Beside a window each
//! piece is timed as well, with all that the device did meanwhile, and its time says how much the next ones may be.

mod amounts;

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use burn::backend::wgpu::{CubeTensor, WgpuSetup};
use burn_cubecl::CubeDevice;

use super::kernels::probe;
use amounts::{MOST, Queued, Share};

/// What a GPU multiplies and adds in our convolutions while it reads or writes a byte: some 10^12 a second beside
/// 250 GB/s. Large and small GPUs are alike in that.
pub(super) const MULTIPLY_ADDS_A_BYTE: u64 = 4;

/// Of one device.
#[derive(Default)]
struct Pace {
    queued: Queued,
    window: Option<Window>,
}

/// A window draws on the device too.
struct Window {
    device: wgpu::Device,
    queue: wgpu::Queue,
    share: Share,
    /// Handed over last.
    piece: Option<Piece>,
}

/// Work that was handed over.
struct Piece {
    work: u64,
    given: Instant,
    submission: wgpu::SubmissionIndex,
}

static PACES: LazyLock<Mutex<HashMap<CubeDevice, Pace>>> = LazyLock::new(Mutex::default);

fn paces() -> MutexGuard<'static, HashMap<CubeDevice, Pace>> {
    // A panic elsewhere leaves whole numbers: at worst a piece is too small.
    PACES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pace {
    fn most(&self) -> u64 {
        let most = self.window.as_ref().map_or(MOST, |window| window.share.most());
        probe::most_queued().unwrap_or(most)
    }
}

/// Multiply-adds that this device is given at once.
pub(super) fn most(device: &CubeDevice) -> u64 {
    paces().entry(device.clone()).or_default().most()
}

/// To be called before a kernel of so many multiply-adds is launched on the device of `near`: hands over what is
/// queued there if both together were too much.
pub(super) fn before(near: &CubeTensor, work: u64) {
    let too_much = {
        let mut paces = paces();
        let pace = paces.entry(near.device.clone()).or_default();
        let most = pace.most();
        pace.queued.add(work, most)
    };
    // The lock is gone here: burn's thread hands over, and may first launch another kernel, which asks for it.
    let Some(piece) = too_much else { return };
    // A device that is lost says so to whoever reads from it.
    let _ = near.client.flush();
    wait_for_the_one_before(&near.device, piece);
}

/// Beside a window, waits until the device has done the piece before the one that was just handed over. Without this
/// the host would queue piece after piece, and a frame would wait for all of them; the device still has one to do.
fn wait_for_the_one_before(on: &CubeDevice, work: u64) {
    let handles = |window: &mut Window| (window.device.clone(), window.queue.clone());
    let Some((device, queue)) = with_window(on, handles) else { return };
    let given = Instant::now();
    // burn does not name its submission. This one has nothing to do, and is done when that is.
    let piece = Piece { work, given, submission: queue.submit([]) };
    let Some(before) = with_window(on, |window| window.piece.replace(piece)).flatten() else { return };
    let done = wgpu::PollType::Wait { submission_index: Some(before.submission), timeout: None };
    if device.poll(done).is_ok() {
        with_window(on, |window| window.share.finished(before.work, before.given, Instant::now()));
    }
}

/// None where no window draws.
fn with_window<T>(on: &CubeDevice, act: impl FnOnce(&mut Window) -> T) -> Option<T> {
    paces().get_mut(on)?.window.as_mut().map(act)
}

/// From now on a window draws on this device.
pub(super) fn beside_window(on: &CubeDevice, setup: &WgpuSetup) {
    let begin = || {
        let WgpuSetup { device, queue, .. } = setup.clone();
        Window { device, queue, share: Share::default(), piece: None }
    };
    paces().entry(on.clone()).or_default().window.get_or_insert_with(begin);
}

/// Lets go of what is kept for a device.
pub(super) fn forget(device: &CubeDevice) {
    paces().remove(device);
}
