//! How fast memory moves: within the device, and between it and the host.

use burn::backend::wgpu::WgpuSetup;
use burn::tensor::{Device, Tensor, TensorData};

use super::items::Item;
use super::job::Extent;
use super::rows::CopyRow;
use super::timing::{Repeats, Timing, numbers, refused, timed};
use super::word::Finding;
use crate::bench::clock::settle;
use crate::bench::host_copy;
use crate::error::Result;
use crate::gpu::{Backend, Opened};

/// The row that other rates are held against.
pub const WITHIN: &str = "device_to_device";

const REPEATS: Repeats = Repeats { most: 10, secs: 1.5 };
/// Copies of one reading of the clock, where only the device works.
const TIMES: usize = 8;
/// Bytes of a number.
const SINGLE: u64 = 4;

/// What is copied: more than caches of GPUs hold. Software and the CPU take their time.
fn buffer_bytes(opened: &Opened, extent: Extent) -> u64 {
    let wanted: u64 = match extent {
        Extent::Quick => 4 << 20,
        Extent::Full if opened.backend == Backend::Wgpu && !opened.software => 256 << 20,
        Extent::Full => 64 << 20,
    };
    let most = opened.setup.as_ref().map_or(u64::MAX, |setup| {
        let limits = setup.device.limits();
        limits.max_buffer_size.min(limits.max_storage_buffer_binding_size) / 4
    });
    // Whole numbers, and what buffers are aligned to.
    wanted.min(most).next_multiple_of(256)
}

/// A way to move so many bytes, timed.
type Measured = fn(&Opened, u64) -> Result<Timing>;

/// Each way from memory to memory, an item each.
pub fn items(opened: &Opened, extent: Extent) -> Vec<Item> {
    let bytes = buffer_bytes(opened, extent);
    // With how often each byte of the buffer counts.
    let all: [(&str, u64, Measured); 4] = [
        (WITHIN, 2, within),
        ("elementwise", 2, elementwise),
        ("upload", 1, upload),
        ("read_back", 1, read_back),
    ];
    let is_apart = opened.backend == Backend::Wgpu;
    let item = |(name, ends, measure): (&'static str, u64, Measured)| {
        if ends == 1 && !is_apart {
            return Item::left_out(name, "the CPU's memory is the host's");
        }
        let opened = opened.clone();
        Item::new(name, move |take| {
            let timing = measure(&opened, bytes)?;
            let moved_bytes = ends * bytes;
            take(Finding::Copy(CopyRow {
                name: name.into(),
                buffer_bytes: bytes,
                moved_bytes,
                timing,
                gigabytes_per_second: timing.rate(moved_bytes as f64) / 1e9,
            }));
            Ok(())
        })
    };
    all.into_iter().map(item).collect()
}

/// From buffer to buffer, as the driver copies.
fn within(opened: &Opened, bytes: u64) -> Result<Timing> {
    match &opened.setup {
        Some(setup) => buffers(setup, bytes),
        None => {
            // Not zeros: pages of zeros that nobody has written are one and the same.
            let (from, mut to) = (vec![1u8; bytes as usize], vec![0u8; bytes as usize]);
            timed(
                REPEATS,
                1,
                || Ok(()),
                |()| {
                    host_copy::copy(&from, &mut to);
                    Ok(())
                },
            )
        }
    }
}

fn buffers(WgpuSetup { device, queue, .. }: &WgpuSetup, size: u64) -> Result<Timing> {
    let usage = wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
    let buffer = || {
        device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
    };
    let (from, to) = (buffer(), buffer());
    timed(
        REPEATS,
        TIMES,
        || Ok(()),
        |()| {
            let mut encoder = device.create_command_encoder(&Default::default());
            (0..TIMES).for_each(|_| encoder.copy_buffer_to_buffer(&from, 0, &to, 0, size));
            let submission = queue.submit([encoder.finish()]);
            let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
            device.poll(wait).map(drop).map_err(|e| refused(&e.to_string()))
        },
    )
}

/// Each number of a tensor times another, by burn's kernel: what a shader reads and writes.
fn elementwise(opened: &Opened, bytes: u64) -> Result<Timing> {
    let device = &opened.device;
    let x: Tensor<1> = numbers([(bytes / SINGLE) as usize], device);
    timed(
        REPEATS,
        TIMES,
        || Ok(()),
        |()| {
            let mut y = x.clone();
            for _ in 0..TIMES {
                y = y.mul_scalar(1.25);
                // Or fusion would make one kernel of all.
                device.flush().map_err(|e| refused(&format!("{e:?}")))?;
            }
            // The result lives until it was made: nobody makes what nobody holds.
            settle(device)?;
            drop(y);
            Ok(())
        },
    )
}

/// Numbers of the host as a tensor, as a batch of images is given.
fn upload(opened: &Opened, bytes: u64) -> Result<Timing> {
    let device = &opened.device;
    let data = host_numbers(bytes);
    timed(
        REPEATS,
        1,
        || Ok(data.clone()),
        |data| {
            let there = Tensor::<1>::from_data(data, device);
            settle(device)?;
            drop(there);
            Ok(())
        },
    )
}

/// A tensor to the host.
fn read_back(opened: &Opened, bytes: u64) -> Result<Timing> {
    let device: &Device = &opened.device;
    let x = Tensor::<1>::from_data(host_numbers(bytes), device);
    timed(
        REPEATS,
        1,
        || settle(device),
        |()| x.clone().try_into_data().map(drop).map_err(|e| refused(&format!("{e:?}"))),
    )
}

fn host_numbers(bytes: u64) -> TensorData {
    let count = (bytes / SINGLE) as usize;
    TensorData::new((0..count).map(|i| (i % 13) as f32).collect::<Vec<f32>>(), [count])
}
