//! The network against numbers of torch-fidelity's (`tests/inception/reference.py` says how they came
//! about), its resize against sums by hand, and its weights when something is wrong with them.

use std::collections::BTreeMap;

use burn::tensor::Device;
use serde::Deserialize;

use super::weights::{TELLTALES, is_inception};
use super::{CLASSES, DIM, Inception, Resize, blocks, resize};
use crate::error::Kind;
use crate::eval::features::{Extractor, Images};
use crate::gpu::compare::max_relative_error;

#[derive(Deserialize)]
struct Reference {
    sides: Vec<usize>,
    tf1: Stage,
    pytorch_fid: Stage,
    stages: Vec<Stage>,
    pooled: Whole,
    logits: Whole,
}

/// Some of the numbers of each image.
#[derive(Deserialize)]
struct Stage {
    #[serde(default)]
    name: String,
    tolerance: f64,
    images: Vec<Summary>,
}

#[derive(Deserialize)]
struct Summary {
    l1: f64,
    l2: f64,
    stride: usize,
    samples: Vec<f64>,
}

/// All numbers of each image.
#[derive(Deserialize)]
struct Whole {
    tolerance: f64,
    images: Vec<Vec<f64>>,
}

impl Stage {
    /// `got` holds the images from `first` on.
    fn check(&self, got: &[f32], first: usize, count: usize) {
        for (got, want) in got.chunks_exact(got.len() / count).zip(&self.images[first..]) {
            let norms = got
                .iter()
                .map(|v| f64::from(*v))
                .fold((0.0, 0.0), |(l1, l2): (f64, f64), v| (l1 + v.abs(), l2 + v * v));
            let samples: Vec<f32> = got.iter().step_by(want.stride).copied().collect();
            for (what, error) in [
                ("samples", max_relative_error(&samples, &want.samples)),
                ("sum of magnitudes", max_relative_error(&[norms.0 as f32], &[want.l1])),
                ("norm", max_relative_error(&[norms.1.sqrt() as f32], &[want.l2])),
            ] {
                let (name, tolerance) = (&self.name, self.tolerance);
                assert!(
                    error <= tolerance,
                    "{name}, image of {first}: {what} off by {error:e}, not {tolerance:e}"
                );
            }
        }
    }
}

fn reference() -> Reference {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inception/numbers.json"));
    serde_json::from_str(text).expect("numbers.json is as reference.py writes it")
}

/// Numbers of [0, 1) from a hash of the name and of each place, as in reference.py.
fn uniform(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let seed =
        name.bytes().fold(2_166_136_261, |seed: u32, byte| (seed ^ u32::from(byte)).wrapping_mul(16_777_619));
    (0..count as u32).map(move |i| {
        let mut x = i.wrapping_mul(0x9E37_79B9).wrapping_add(seed);
        for (shift, factor) in [(16, 0x85EB_CA6B), (13, 0xC2B2_AE35)] {
            x = (x ^ x >> shift).wrapping_mul(factor);
        }
        f64::from((x ^ x >> 16) >> 8) / f64::from(1 << 24)
    })
}

fn values(name: &str, shape: &[usize]) -> Vec<f32> {
    let numbers = uniform(name, shape.iter().product());
    let bound = (6.0 / shape[1..].iter().product::<usize>() as f64).sqrt();
    let scaled = |u: f64| match name.rsplit('.').next() {
        Some("weight") if shape.len() > 1 => (2.0 * u - 1.0) * bound,
        Some("weight" | "running_var") => 0.5 + u,
        _ => 0.5 * (u - 0.5),
    };
    numbers.map(|u| scaled(u) as f32).collect()
}

/// Weights under all the names of the network.
fn named() -> BTreeMap<String, Vec<f32>> {
    let mut named = BTreeMap::new();
    let mut add = |name: String, shape: &[usize]| {
        let values = values(&name, shape);
        named.insert(name, values);
    };
    let mut channels = 3;
    for (_, plan) in blocks::stages() {
        let (_, outputs) = plan
            .built(channels, &mut |window, inputs| {
                let [rows, columns] = window.kernel;
                add(format!("{}.conv.weight", window.name), &[window.outputs, inputs, rows, columns]);
                for part in ["weight", "bias", "running_mean", "running_var"] {
                    add(format!("{}.bn.{part}", window.name), &[window.outputs]);
                }
                Ok(())
            })
            .expect("nothing can fail");
        channels = outputs;
    }
    add("fc.weight".into(), &[CLASSES, DIM]);
    add("fc.bias".into(), &[CLASSES]);
    named
}

