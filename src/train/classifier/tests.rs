use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::gpu::compare::max_relative_error;
use crate::import;
use crate::random::{Random, Stream};

/// Stripes across, stripes down and blots, each in colours and noise of its own: no colour tells the class.
fn textures(count: usize) -> Dataset {
    let random = Random::new(5, Stream::SelfTest);
    let mut pixels = Vec::new();
    for i in 0..count {
        let draws = random.uniforms(i as u64, 0, 3 * 256 + 8);
        let (phase, colours) = ((draws[0] * 4.0) as usize, &draws[2..8]);
        for plane in 0..3 {
            for at in 0..256 {
                let (x, y) = (at % 16 + phase, at / 16 + phase);
                let is_on = [x / 2 % 2, y / 2 % 2, (x / 4 + y / 4) % 2][i % 3] == 0;
                let colour = if is_on { colours[plane] } else { colours[3 + plane] };
                pixels.push(((0.8 * colour + 0.2 * draws[8 + 256 * plane + at]) * 255.0) as u8);
            }
        }
    }
    let labels = (0..count as u32).map(|i| i % 3).collect();
    Dataset::new("textures", 3, 16, pixels, Some(labels), Vec::new()).expect("a data set")
}

#[test]
fn a_classifier_learns_and_is_opened_as_features() {
    let (data, device) = (textures(300), Device::flex());
    let options = ClassifierOptions { epochs: 4, batch: 16, ..ClassifierOptions::default() };
    let mut last = (0, 0);
    let mut progress = |done, all| last = (done, all);
    let (named, report) = train_classifier(&data, &options, &device, &mut progress).expect("trained");
    println!("{report:?}");
    assert_eq!((report.trained_on, report.held_out, last), (270, 30, (4 * 270, 4 * 270)));
    assert!(report.accuracy >= 0.9 && report.guessing < 0.4, "{report:?}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("classifier.safetensors");
    write_classifier(&path, &named, &report).expect("written");
    assert_eq!(import::tensors(&path).expect("readable"), named);
    let bytes = std::fs::read(&path).expect("there");
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).expect("a header");
    let told = header.metadata().as_ref().and_then(|m| m.get("signet.classifier")).expect("a report");
    let read: ClassifierReport = serde_json::from_str(told).expect("readable");
    assert_eq!((read.data_hash, read.seed, read.held_out), (data.hash.clone(), 0, 30));
    assert_eq!(header.info("conv1.weight").map(|info| info.shape.clone()), Some(vec![16, 3, 3, 3]));
    let resnet = Resnet::new(&named, &device).expect("a network");
    assert_eq!((resnet.depth(), resnet.dim(), resnet.classes()), (8, 64, 3));
}

/// Where the running averages are the batch's own moments, the extractor gives the logits of training.
#[test]
fn the_extractor_computes_what_was_trained() {
    let device = Device::flex();
    for blocks in [1, 2] {
        let network = Network::new(blocks, 5);
        let mut weights = Weights::init(network.layout().clone(), 3, &device);
        // Norms that do something.
        let noise = |t: Tensor<1>| {
            let draws = Random::new(9, Stream::SelfTest).normals(0, 0, t.dims()[0]);
            let len = draws.len();
            t + Tensor::<1>::from_data(TensorData::new(draws, [len]), &device) * 0.1
        };
        weights.update(|_, block| noise(block));
        let bytes: Vec<u8> = Random::new(4, Stream::SelfTest)
            .uniforms(0, 0, 6 * 3 * 1024)
            .iter()
            .map(|u| (u * 256.0) as u8)
            .collect();
        let images = TensorData::new(resnet_input(&bytes), [6, 3, RESNET_SIDE, RESNET_SIDE]);
        let images = Tensor::from_inner(Tensor::<4>::from_data(images, &device));
        let (logits, moments) = network.forward(&weights.tracked(), images);
        let mut named = weights.named().expect("numbers");
        for (norm, moments) in network.norms().zip(moments) {
            named.insert(format!("{norm}.running_mean"), read(moments.mean).expect("numbers"));
            named.insert(format!("{norm}.running_var"), read(moments.variance).expect("numbers"));
        }
        let resnet = Resnet::new(&named, &device).expect("a network");
        let got =
            resnet.extract(&Images { bytes: &bytes, channels: 3, side: RESNET_SIDE }).expect("features");
        let want: Vec<f64> = read(logits.inner()).expect("numbers").into_iter().map(f64::from).collect();
        let error = max_relative_error(&got.logits, &want);
        assert_eq!((resnet.depth(), want.len()), (2 + 6 * blocks, 30));
        assert!(error < 1e-5, "{blocks} blocks: {error:e}");
    }
}

