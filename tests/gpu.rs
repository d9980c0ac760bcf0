//! Everything that needs a wgpu adapter, in one test: cubecl orders GPU work per thread, so one
//! thread does it all. A software rasteriser will do; without any adapter the test fails.

use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use signet::error::Kind;
use signet::gpu::adapters;
use signet::gpu::compare::max_relative_error;
use signet::gpu::kernels::check::finite_norm::{bits as norm_bits, finite_norm};
use signet::gpu::kernels::check::group_norm::{Case, measure as measure_norm};
use signet::gpu::kernels::check::score_losses::{
    COMPOSED, MATCHING, SID, bits, measure as measure_score_loss, wrong_beside_numbers_that_are_not_finite,
};
use signet::gpu::kernels::check::{
    Arrival, Errors, HUBER_C, exact_pseudo_huber, exact_squared_error, measure, pseudo_huber_distance,
    squared_error,
};
use signet::gpu::kernels::probe::{launches, prefer_raw};
use signet::gpu::kernels::{
    Activation, doubled, group_norm, halved, joined, pseudo_huber_composed, same_conv, scaled_sum, shifted,
    weighted_squared_error_composed,
};
use signet::gpu::{Backend, DeviceSpec, Opened, open, read, self_test};
use signet::random::{Random, Stream};

/// f32 sums of a few hundred terms against f64.
const TOLERANCE: f64 = 5e-6;

fn assert_small(errors: Errors, what: &str) {
    println!("{what}: {errors:?}");
    assert!(errors.value <= TOLERANCE && errors.gradient <= TOLERANCE, "{what}: {errors:?}");
}

#[test]
fn a_wgpu_device_calculates_right() {
    let adapter = adapters::list().first().expect(
        "this test needs a wgpu adapter; Debian's mesa-vulkan-drivers and libvulkan1 bring a software one",
    );
    println!("{adapter}");
    let opened = open(&DeviceSpec::Wgpu(Some(0))).expect("the first adapter opens");
    assert_eq!((opened.backend, opened.software), (Backend::Wgpu, adapter.is_software()));
    let again = open(&DeviceSpec::Wgpu(Some(0))).expect("and opens again");
    assert_eq!(again.device, opened.device, "one adapter is one device");

    kernels_agree_with_f64(&opened);
    let usual = launches();
    assert_ne!(usual.source + usual.raw, 0, "the kernels ran, not their compositions");
    // The way of SPIR-V builds: the same numbers, through wgpu itself.
    prefer_raw(true);
    kernels_agree_with_f64(&opened);
    assert!(launches().raw > usual.raw, "the kernels ran through wgpu itself");
    assert_eq!(launches().source, usual.source);
    prefer_raw(false);
    // More samples than one dimension of a dispatch holds, and not a whole number of rows.
    assert_small(squared_error(&opened.device, [70_001, 1, 1, 2], Arrival::Plain), "many samples");
    joints_agree_with_the_cpu(&opened);
    a_frozen_norm_is_one_launch_backward(&opened);
    compositions_agree_with_f64(&opened);
    convolutions_agree_with_the_cpu(&opened);
    the_self_test_passes(&opened);
    a_lost_device_is_told_as_such(&opened);
}

/// Last of all: nothing works on the device afterwards.
fn a_lost_device_is_told_as_such(opened: &Opened) {
    let numbers = Tensor::<1>::from_data(TensorData::new(vec![1.5f32; 4], [4]), &opened.device);
    assert_eq!(read(numbers.clone()).expect("the device is there"), [1.5; 4]);
    let device = &opened.setup.as_ref().expect("a wgpu device").device;
    device.destroy();
    // A driver that resets a device says so at once; after `destroy` wgpu has to be asked.
    device.poll(wgpu::PollType::Poll).expect("an answer");
    let error = read(numbers * 2.0).expect_err("the device is gone");
    println!("{error}");
    assert_eq!(error.kind, Kind::DeviceLost, "{error}");
    assert!(error.remedy.is_some(), "{error}");
}

