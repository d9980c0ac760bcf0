//! Everything that needs a wgpu adapter, in one test: cubecl orders GPU work per thread, so one
//! thread does it all. A software rasteriser will do; without any adapter the test fails.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use signet::data::{Dataset, Loader};
use signet::error::Kind;
use signet::gpu::adapters;
use signet::gpu::compare::max_relative_error;
use signet::gpu::kernels::check::adam::adam;
use signet::gpu::kernels::check::finite_norm::{bits as norm_bits, finite_norm};
use signet::gpu::kernels::check::gather::misplaced;
use signet::gpu::kernels::check::group_norm::{Case, measure as measure_norm};
use signet::gpu::kernels::check::norm_conv;
use signet::gpu::kernels::check::random::{masks, normals};
use signet::gpu::kernels::check::score_losses::{
    COMPOSED, MATCHING, SID, bits, measure as measure_score_loss, wrong_beside_numbers_that_are_not_finite,
};
use signet::gpu::kernels::check::{
    Arrival, Errors, HUBER_C, exact_pseudo_huber, exact_squared_error, measure, pseudo_huber_distance,
    squared_error, warp,
};
use signet::gpu::kernels::probe::{launches, limit_queued, limit_work, prefer_raw};
use signet::gpu::kernels::{
    Activation, attention, doubled, group_norm, halved, joined, pseudo_huber_composed, same_conv, scaled_sum,
    shifted, weighted_squared_error_composed,
};
use signet::gpu::self_test::{self, BurnsOwn, of_training};
use signet::gpu::{
    Backend, DeviceSpec, Opened, Reading, check, half, offers_half, open, open_anew, open_counted, queues,
    read,
};
use signet::random::{Random, Stream};
use signet::train::packed_images;

/// f32 sums of a few hundred terms against f64.
const TOLERANCE: f64 = 5e-6;

/// Of a normal x drawn on a GPU, in units of 1 + |x|.
const NORMALS_TOLERANCE: f64 = 1e-6;

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
    prefer_raw(true);
    convolutions_agree_with_the_cpu(&opened);
    attention_agrees_with_the_cpu(&opened);
    prefer_raw(false);
    attention_agrees_with_the_cpu(&opened);
    images_normalised_again_are_those_of_the_forward_pass(&opened);
    long_convolutions_are_cut_without_a_trace(&opened);
    the_self_test_passes(&opened);
    numbers_are_read_as_they_were(&opened);
    a_lost_device_is_told_as_such(&opened);
    another_device_takes_its_place(&opened);
    much_work_is_handed_over_in_pieces();
}

/// Late, for nothing works on the device afterwards.
fn a_lost_device_is_told_as_such(opened: &Opened) {
    let numbers = Tensor::<1>::from_data(TensorData::new(vec![1.5f32; 4], [4]), &opened.device);
    assert_eq!(read(numbers.clone()).expect("the device is there"), [1.5; 4]);
    let device = &opened.setup.as_ref().expect("a wgpu device").device;
    device.destroy();
    // A driver that resets a device says so at once; after `destroy` wgpu has to be asked.
    device.poll(wgpu::PollType::Poll).expect("an answer");
    let error = read(numbers.clone() * 2.0).expect_err("the device is gone");
    println!("{error}");
    assert_eq!(error.kind, Kind::DeviceLost, "{error}");
    assert!(error.remedy.is_some(), "{error}");
    let error = Reading::begin(numbers * 3.0).finish().expect_err("the device is gone");
    assert_eq!(error.kind, Kind::DeviceLost, "{error}");
}

fn another_device_takes_its_place(lost: &Opened) {
    let first = DeviceSpec::Wgpu(Some(0));
    open_anew(&first).expect("the adapter gives another device");
    let new = open(&first).expect("which is open");
    assert_ne!(new.device, lost.device);
    check(&new.device).expect("it calculates");
    assert_small(squared_error(&new.device, [5, 3, 9, 7], Arrival::Plain), "on a new device");
    assert_eq!(check(&lost.device).expect_err("the old one is gone").kind, Kind::DeviceLost);
    // One that is there and healthy is exchanged too, for its memory may be full.
    open_anew(&first).expect("the adapter gives yet another device");
    assert_ne!(open(&first).expect("which is open").device, new.device);
    assert!(check(&new.device).is_err());
}

/// Convolutions one after another: the same bits, handed over as a whole and each dispatch by itself. Last, for a
/// counted device takes the place of the one that hears when it is lost.
fn much_work_is_handed_over_in_pieces() {
    let (opened, counter) = open_counted(&DeviceSpec::Wgpu(Some(0))).expect("a counted device");
    // Two tiles, of 512 pixels and of 256.
    let (shape, weights) = ([3, 4, 16, 16], [4, 4, 3, 3]);
    let normals = |step, shape: [usize; 4]| {
        let values = Random::new(0, Stream::SelfTest).normals(step, 0, shape.iter().product());
        Tensor::<4>::from_data(TensorData::new(values, shape), &opened.device)
    };
    let (x, weight) = (normals(0, shape), normals(1, weights));
    let bias = Tensor::<1>::zeros([4], &opened.device);
    let run = || {
        let before = counter.counts();
        let y = (0..4).fold(x.clone(), |y, _| same_conv(y, weight.clone(), bias.clone()));
        opened.device.sync().expect("the device calculates");
        (counter.since(before), read(y).expect("numbers"))
    };
    // Each way once for what is uploaded and compiled.
    run();
    let (whole, expected) = run();
    limit_queued(Some(1));
    run();
    let (cut, got) = run();
    limit_queued(None);
    assert_eq!((whole.dispatches, whole.submissions), (4, 1));
    assert_eq!((cut.dispatches, cut.submissions), (8, 8));
    assert_eq!(got, expected, "other numbers in several pieces");
}