#[test]
fn running_averages_begin_with_the_first_batch() {
    let device = Device::flex();
    let moments = |value: f32| {
        let of = |v: f32| Tensor::<1>::full([1], v, &device);
        vec![norm::Moments { mean: of(value), variance: of(2.0 * value), count: 3 }]
    };
    let mut running = Running::default();
    for value in [1.0, 3.0] {
        running.update(moments(value));
    }
    let mut named = Named::new();
    running.put(["bn1"].into_iter(), &mut named).expect("numbers");
    // The mean of both; variances times 3 / 2.
    assert_eq!((&named["bn1.running_mean"], &named["bn1.running_var"]), (&vec![2.0], &vec![6.0]));
    for _ in 0..20 {
        running.update(moments(2.0));
    }
    running.update(moments(12.0));
    running.put(["bn1"].into_iter(), &mut named).expect("numbers");
    assert!((named["bn1.running_mean"][0] - 3.0).abs() < 1e-5, "{named:?}");
}

#[test]
fn the_same_seed_trains_the_same_classifier() {
    let (data, device) = (textures(60), Device::flex());
    let train = |seed| {
        let options = ClassifierOptions { epochs: 1, seed, ..ClassifierOptions::default() };
        train_classifier(&data, &options, &device, &mut |_, _| {}).expect("trained").0
    };
    assert_eq!(train(1), train(1));
    assert_ne!(train(1), train(2));
}

#[test]
fn options_that_train_nothing_are_refused() {
    let good = ClassifierOptions::default();
    for options in [
        ClassifierOptions { blocks: 0, ..good },
        ClassifierOptions { epochs: 0, ..good },
        ClassifierOptions { batch: 0, ..good },
        ClassifierOptions { learning_rate: f64::NAN, ..good },
    ] {
        let error = train_classifier(&textures(30), &options, &Device::flex(), &mut |_, _| {});
        assert_eq!(error.err().map(|e| e.exit_code()), Some(2), "{options:?}");
    }
}

/// Accuracy and time on real images: `SIGNET_LABELLED_ZIP` is a labelled set, say CIFAR-10.
#[test]
#[ignore = "needs SIGNET_LABELLED_ZIP and minutes"]
fn real_images_are_learnt() {
    let path = std::env::var("SIGNET_LABELLED_ZIP").expect("SIGNET_LABELLED_ZIP");
    let source = crate::recipe::Data {
        path: Some(Path::new(&path).into()),
        size: 32,
        limit: Some(10_000),
        ..crate::recipe::Data::default()
    };
    let (data, _) = crate::data::open(&source, 0, &mut |_, _| Ok(())).expect("a data set");
    let options = ClassifierOptions { epochs: 5, ..ClassifierOptions::default() };
    let trained = train_classifier(&data, &options, &Device::flex(), &mut |_, _| {}).expect("trained");
    println!("{:?}", trained.1);
    assert!(trained.1.accuracy > 2.0 * trained.1.guessing, "{:?}", trained.1);
}

/// `SIGNET_DEVICE` is another device than the CPU, say wgpu:0.
#[test]
#[ignore = "needs SIGNET_DEVICE"]
fn another_device_trains_alike() {
    let device = std::env::var("SIGNET_DEVICE").expect("SIGNET_DEVICE").parse().expect("a device");
    let opened = crate::gpu::open(&device).expect("it opens");
    let data = textures(33);
    // One step, so that rounding is all that differs.
    let options = ClassifierOptions { epochs: 1, ..ClassifierOptions::default() };
    let train = |device| train_classifier(&data, &options, device, &mut |_, _| {}).expect("trained").0;
    let (got, want) = (train(&opened.device), train(&Device::flex()));
    for name in ["bn1.running_var", "layer3.0.bn2.running_mean"] {
        let want: Vec<f64> = want[name].iter().copied().map(f64::from).collect();
        let error = max_relative_error(&got[name], &want);
        println!("{name}: {error:e}");
        assert!(error < 1e-4, "{name}: {error:e}");
    }
}