/// Bytes `[3, side, side]`: noise, a ramp, blocks, and waves that grow finer, as in reference.py.
fn image(index: usize, side: usize) -> Vec<u8> {
    if index == 0 {
        return uniform("image", 3 * side * side).map(|u| (u * 256.0) as u8).collect();
    }
    let places = (0..3 * side * side).map(|i| (i / (side * side), i / side % side, i % side));
    let byte = |(c, y, x): (usize, usize, usize)| match index {
        1 => (7 * x + 3 * y + 40 * c) % 256,
        2 => (x / 8 + y / 8 + c) % 2 * 200 + 20,
        _ => (x * y + 37 * c) % 256,
    };
    places.map(|place| byte(place) as u8).collect()
}

/// Images of one size, and which one is the first.
fn batches(sides: &[usize]) -> Vec<(usize, usize, Vec<u8>)> {
    let mut batches: Vec<(usize, usize, Vec<u8>)> = Vec::new();
    for (index, side) in sides.iter().enumerate() {
        match batches.last_mut() {
            Some((_, last, bytes)) if last == side => bytes.extend(image(index, *side)),
            _ => batches.push((index, *side, image(index, *side))),
        }
    }
    batches
}

/// Every stage, the features and the logits, of the whole network on `device`.
fn check_network(device: &Device) {
    let reference = reference();
    let inception = Inception::new(&named(), Resize::Tf1, device).expect("weights of the right names");
    assert_eq!(
        (inception.name().as_str(), inception.dim(), inception.classes()),
        ("inception", DIM, CLASSES)
    );
    for (first, side, bytes) in batches(&reference.sides) {
        let images = Images { bytes: &bytes, channels: 3, side };
        let mut stages = reference.stages.iter();
        let [pooled, logits] = inception.forward(&images, |name, x| {
            let stage = stages.next().expect("as many stages");
            assert_eq!(name, stage.name);
            let got = x.clone().into_data().try_to_vec::<f32>().expect("f32");
            stage.check(&got, first, images.count());
        });
        assert!(stages.next().is_none());
        for (what, got, want) in
            [("pooled", pooled, &reference.pooled), ("logits", logits, &reference.logits)]
        {
            let got = got.into_data().try_to_vec::<f32>().expect("f32");
            for (got, want_one) in got.chunks_exact(got.len() / images.count()).zip(&want.images[first..]) {
                let error = max_relative_error(got, want_one);
                assert!(error <= want.tolerance, "{what}: off by {error:e}, not {:e}", want.tolerance);
            }
        }
    }
}

#[test]
fn the_network_is_torch_fidelitys() {
    check_network(&Device::flex());
}

/// On a graphics card, or what stands in for one.
#[test]
#[ignore = "needs a GPU, or minutes on a software one"]
fn the_network_is_torch_fidelitys_on_a_gpu() {
    let opened = crate::gpu::open(&crate::gpu::DeviceSpec::Wgpu(Some(0))).expect("a wgpu device");
    println!("{:?}", opened.backend);
    check_network(&opened.device);
}

#[test]
fn features_of_an_image_do_not_depend_on_its_neighbours_and_gray_is_repeated() {
    let inception = Inception::new(&named(), Resize::Tf1, &Device::flex()).expect("a network");
    let gray = &image(1, 8)[..64];
    let colours = [gray, gray, gray, &image(2, 8)[..]].concat();
    let of = |bytes, channels| inception.extract(&Images { bytes, channels, side: 8 }).expect("features");
    let (one, two) = (of(gray, 1), of(&colours, 3));
    assert_eq!((two.pooled.len(), two.logits.len()), (2 * DIM, 2 * CLASSES));
    // The order of additions may depend on how many images are given at once.
    for (one, both) in [(one.pooled, &two.pooled), (one.logits, &two.logits)] {
        let both: Vec<f64> = both[..one.len()].iter().map(|v| f64::from(*v)).collect();
        let error = max_relative_error(&one, &both);
        assert!(error < 1e-6, "alone and with another: {error:e} apart");
    }
    let apart = two.pooled[..DIM].iter().zip(&two.pooled[DIM..]).any(|(a, b)| (a - b).abs() > 0.1);
    assert!(apart, "another image has other features");
    assert!(of(&[], 3).pooled.is_empty());
}

#[test]
fn resizes_are_tensorflows_and_pytorchs() {
    let reference = reference();
    for (rule, want) in [(Resize::Tf1, &reference.tf1), (Resize::PytorchFid, &reference.pytorch_fid)] {
        for (first, side, bytes) in batches(&reference.sides) {
            let images = Images { bytes: &bytes, channels: 3, side };
            want.check(&rule.apply(&images), first, images.count());
        }
    }
}

