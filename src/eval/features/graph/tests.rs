use std::collections::BTreeMap;
use std::time::Instant;

use burn::tensor::Device;

use super::super::{Extractor, Images};
use super::Graph;
use crate::gpu::compare::max_relative_error;

/// Every operation once, for RGB of 2×2 in the bytes' own numbers.
const TINY: &str = r#"{"input": 7,
    "prepare": {"side": 2, "mean": [0, 0, 0], "deviation": [1, 1, 1]},
    "ops": [
        {"op": "conv", "in": [7], "out": 1, "w": "a.w", "b": "a.b", "stride": 1, "same": true, "relu6": true},
        {"op": "dwconv", "in": [1], "out": 2, "w": "b.w", "b": "b.b", "stride": 1, "same": true, "relu6": false},
        {"op": "add", "in": [1, 2], "out": 3},
        {"op": "conv", "in": [3], "out": 4, "w": "c.w", "b": "c.b", "stride": 2, "same": true},
        {"op": "add", "in": [4, 4], "out": 5},
        {"op": "mean", "in": [3], "out": 6},
        {"op": "fc", "in": [6], "out": 8, "w": "d.w", "b": "d.b"}]}"#;

fn weights() -> BTreeMap<String, Vec<f32>> {
    let tensors: [(&str, &[f32]); 8] = [
        // Red plus one, and blue minus green.
        ("a.w", &[1.0, 0.0, 0.0, 0.0, -1.0, 1.0]),
        ("a.b", &[1.0, 0.0]),
        // The right neighbour; ten times the pixel above.
        ("b.w", &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        ("b.b", &[0.5, 0.0]),
        ("c.w", &[1.0; 8]),
        ("c.b", &[0.0]),
        ("d.w", &[1.0, 1.0, 2.0, -1.0, 0.0, 1.0]),
        ("d.b", &[0.0, 0.25, -3.0]),
    ];
    tensors.iter().map(|(name, values)| (name.to_string(), values.to_vec())).collect()
}

fn tiny(json: &str, weights: &BTreeMap<String, Vec<f32>>) -> crate::error::Result<Graph> {
    Graph::new("Tiny-net_v1", json, weights, &Device::flex())
}

#[test]
fn a_graph_computes_what_it_says() {
    let graph = tiny(TINY, &weights()).expect("a graph");
    assert_eq!((graph.name(), graph.dim(), graph.classes()), ("tiny".into(), 2, 3));
    let image = [1, 2, 3, 9, 5, 5, 5, 5, 0, 6, 7, 8];
    let black = [0u8; 12];
    let bytes = [image, black].concat();
    let got = graph.extract(&Images { bytes: &bytes, channels: 3, side: 2 }).expect("features");
    // Value 1: red + 1 clipped, [2 3 4 6]; blue - green clipped, [0 1 2 3].
    // Value 2: right neighbour + 0.5, [3.5 0.5 6.5 0.5]; ten times above, [0 0 0 10].
    // Value 3: [5.5 3.5 10.5 6.5], [0 1 2 13], with means 6.5 and 4.
    // The black image: [1 1 1 1] + [1.5 0.5 1.5 0.5], mean 2; zeros.
    assert_eq!(got.pooled, [6.5, 4.0, 2.0, 0.0]);
    assert_eq!(got.logits, [10.5, 9.25, 1.0, 2.0, 4.25, -3.0]);
}

/// TensorFlow's zeros lie behind where a stride of 2 needs only one: the first output starts at the first
/// pixel. A border on both sides would start before it.
fn strides_of_two_start_at_the_first_pixel(device: &Device) {
    let json = r#"{"input": 0, "prepare": {"side": 4, "mean": [0, 0, 0], "deviation": [1, 1, 1]}, "ops": [
        {"op": "OP", "in": [0], "out": 1, "w": "w", "b": "b", "stride": 2, "same": true},
        {"op": "mean", "in": [1], "out": 2}]}"#;
    let bytes: Vec<u8> = (0..16).chain([0; 32]).collect();
    let corner = [[1.0].as_slice(), &[0.0; 8]].concat().repeat(3);
    for (op, outputs) in [("conv", 1), ("dwconv", 3)] {
        let weights = [("w".into(), corner.clone()), ("b".into(), vec![0.0; outputs])].into();
        let graph = Graph::new("strides", &json.replace("OP", op), &weights, device).expect("a graph");
        let got = graph.extract(&Images { bytes: &bytes, channels: 3, side: 4 }).expect("features");
        // Pixels 0, 2, 8 and 10.
        assert_eq!((got.pooled[0], got.logits.len()), (5.0, 0), "{op}");
    }
}

