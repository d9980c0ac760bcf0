//! Numbers from a device back to the host.

use std::sync::mpsc;

use burn::backend::wgpu::{AutoCompiler, into_contiguous};
use burn::tensor::{DType, Device, Tensor, TensorData};
use burn_cubecl::cubecl::wgpu::WgpuServer;

use super::unfused::unfused;
use super::{opened, trouble};
use crate::error::{Error, Kind, Result};

/// Reads a tensor of single precision, row-major.
///
/// # Errors
/// `Kind::DeviceLost` if the device is gone; `Kind::DeviceFull` if it had no memory for them; `Kind::Device` if
/// it does not give the numbers back for another reason.
pub fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let kept = |e: String| {
        trouble::device_error(&e).unwrap_or_else(|| {
            Error::new(Kind::Device, format!("the device did not give its numbers back: {e}"))
                .hint("start again; if it happens again, choose --device cpu")
        })
    };
    let data = tensor.try_into_data().map_err(|e| {
        if e.is_device_poisoned() { trouble::lost(e.reason()) } else { kept(format!("{e:?}")) }
    })?;
    data.try_to_vec::<f32>().map_err(|e| kept(format!("{e:?}")))
}

/// Asks a device for a sum, to see whether it is there.
///
/// # Errors
/// As [`read`]; `Kind::DeviceLost` for a wrong sum.
pub fn check(device: &Device) -> Result<()> {
    let one = Tensor::<1>::from_data(TensorData::new(vec![1.0f32], [1]), device);
    match read(one + 1.0)?.as_slice() {
        [2.0] => Ok(()),
        other => Err(trouble::lost(&format!("1 + 1 is {other:?} there"))),
    }
}

/// Numbers on their way to the host. Their copy is queued at once: who asks for them later waits for the work before
/// it, and not for what was queued since. (burn queues the copy of a tensor only when it is waited for.)
pub struct Reading {
    numbers: Tensor<1>,
    /// None where the host need not wait, and on a device that was not opened here.
    copied: Option<Copied>,
}

/// A copy that the host can look into once the device has made it.
struct Copied {
    device: wgpu::Device,
    buffer: wgpu::Buffer,
    submission: wgpu::SubmissionIndex,
}

impl Reading {
    /// Begins to read a tensor of single precision; nobody waits. To be called on the thread that the tensor's work
    /// belongs to.
    pub fn begin(numbers: Tensor<1>) -> Self {
        let copied = Copied::of(&numbers);
        Self { numbers, copied }
    }

    /// Waits for the numbers.
    ///
    /// # Errors
    /// As [`read`].
    pub fn finish(self) -> Result<Vec<f32>> {
        match self.copied.and_then(Copied::wait) {
            // Of a device that was lost meanwhile only zeros come, what the copy's memory began with: burn knows.
            Some(numbers) if numbers.iter().any(|number| *number != 0.0) => Ok(numbers),
            _ => read(self.numbers),
        }
    }
}

impl Copied {
    fn of(numbers: &Tensor<1>) -> Option<Self> {
        let setup = opened::handles(&numbers.device()).filter(|_| numbers.dtype() == DType::F32)?;
        let bytes = size_of::<f32>() as u64 * numbers.dims()[0] as u64;
        let tensor = into_contiguous(unfused(numbers.clone())?);
        let client = tensor.client.clone();
        // Finding the memory also moves burn's queued work into its encoder, …
        let held = client.get_resource::<WgpuServer<AutoCompiler>>(tensor.handle).ok()?;
        // … and this submits it: what makes the numbers is ahead of their copy.
        client.flush().ok()?;
        let buffer = setup.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("numbers for the host"),
            size: bytes,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = setup.device.create_command_encoder(&Default::default());
        let memory = held.resource();
        encoder.copy_buffer_to_buffer(&memory.buffer, memory.offset, &buffer, 0, bytes);
        let submission = setup.queue.submit([encoder.finish()]);
        Some(Self { device: setup.device, buffer, submission })
    }

    /// None where the device does not give them.
    fn wait(self) -> Option<Vec<f32>> {
        let Self { device, buffer, submission } = self;
        let (says, heard) = mpsc::channel();
        buffer.map_async(wgpu::MapMode::Read, .., move |mapped| {
            // Nobody listens any more where waiting has failed.
            let _ = says.send(mapped);
        });
        // Mostly it is there: burn has waited for work behind it.
        device.poll(wgpu::PollType::Poll).ok()?;
        let mapped = match heard.try_recv() {
            Ok(mapped) => mapped,
            Err(_) => {
                let done = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
                device.poll(done).ok()?;
                // Another thread that polls may be the one to say so.
                heard.recv().ok()?
            }
        };
        mapped.ok()?;
        let view = buffer.get_mapped_range(..).ok()?;
        Some(view.as_chunks::<4>().0.iter().map(|bytes| f32::from_ne_bytes(*bytes)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::queues;

    #[test]
    fn a_device_that_computes_at_once_is_read_as_it_is() {
        let values = vec![0.5, -0.0, f32::MIN_POSITIVE];
        let tensor = Tensor::<1>::from_data(TensorData::new(values.clone(), [3]), &Device::flex());
        assert!(!queues(&Device::flex()));
        assert_eq!(Reading::begin(tensor).finish(), Ok(values));
        assert_eq!(check(&Device::flex()), Ok(()));
    }
}