/// What was begun to be read is what was there then, whatever is queued before somebody asks for it.
fn numbers_are_read_as_they_were(opened: &Opened) {
    assert!(queues(&opened.device));
    let values = vec![1.5f32, -2.0, 0.0];
    let mut numbers = Tensor::<1>::from_data(TensorData::new(values.clone(), [3]), &opened.device);
    let (begun, zeros) = (Reading::begin(numbers.clone()), Reading::begin(numbers.clone() * 0.0));
    let parts = vec![numbers.clone() * 2.0, numbers.clone().narrow(0, 1, 1)];
    let joined = Reading::begin(Tensor::cat(parts, 0));
    numbers = numbers * 3.0 + 1.0;
    assert_eq!(Reading::begin(numbers).finish().expect("numbers"), [5.5, -5.0, 1.0]);
    assert_eq!(joined.finish().expect("numbers"), [3.0, -4.0, 0.0, -2.0]);
    assert_eq!(zeros.finish().expect("numbers"), [0.0; 3]);
    assert_eq!(begun.finish().expect("numbers"), values);
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
            assert_small(masks(&opened.device, shape, arrival), &format!("dropout {what}"));
            // Over blocks that nobody else holds, and over copies of those that somebody does.
            let steps = adam(&opened.device, shape, arrival);
            println!("Adam {what}: {steps:?}");
            assert!(steps.value <= 2e-6, "Adam {what}: {steps:?}");
        }
    }
    for shape in [[1, 1, 1, 1], [1, 1, 1, 17], [5, 3, 9, 7], [2, 3, 32, 32]] {
        let error = normals(&opened.device, shape, Arrival::Plain).value;
        println!("normals {shape:?}: {error:.1e}");
        assert!(error <= NORMALS_TOLERANCE, "normals {shape:?}: {error:e}");
    }
    images_are_picked_as_the_loader_deals_them(opened);
    assert_small(warp::warps(&opened.device), "warps");
    for arrival in [Arrival::Plain, Arrival::Derived] {
        assert_eq!(misplaced(&opened.device, arrival), 0, "{arrival:?}");
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

/// A set that ends within a word; few picks and many, from several epochs, some mirrored: bit for bit.
fn images_are_picked_as_the_loader_deals_them(opened: &Opened) {
    let (channels, size, count) = (3, 5, 11);
    let pixels = (0..(channels * size * size * count) as u32).map(|i| (i * 37 % 256) as u8).collect();
    let dataset = Dataset::new("few", channels, size, pixels, None, Vec::new()).expect("a data set");
    let data = Loader::new(Arc::new(dataset), 3, true);
    let set = packed_images(data.dataset(), &opened.device).expect("a small set fits");
    for (first, images) in [(7, 9), (2, 600)] {
        let picks = data.picks(first, images);
        assert!(picks.iter().any(|pick| pick.mirrored) && picks.iter().any(|pick| !pick.mirrored));
        let picked = read(set.pick(picks.iter().map(|pick| (pick.index, pick.mirrored)))).expect("numbers");
        let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits();
        let dealt = data.batch(first, images).images;
        assert!(picked.len() == dealt.len() && picked.iter().zip(&dealt).all(same), "from {first}");
    }
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

/// Sizes that divide no tile, one pixel, one channel, kernels of several shapes, and sums in one slice and several.
fn convolutions_agree_with_the_cpu(opened: &Opened) {
    let started = Instant::now();
    for (shape, outputs, kernel) in [
        ([1, 1, 1, 1], 1, [3, 3]),
        ([2, 3, 8, 8], 8, [3, 3]),
        ([3, 20, 5, 7], 40, [3, 3]),
        ([2, 70, 6, 5], 67, [1, 1]),
        ([2, 4, 17, 19], 3, [1, 5]),
    ] {
        let run = |device: &Device| convolved(device, shape, outputs, kernel);
        let got = run(&opened.device);
        assert_eq!(got, run(&opened.device), "the same bits every time");
        for ((got, expected), what) in got.iter().zip(run(&Device::flex())).zip(["y", "x", "weight", "bias"])
        {
            let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
            let error = max_relative_error(got, &expected);
            assert!(error <= TOLERANCE, "{what} of {shape:?} to {outputs}, kernel {kernel:?}: {error:e}");
        }
    }
    println!("convolutions: {:.1} s", started.elapsed().as_secs_f64());
}

/// One pixel, odd counts, more pixels than a tile has rows.
fn attention_agrees_with_the_cpu(opened: &Opened) {
    let started = Instant::now();
    for shape in [[1, 1, 3, 1], [3, 5, 3, 7], [2, 20, 3, 70]] {
        let values = Random::new(0, Stream::SelfTest).normals(0, 0, shape.iter().product());
        let run = |device: &Device| {
            let len = values.len();
            let device = device.clone().autodiff();
            let qkv = Tensor::<1>::from_data(TensorData::new(values.clone(), [len]), &device).require_grad();
            let y = attention(qkv.clone().reshape(shape));
            let gradients = (y.clone() * y.clone()).sum().backward();
            let slope = qkv.grad(&gradients).expect("it asked");
            [y.inner().flatten::<1>(0, 2), slope]
                .map(|all| all.into_data().iter::<f32>().collect::<Vec<f32>>())
        };
        for ((got, expected), what) in run(&opened.device).iter().zip(run(&Device::flex())).zip(["y", "qkv"])
        {
            let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
            let error = max_relative_error(got, &expected);
            assert!(error <= TOLERANCE, "{what} of {shape:?}: {error:e}");
        }
    }
    println!("attention: {:.1} s", started.elapsed().as_secs_f64());
}

/// A convolution's result, and the gradients of the sum of its squares in images, weights and bias.
fn convolved(device: &Device, shape: [usize; 4], outputs: usize, kernel: [usize; 2]) -> Vec<Vec<f32>> {
    let device = device.clone().autodiff();
    let normals = |step, length| {
        let values = Random::new(0, Stream::SelfTest).normals(step, 0, length);
        Tensor::<1>::from_data(TensorData::new(values, [length]), &device).require_grad()
    };
    let ([_, inputs, ..], [rows, columns]) = (shape, kernel);
    let weights = outputs * inputs * rows * columns;
    let leaves = [normals(0, shape.iter().product()), normals(1, weights), normals(2, outputs)];
    let [x, weight, bias] = leaves.clone();
    let y = same_conv(x.reshape(shape), weight.reshape([outputs, inputs, rows, columns]), bias);
    let gradients = (y.clone() * y.clone()).sum().backward();
    let slopes = leaves.map(|leaf| leaf.grad(&gradients).expect("all three asked"));
    let tensors = [y.inner().flatten::<1>(0, 3)].into_iter().chain(slopes);
    tensors.map(|tensor| tensor.into_data().iter::<f32>().collect()).collect()
}

/// A convolution that learns normalises its images again, and drops of them again: a launch more for each. The bits are
/// those of the operations one after another.
fn images_normalised_again_are_those_of_the_forward_pass(opened: &Opened) {
    let started = Instant::now();
    for case in norm_conv::cases() {
        let expected = norm_conv::apart(&Device::flex(), case);
        for (got, expected) in norm_conv::together(&opened.device, case).iter().zip(expected) {
            let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
            // What nobody asked for is empty on both.
            let error =
                if expected.is_empty() { got.len() as f64 } else { max_relative_error(got, &expected) };
            assert!(error <= TOLERANCE, "{case:?}: {error:e}");
        }
        // What a step's masks share is on the device by now.
        let counted = |run: fn(&Device, norm_conv::Case) -> Vec<Vec<f32>>| {
            let before = all_launches();
            (run(&opened.device, case), all_launches() - before)
        };
        let ((kept, few), (again, many)) = (counted(norm_conv::apart), counted(norm_conv::together));
        assert!(kept == again, "{case:?}: other bits");
        let learns = case.asked[3..].contains(&true);
        assert_eq!(many - few, if learns { 1 + u64::from(case.drops) } else { 0 }, "{case:?}");
    }
    println!("images normalised again: {:.1} s", started.elapsed().as_secs_f64());
}

/// One with several tiles of results and of weights, cut at few multiply-adds: the same bits.
fn long_convolutions_are_cut_without_a_trace(opened: &Opened) {
    let run = || {
        let before = launches();
        let numbers = convolved(&opened.device, [3, 20, 5, 7], 40, [3, 3]);
        (numbers, launches().source - before.source)
    };
    let (whole, few) = run();
    limit_work(Some(300_000));
    let (cut, many) = run();
    limit_work(None);
    assert!(many > few, "{many} launches instead of {few}");
    assert_eq!(cut, whole, "other numbers in several dispatches");
}

fn the_self_test_passes(opened: &Opened) {
    let checks = self_test::run(opened);
    for check in &checks {
        println!("{:54} {:.1e} in {:.2} s", check.name, check.max_relative_error, check.seconds);
    }
    let in_half = if offers_half(&opened.device) { 6 } else { 0 };
    assert_eq!(checks.len(), 23 + in_half, "an operation was left out");
    assert!(checks.iter().all(|check| check.passed), "{checks:#?}");
    if in_half > 0 {
        assert_eq!(half::missing(&opened.device), None, "checked, and found wrong");
    }
    let every = BurnsOwn { products: true, filters: true };
    for comparison in of_training(every) {
        let check = comparison.run(&opened.device);
        assert!(check.passed, "once more, for a training: {check:#?}");
    }
}