#[test]
fn a_stride_of_two_starts_at_the_first_pixel() {
    strides_of_two_start_at_the_first_pixel(&Device::flex());
}

/// `SIGNET_DEVICE` is another device than the CPU, say wgpu:0.
#[test]
#[ignore = "needs SIGNET_DEVICE"]
fn another_device_agrees() {
    let device = std::env::var("SIGNET_DEVICE").expect("SIGNET_DEVICE").parse().expect("a device");
    let opened = crate::gpu::open(&device).expect("it opens");
    strides_of_two_start_at_the_first_pixel(&opened.device);
    let bytes = [1, 2, 3, 9, 5, 5, 5, 5, 0, 6, 7, 8];
    let images = Images { bytes: &bytes, channels: 3, side: 2 };
    let of = |device| Graph::new("tiny", TINY, &weights(), device).expect("a graph").extract(&images);
    assert_eq!(of(&opened.device).expect("features"), of(&Device::flex()).expect("features"));
}

#[test]
fn malformed_graphs_are_refused_in_words() {
    let cases = [
        (r#""in": [1], "out": 2"#, r#""in": [99], "out": 2"#, "nothing gives its input 99"),
        (r#""in": [1], "out": 2"#, r#""in": [2], "out": 2"#, "nothing gives its input 2"),
        (r#""out": 3"#, r#""out": 7"#, "gives the same"),
        (r#""in": [1, 2]"#, r#""in": [1, 4]"#, "nothing gives its input 4"),
        (r#""in": [4, 4]"#, r#""in": [4, 3]"#, "cannot take 1×1×1 and 2×2×2"),
        (r#""in": [4, 4]"#, r#""in": [4]"#, "length"),
        (r#""w": "c.w""#, r#""w": "none""#, "no none"),
        (r#""w": "c.w""#, r#""w": "d.w""#, "no 1 × 2 square kernels"),
        (r#""b": "b.b""#, r#""b": "c.b""#, "1 numbers for 2 channels"),
        (r#""w": "d.w""#, r#""w": "a.b""#, "not 3 × 2"),
        (r#""in": [6], "out": 8"#, r#""in": [3], "out": 8"#, "cannot take 2×2×2"),
        (r#""stride": 2"#, r#""stride": 0"#, "stride 0"),
        (r#""stride": 2, "same": true"#, r#""stride": 2, "same": false"#, ""),
        (r#""stride": 2"#, r#""stride": -1"#, "integer"),
        (r#""stride": 2"#, r#""dilation": 2, "stride": 2"#, "dilation"),
        (r#""op": "mean""#, r#""op": "softmax""#, "softmax"),
        (r#"{"op": "mean", "in": [3], "out": 6},"#, "", "nothing gives its input 6"),
        (
            r#""op": "fc", "in": [6], "out": 8, "w": "d.w", "b": "d.b""#,
            r#""op": "mean", "in": [6], "out": 8"#,
            "2 means",
        ),
        (r#""side": 2"#, r#""side": 99999999999"#, "side 99999999999"),
        (r#""prepare""#, r#""preprocessing": "centre crop", "other""#, "centre crop"),
        (r#""prepare""#, r#""other""#, "how images are prepared"),
        (r#""input": 7"#, r#""input": 7, "features": "value 4""#, "value 4"),
    ];
    for (old, new, want) in cases {
        assert!(TINY.contains(old), "{old}");
        let result = tiny(&TINY.replace(old, new), &weights());
        if want.is_empty() {
            // A 1×1 kernel needs no zeros: the other rule gives the same.
            assert!(result.is_ok(), "{new}");
            continue;
        }
        let error = result.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains(want) && error.contains("what to do"), "{new}: {error:?}");
    }
    for cut in 0..TINY.len() {
        assert!(tiny(&TINY[..cut], &weights()).is_err(), "a list cut at {cut} was accepted");
    }
    for name in weights().keys() {
        let mut fewer = weights();
        fewer.get_mut(name).map(Vec::pop);
        assert!(tiny(TINY, &fewer).is_err(), "{name} with a number missing was accepted");
        fewer.insert(name.clone(), Vec::new());
        assert!(tiny(TINY, &fewer).is_err(), "{name} without numbers was accepted");
    }
}

#[test]
fn graphs_that_would_not_fit_are_refused() {
    let ops = |op: &str| format!(r#"{{"input": 0, "prepare": {{"side": 1024}}, "ops": [{op}]}}"#);
    let weights = |kernels: usize, outputs: usize| {
        [("w".into(), vec![0.0; kernels * outputs]), ("b".into(), vec![0.0; outputs])].into()
    };
    let conv = r#"{"op": "conv", "in": [0], "out": 1, "w": "w", "b": "b", "stride": 1, "same": true}"#;
    for (kernels, outputs) in [(3, 17), (3 * 25, 1), (3 * 10_000, 1)] {
        let error = tiny(&ops(conv), &weights(kernels, outputs)).err().map(|e| e.to_string());
        assert!(error.as_ref().is_some_and(|e| e.contains("too large")), "{kernels}: {error:?}");
    }
    let many = vec![r#"{"op": "add", "in": [0, 0], "out": 0}"#; 5000].join(",");
    let error = tiny(&ops(&many), &weights(3, 1)).err().map(|e| e.to_string());
    assert!(error.is_some_and(|e| e.contains("5000 operations")));
}

/// Published weights against features computed elsewhere: `SIGNET_FEATURES_DIR` holds
/// `mobilenetv2-imagenet-f16.{json,safetensors}` and `feature_golden.safetensors`.
#[test]
#[ignore = "needs SIGNET_FEATURES_DIR"]
fn published_weights_give_published_features() {
    let folder = std::env::var("SIGNET_FEATURES_DIR").expect("SIGNET_FEATURES_DIR");
    let bytes = |name: &str| std::fs::read(std::path::Path::new(&folder).join(name)).expect("the file");
    let weights = bytes("mobilenetv2-imagenet-f16.safetensors");
    let weights = safetensors::SafeTensors::deserialize(&weights).expect("weights");
    let half = |b: &[u8; 2]| burn::tensor::f16::from_le_bytes(*b).to_f32();
    let halves = |data: &[u8]| data.as_chunks::<2>().0.iter().map(half).collect();
    let named = weights.tensors().into_iter().map(|(name, view)| (name, halves(view.data()))).collect();
    let json = String::from_utf8(bytes("mobilenetv2-imagenet-f16.json")).expect("text");
    let graph = Graph::new("mobilenetv2-imagenet-f16", &json, &named, &Device::flex()).expect("a network");
    assert_eq!((graph.name(), graph.dim(), graph.classes()), ("mobilenetv2".into(), 1280, 1001));
    let golden = bytes("feature_golden.safetensors");
    let golden = safetensors::SafeTensors::deserialize(&golden).expect("features");
    let images = golden.tensor("images").expect("images").data().to_vec();
    let images = Images { bytes: &images, channels: 3, side: 32 };
    // The first run also warms caches and allocator.
    for _ in 0..2 {
        let start = Instant::now();
        for batch in images.batches(graph.batch()) {
            graph.extract(&batch).expect("features");
        }
        let rate = images.count() as f64 / start.elapsed().as_secs_f64();
        println!("{rate:.1} images a second, {} at once", graph.batch());
    }
    let got = graph.extract(&images).expect("features");
    for (part, got) in [("features", got.pooled), ("logits", got.logits)] {
        let view = golden.tensor(&format!("mobilenetv2.{part}")).expect(part);
        let want = view.data().as_chunks::<4>().0.iter().map(|b| f64::from(f32::from_le_bytes(*b)));
        let error = max_relative_error(&got, &want.collect::<Vec<_>>());
        println!("{part}: largest relative error {error:e}");
        assert!(error < 1e-5, "{part}: {error:e}");
    }
}
