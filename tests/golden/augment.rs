//! The augmentation pipe under given random numbers: images and labels.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use signet::diffusion::{AugmentDraws, AugmentPipe, Gated};

use crate::case::Case;
use crate::report::Report;

/// Settings of a pipe that are ours too.
const KNOWN: [&str; 7] = ["p", "xflip", "yflip", "scale", "rotate_frac", "aniso", "translate_frac"];

/// Settings that are constants of ours.
const FIXED: [(&str, f64); 5] = [
    ("scale_std", 0.2),
    ("rotate_frac_max", 1.0),
    ("aniso_std", 0.2),
    ("aniso_rotate_prob", 0.5),
    ("translate_frac_std", 0.125),
];

/// Transformations that we do not have, and the settings of them that mean nothing where they are off.
const FOREIGN: [(&str, &[&str]); 7] = [
    ("rotate_int", &[]),
    ("translate_int", &["translate_int_max"]),
    ("brightness", &["brightness_std"]),
    ("contrast", &["contrast_std"]),
    ("lumaflip", &[]),
    ("hue", &["hue_max"]),
    ("saturation", &["saturation_std"]),
];

/// Why a pipe is not one of ours, if it is not.
fn foreign(settings: &BTreeMap<&str, f64>) -> Option<String> {
    settings.iter().find_map(|(key, value)| {
        let fixed = FIXED.iter().find(|(name, _)| name == key);
        let ours = match fixed {
            Some((_, ours)) => value == ours,
            None => KNOWN.contains(key) || *value == 0.0 || FOREIGN.iter().any(|(_, of)| of.contains(key)),
        };
        (!ours).then(|| format!("{key} = {value} is not a transformation of ours"))
    })
}

pub fn run(case: &Case, device: &Device) -> Result<Report, String> {
    let mut report = Report::default();
    let (channels, size) = (case.usize("channels"), case.usize("resolution"));
    let images = case.floats("in.images");
    let count = images.len() / (channels * size * size);
    for (name, settings) in case.config()["pipes"].as_object().expect("config.pipes") {
        let settings: BTreeMap<&str, f64> = settings
            .as_object()
            .expect("a pipe's settings")
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_f64().expect("a number")))
            .collect();
        if let Some(why) = foreign(&settings) {
            return Err(why);
        }
        let factor = |key: &str| settings.get(key).copied().unwrap_or(0.0);
        let pipe = AugmentPipe {
            probability: factor("p"),
            x_flip: factor("xflip"),
            y_flip: factor("yflip"),
            scale: factor("scale"),
            rotation: factor("rotate_frac"),
            stretch: factor("aniso"),
            translation: factor("translate_frac"),
        };
        let data = TensorData::new(images.clone(), [count, channels, size, size]);
        let augmentation = pipe.plan(&draws(case, name, &pipe, count), size);
        let got = augmentation.apply(Tensor::from_data(data, device), 0);
        case.compare_tensor(&mut report, &format!("{name}.out"), got.images);
        case.compare_tensor(&mut report, &format!("{name}.labels"), got.labels);
    }
    Ok(report)
}

/// The case's numbers by image. Transformations draw in their order, and only those of the pipe.
fn draws(case: &Case, pipe_name: &str, pipe: &AugmentPipe, count: usize) -> Vec<AugmentDraws> {
    let prefix = format!("{pipe_name}.draw.");
    let mut names: Vec<&String> = case.names().filter(|n| n.starts_with(&prefix)).collect();
    names.sort();
    let mut calls = names.into_iter();
    // The numbers of the next call, or zeros for a transformation that is not in the pipe.
    let mut next = |factor: f64, len: usize| {
        if factor == 0.0 {
            return vec![0.0; len];
        }
        case.numbers(calls.next().expect("a draw for each transformation")).to_vec()
    };
    let mut pair = |factor: f64| [next(factor, count), next(factor, count)];
    let [x_coin, x_gate] = pair(pipe.x_flip);
    let [y_coin, y_gate] = pair(pipe.y_flip);
    let [scale, scale_gate] = pair(pipe.scale);
    let [turn, turn_gate] = pair(pipe.rotation);
    let [stretch, direction] = pair(pipe.stretch);
    let [stretch_gate, direction_gate] = pair(pipe.stretch);
    let (moves, move_gate) = (next(pipe.translation, 2 * count), next(pipe.translation, count));
    assert!(calls.next().is_none(), "{pipe_name} draws more than its transformations need");
    let of_image = |i: usize| AugmentDraws {
        x_flip: Gated { value: x_coin[i] == 1.0, gate: x_gate[i] },
        y_flip: Gated { value: y_coin[i] == 1.0, gate: y_gate[i] },
        scale: Gated { value: scale[i], gate: scale_gate[i] },
        rotation: Gated { value: turn[i], gate: turn_gate[i] },
        stretch: Gated { value: stretch[i], gate: stretch_gate[i] },
        direction: Gated { value: direction[i], gate: direction_gate[i] },
        translation: Gated { value: [moves[i], moves[count + i]], gate: move_gate[i] },
    };
    (0..count).map(of_image).collect()
}
