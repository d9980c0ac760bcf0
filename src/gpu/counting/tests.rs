use burn::backend::wgpu::WgpuSetup;
use burn::tensor::{Tensor, TensorData};

use super::super::kernels::check::{Arrival, squared_error};
use super::super::kernels::probe::{launches, prefer_raw};
use super::super::{DeviceSpec, Opened, open, open_counted, read};
use super::*;

/// Bytes of a buffer.
const SIZE: u64 = 64;

/// In one test, as cubecl orders GPU work per thread. A software rasteriser will do; without any adapter the
/// test fails.
#[test]
fn what_a_device_is_asked_is_counted() {
    let spec = DeviceSpec::Wgpu(Some(0));
    let opened = open(&spec).expect(
        "this test needs a wgpu adapter; Debian's mesa-vulkan-drivers and libvulkan1 bring a software one",
    );
    each_request_counts_once(&opened.setup.expect("a wgpu device"));
    let (opened, counter) = open_counted(&spec).expect("it opens again");
    burns_requests_count(&opened, &counter);
    launches_through_wgpu_itself_count(&opened, &counter);
    assert!(open_counted(&DeviceSpec::Cpu).is_err(), "nothing is asked of wgpu there");
}

/// Nobody but this test knows the counted device, so the numbers are exact.
fn each_request_counts_once(setup: &WgpuSetup) {
    let (device, queue, counter) = counted(setup.device.clone(), setup.queue.clone());
    let buffer = |usage, mapped_at_creation| {
        device.create_buffer(&wgpu::BufferDescriptor { label: None, size: SIZE, usage, mapped_at_creation })
    };
    let there = buffer(wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST, false);
    let back = buffer(wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST, false);
    // Both ways to write.
    queue.write_buffer(&there, 0, &[7; 60]);
    let rest = wgpu::BufferSize::new(SIZE - 60).expect("it is not 0");
    queue.write_buffer_with(&there, 60, rest).expect("memory").copy_from_slice(&[9; 4]);
    let mut encoder = device.create_command_encoder(&Default::default());
    encoder.copy_buffer_to_buffer(&there, 0, &back, 0, SIZE);
    let submission = queue.submit([encoder.finish()]);
    back.map_async(wgpu::MapMode::Read, .., |mapped| mapped.expect("it can be mapped"));
    let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
    device.poll(wait).expect("an answer");
    let view = back.get_mapped_range(..).expect("it is mapped");
    assert_eq!(view[..], [[7u8; 60].as_slice(), &[9; 4]].concat());
    drop(view);
    back.unmap();
    let expected = Counts {
        submissions: 1,
        dispatches: 0,
        copies: 1,
        uploaded_bytes: SIZE,
        read_bytes: SIZE,
        host_waits: 1,
        peak_device_bytes: 2 * SIZE,
    };
    assert_eq!(counter.counts(), expected);

    // There is nothing more to wait for.
    device.poll(wgpu::PollType::wait_indefinitely()).expect("an answer");
    assert_eq!(counter.counts(), expected);

    // Memory that is given back, once: destroyed and then dropped.
    there.destroy();
    drop(there);
    counter.reset_peak();
    assert_eq!(counter.counts().peak_device_bytes, SIZE);
    let mapped = buffer(wgpu::BufferUsages::COPY_SRC, true);
    mapped.get_mapped_range_mut(..).expect("it is mapped").copy_from_slice(&[1; SIZE as usize]);
    mapped.unmap();
    let since = Counts { uploaded_bytes: SIZE, peak_device_bytes: 2 * SIZE, ..Counts::default() };
    assert_eq!(counter.since(expected), since);

    // What a scope catches on this thread reaches who opened it.
    let (outer, inner) = (wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::Validation);
    let (outer, inner) = (device.push_error_scope(outer), device.push_error_scope(inner));
    drop(buffer(wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::MAP_WRITE, false));
    assert!(pollster::block_on(inner.pop()).is_some(), "no buffer is mapped both ways");
    assert!(pollster::block_on(outer.pop()).is_none());
}

fn burns_requests_count(opened: &Opened, counter: &Counter) {
    let before = counter.counts();
    let values: Vec<f32> = (0..4096u16).map(f32::from).collect();
    let bytes = size_of_val(values.as_slice()) as u64;
    let numbers = Tensor::<1>::from_data(TensorData::new(values.clone(), [values.len()]), &opened.device);
    let doubled = read(numbers * 2.0).expect("the device gives its numbers back");
    assert!(doubled.iter().zip(&values).all(|(doubled, value)| *doubled == 2.0 * value));
    let counts = counter.since(before);
    println!("{counts:?}");
    // What a kernel is told of its tensors is uploaded too.
    assert!((bytes..2 * bytes).contains(&counts.uploaded_bytes), "{counts:?}");
    assert_eq!((counts.read_bytes, counts.copies), (bytes, 1), "{counts:?}");
    assert!(counts.dispatches >= 1 && counts.submissions >= 1 && counts.host_waits >= 1, "{counts:?}");
    // The tensor, and what it is read through.
    assert!(counts.peak_device_bytes >= 2 * bytes, "{counts:?}");
}

/// The way of builds with SPIR-V, where bind groups are made after what a pipeline says of itself.
fn launches_through_wgpu_itself_count(opened: &Opened, counter: &Counter) {
    let (before, usual) = (counter.counts(), launches().raw);
    prefer_raw(true);
    let errors = squared_error(&opened.device, [5, 3, 9, 7], Arrival::Plain);
    prefer_raw(false);
    assert!(errors.value <= 5e-6 && errors.gradient <= 5e-6, "{errors:?}");
    let (counts, raw) = (counter.since(before), launches().raw - usual);
    println!("{counts:?}");
    // Each is submitted by itself.
    assert!(raw >= 1 && counts.dispatches >= raw && counts.submissions >= raw, "{raw} launches, {counts:?}");
}
