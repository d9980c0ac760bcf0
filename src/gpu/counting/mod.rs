//! What a program asks of a wgpu device, counted between the program and wgpu, on any adapter: submissions,
//! dispatches, copies, bytes up and down, waits and memory. A cost that is the same on every machine is seen
//! here without a clock.
//!
//! wgpu takes a device that somebody else has made (its `custom` backend). The one made here keeps a real
//! device and passes on what it is asked; whatever it makes keeps the real thing in the same way. It computes
//! and copies between buffers; textures, drawing and ray tracing end in a panic that says so.
//!
//! Only counts are to be had from it, no times: every call takes a detour.

mod buffer;
mod counter;
mod device;
mod encoder;
mod pass;
mod queue;
mod refusal;
mod resources;
mod scopes;
mod submissions;

use std::sync::Arc;

pub use counter::{Counter, Counts};
use device::CountedDevice;
use queue::CountedQueue;
use submissions::Submissions;

/// A device and its queue with a counter in between. The two belong together, as those given do; the given
/// ones still work, and nobody counts what is asked of them.
pub fn counted(device: wgpu::Device, queue: wgpu::Queue) -> (wgpu::Device, wgpu::Queue, Counter) {
    let counter = Counter::default();
    let submissions = Arc::new(Submissions::default());
    let device = CountedDevice { real: device, counter: counter.clone(), submissions: submissions.clone() };
    let queue = CountedQueue { real: queue, counter: counter.clone(), submissions };
    (wgpu::Device::from_custom(device), wgpu::Queue::from_custom(queue), counter)
}

#[cfg(test)]
mod tests;