fn kernels_agree_with_f64(opened: &Opened) {
    let started = Instant::now();
    for shape in [[1, 1, 1, 1], [1, 1, 1, 17], [5, 3, 9, 7]] {
        for arrival in [Arrival::Plain, Arrival::Derived] {
            let what = format!("{shape:?} {arrival:?}");
            assert_small(squared_error(&opened.device, shape, arrival), &format!("loss {what}"));
            assert_small(pseudo_huber_distance(&opened.device, shape, arrival), &format!("huber {what}"));
            let sid = measure_score_loss(&opened.device, shape, arrival, &SID);
            assert_small(sid, &format!("SiD {what}"));
            let matching = measure_score_loss(&opened.device, shape, arrival, &MATCHING);
            assert_small(matching, &format!("matching {what}"));
            assert_small(finite_norm(&opened.device, shape, arrival), &format!("norm of all {what}"));
        }
    }
    for loss in [SID, MATCHING] {
        assert_eq!(wrong_beside_numbers_that_are_not_finite(&opened.device, &loss), 0, "{loss:?}");
        let run = || bits(&opened.device, [5, 3, 9, 7], &loss);
        assert_eq!(run(), run(), "the same bits every time");
    }
    assert_eq!(norm_bits(&opened.device).expect("numbers"), norm_bits(&opened.device).expect("numbers"));
    // Rows shorter and longer than a workgroup.
    for (shape, groups) in [([1, 4, 1, 1], 1), ([2, 8, 3, 5], 2), ([2, 8, 9, 11], 2)] {
        for (activation, arrival) in
            [(Activation::Silu, Arrival::Derived), (Activation::None, Arrival::Plain)]
        {
            let case = Case { shape, groups, activation };
            let errors = measure_norm(&opened.device, case, arrival, group_norm);
            assert_small(errors, &format!("norm {case:?} {arrival:?}"));
        }
    }
    println!("kernels: {:.1} s", started.elapsed().as_secs_f64());
}

fn compositions_agree_with_f64(opened: &Opened) {
    let (started, shape, plain) = (Instant::now(), [5, 3, 9, 7], Arrival::Plain);
    let loss = measure(&opened.device, shape, plain, weighted_squared_error_composed, exact_squared_error);
    assert_small(loss, "composed loss");
    let huber = |a, b, weight| weight * pseudo_huber_composed(a, b, HUBER_C);
    assert_small(measure(&opened.device, shape, plain, huber, exact_pseudo_huber), "composed huber");
    for loss in COMPOSED {
        assert_small(measure_score_loss(&opened.device, shape, plain, &loss), "composed score loss");
    }
    println!("compositions: {:.1} s", started.elapsed().as_secs_f64());
}

/// Of two flat leaves an image, as an operation makes it of them.
type Work<'a> = &'a dyn Fn(Tensor<1>, Tensor<1>) -> Tensor<4>;

/// Operations whose GPU kernels only move, add and scale: the CPU's twins, tested against double precision, judge them.
/// Each is one launch, and so is its way back.
fn joints_agree_with_the_cpu(opened: &Opened) {
    let started = Instant::now();
    // One pixel; odd sides, several workgroups, and channels that share one.
    for shape in [[1usize, 1, 1, 1], [3, 23, 3, 5]] {
        let [batch, channels, height, width] = shape;
        let image = batch * channels * height * width;
        let sum: Work = &|a, b| scaled_sum(a.reshape(shape), b.reshape(shape), 0.3);
        assert_alike(opened, "scaled_sum", [image, image], sum);
        let shift: Work = &|x, shift| shifted(x.reshape(shape), shift.reshape([batch, channels]));
        assert_alike(opened, "shifted", [image, batch * channels], shift);
        let wide = [batch, channels + 2, height, width];
        let both: Work = &|a, b| joined(a.reshape(shape), b.reshape(wide));
        assert_alike(opened, "joined", [image, wide.iter().product()], both);
    }
    // A channel that fills a workgroup, more than once.
    let shift: Work = &|x, shift| shifted(x.reshape([1, 2, 33, 32]), shift.reshape([1, 2]));
    assert_alike(opened, "shifted", [2 * 33 * 32, 2], shift);
    for shape in [[1usize, 1, 2, 2], [2, 3, 6, 10]] {
        let image: usize = shape.iter().product();
        assert_alike(opened, "halved", [image, 1], &|x, _| halved(x.reshape(shape), 0.3));
        assert_alike(opened, "doubled", [image, 1], &|x, _| doubled(x.reshape(shape), 0.3));
    }
    println!("joints: {:.1} s", started.elapsed().as_secs_f64());
}

/// Launches of our kernels so far, whichever way.
fn all_launches() -> u64 {
    launches().source + launches().raw
}