/// A line of two pixels, 0 and 255, over 299: where TensorFlow's reaches the second pixel (at 149.5) and
/// stays, pytorch-fid's is at the first until 74.25 and from 223.75 on at the second.
#[test]
fn two_pixels_become_299() {
    let pixels = [0, 255, 0, 255];
    let line =
        |rule: Resize| rule.apply(&Images { bytes: &pixels, channels: 1, side: 2 })[..resize::SIDE].to_vec();
    let near = |got: f32, want: f32| assert!((got - want).abs() < 1e-5, "{got} instead of {want}");
    let tf1 = line(Resize::Tf1);
    near(tf1[0], -1.0);
    near(tf1[1], (255.0 * 2.0 / 299.0 - 128.0) / 128.0);
    near(tf1[149], (255.0 * 298.0 / 299.0 - 128.0) / 128.0);
    assert!(tf1[150..].iter().all(|v| *v == 127.0 / 128.0));
    let fid = line(Resize::PytorchFid);
    assert!(fid[..=74].iter().all(|v| *v == -1.0) && fid[225..].iter().all(|v| (*v - 1.0).abs() < 1e-6));
    near(fid[149], 0.0);
    near(fid[75], 2.0 * (75.5 * 2.0 / 299.0 - 0.5) - 1.0);
}

#[test]
fn pixels_of_the_networks_own_size_stay_and_large_images_are_skipped_through() {
    let own = image(0, resize::SIDE);
    let images = Images { bytes: &own, channels: 3, side: resize::SIDE };
    let want: Vec<f32> = own.iter().map(|byte| (f32::from(*byte) - 128.0) / 128.0).collect();
    assert!(Resize::Tf1.apply(&images) == want, "pixels changed on the way");
    let error = Resize::PytorchFid
        .apply(&images)
        .iter()
        .zip(&own)
        .fold(0.0, |most: f32, (got, byte)| most.max((got - (f32::from(*byte) / 127.5 - 1.0)).abs()));
    assert!(error < 1e-4, "{error}");
    // Twice the size: every other pixel, no average over the squares.
    let twice = image(0, 2 * resize::SIDE);
    let got = Resize::Tf1.apply(&Images { bytes: &twice, channels: 3, side: 2 * resize::SIDE });
    assert_eq!(got[1], (f32::from(twice[2]) - 128.0) / 128.0);
    assert_eq!(got[resize::SIDE], (f32::from(twice[4 * resize::SIDE]) - 128.0) / 128.0);
}

#[test]
fn resizing_does_not_depend_on_threads() {
    let bytes = [image(0, 40), image(3, 40)].concat();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        pool.install(|| Resize::PytorchFid.apply(&Images { bytes: &bytes, channels: 3, side: 40 }))
    };
    assert!(on(1) == on(3), "one thread and three differ");
}

#[test]
fn the_first_wrong_tensor_is_named_and_the_file_that_is_needed() {
    let mut named = named();
    let refused = |named: &BTreeMap<String, Vec<f32>>, wanted: &str| {
        let error = Inception::new(named, Resize::Tf1, &Device::flex()).err().expect("bad weights");
        assert_eq!(error.kind, Kind::Checkpoint);
        let words = error.to_string();
        assert!(words.contains(wanted) && words.contains("pt_inception-2015-12-05-6726825d.pth"), "{words}");
    };
    assert!(is_inception(&named));
    // From the last to the first, each with those behind it already wrong.
    named.remove("fc.bias");
    refused(&named, "no tensor named fc.bias");
    named.insert("fc.weight".into(), vec![0.0; 1000 * DIM]);
    refused(&named, "fc.weight has 2048000 numbers instead of 1008 × 2048 = 2064384");
    named.insert("Mixed_7c.branch_pool.bn.running_var".into(), vec![-1.0; 192]);
    refused(&named, "Mixed_7c.branch_pool.bn.running_var has a variance below zero");
    if let Some(values) = named.get_mut("Mixed_6e.branch7x7dbl_4.conv.weight") {
        values.push(0.0);
    }
    refused(
        &named,
        "Mixed_6e.branch7x7dbl_4.conv.weight has 258049 numbers instead of 192 × 192 × 7 × 1 = 258048",
    );
    if let Some(value) =
        named.get_mut("Mixed_5b.branch5x5_2.bn.running_mean").and_then(|mean| mean.last_mut())
    {
        *value = f32::NAN;
    }
    refused(&named, "Mixed_5b.branch5x5_2.bn.running_mean has numbers that are not finite");
    named.remove("Conv2d_1a_3x3.bn.weight");
    refused(&named, "no tensor named Conv2d_1a_3x3.bn.weight");
    assert!(is_inception(&named));
    TELLTALES.iter().for_each(|name| drop(named.remove(*name)));
    assert!(!is_inception(&named) && !is_inception(&BTreeMap::new()));
}