/// Values and gradients, from two leaves of these lengths, are as on the CPU.
fn assert_alike(opened: &Opened, what: &str, lengths: [usize; 2], work: Work) {
    let run = |device: &Device| {
        let device = device.clone().autodiff();
        let normals = |step, length| {
            let values = Random::new(0, Stream::SelfTest).normals(step, 0, length);
            Tensor::<1>::from_data(TensorData::new(values, [length]), &device)
        };
        let leaves = [normals(0, lengths[0]), normals(1, lengths[1])].map(Tensor::require_grad);
        let [first, second] = leaves.clone();
        let y = work(first, second).flatten::<1>(0, 3);
        let upstream = normals(2, y.dims()[0]);
        // The gradient of a sum of all numbers, without that sum.
        let gradients = (y.clone() * upstream).backward();
        let slopes = leaves.into_iter().filter_map(|leaf| leaf.grad(&gradients));
        let tensors = [y.inner()].into_iter().chain(slopes);
        tensors.map(|tensor| read(tensor).expect("numbers")).collect::<Vec<Vec<f32>>>()
    };
    let before = all_launches();
    let got = run(&opened.device);
    assert_eq!(all_launches() - before, 2, "{what}: launches there and back");
    let expected = run(&Device::flex());
    assert_eq!(got.len(), expected.len(), "{what}: gradients");
    for (got, expected) in got.iter().zip(expected) {
        let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
        let error = max_relative_error(got, &expected);
        assert!(error <= TOLERANCE, "{what} of {lengths:?}: {error:e}");
    }
}

/// Nobody asks a frozen norm for the gradients of its weight and bias, and that of its images is the same without.
fn a_frozen_norm_is_one_launch_backward(opened: &Opened) {
    let run = |learns: bool| {
        let device = opened.device.clone().autodiff();
        let normals = |step, length| {
            let values = Random::new(0, Stream::SelfTest).normals(step, 0, length);
            Tensor::<1>::from_data(TensorData::new(values, [length]), &device)
        };
        let x = normals(0, 2 * 8 * 15).require_grad();
        let affine =
            [1, 2].map(|step| if learns { normals(step, 8).require_grad() } else { normals(step, 8) });
        let [weight, bias] = affine.clone();
        let before = all_launches();
        let y = group_norm(x.clone().reshape([2, 8, 3, 5]), weight, bias, 2, 1e-5, Activation::Silu);
        let gradients = (y.flatten::<1>(0, 3) * normals(3, 2 * 8 * 15)).backward();
        let slope = read(x.grad(&gradients).expect("it asked")).expect("numbers");
        for leaf in affine {
            assert_eq!(
                leaf.grad(&gradients).map(|slope| read(slope).expect("numbers").len()),
                learns.then_some(8)
            );
        }
        (slope, all_launches() - before)
    };
    let ((learning, three), (frozen, two)) = (run(true), run(false));
    assert_eq!((three, two), (3, 2));
    assert!(learning == frozen, "the same bits");
}

/// On a GPU the convolution is burn's own, on the CPU ours: one checks the other.
fn convolutions_agree_with_the_cpu(opened: &Opened) {
    let run = |device: &Device| {
        let device = device.clone().autodiff();
        let normals = |step, length| {
            let values = Random::new(0, Stream::SelfTest).normals(step, 0, length);
            Tensor::<1>::from_data(TensorData::new(values, [length]), &device).require_grad()
        };
        let leaves = [normals(0, 2 * 3 * 64), normals(1, 8 * 3 * 9), normals(2, 8)];
        let [x, weight, bias] = leaves.clone();
        let y = same_conv(x.reshape([2, 3, 8, 8]), weight.reshape([8, 3, 3, 3]), bias);
        let gradients = (y.clone() * y.clone()).sum().backward();
        let slopes = leaves.map(|leaf| leaf.grad(&gradients).expect("all three asked"));
        let tensors = [y.reshape([2 * 8 * 64]).inner()].into_iter().chain(slopes);
        tensors.map(|tensor| tensor.into_data().iter::<f32>().collect()).collect::<Vec<Vec<f32>>>()
    };
    for (got, expected) in run(&opened.device).iter().zip(run(&Device::flex())) {
        let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
        assert!(max_relative_error(got, &expected) <= TOLERANCE);
    }
}

fn the_self_test_passes(opened: &Opened) {
    let checks = self_test::run(opened);
    for check in &checks {
        println!("{:54} {:.1e} in {:.2} s", check.name, check.max_relative_error, check.seconds);
    }
    assert_eq!(checks.len(), 13, "an operation was left out");
    assert!(checks.iter().all(|check| check.passed), "{checks:#?}");
}
