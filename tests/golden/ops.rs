//! Single operators and blocks with their vector-Jacobian products.

use burn::tensor::{Device, Tensor};
use serde_json::Value;
use signet::gpu::kernels::attention_weights;
use signet::model::{
    BlockConfig, BlockStyle, Conv2d, ConvConfig, Dropout, Filter, GroupNorm, LayerInit, LayoutBuilder,
    Leaves, Order, Resample, UnetBlock, Weights, embed, fourier_frequencies, positional_frequencies,
};

use crate::case::Case;
use crate::report::Report;

pub fn run(case: &Case, device: &Device) -> Report {
    let mut report = Report::default();
    for sub in case.config()["sub_cases"].as_array().expect("sub-cases") {
        match sub["op"].as_str() {
            Some("group_norm") => group_norm(case, &mut report, sub, device),
            Some("attention_weights") => attention(case, &mut report, sub, device),
            Some("positional_embedding") => {
                let frequencies = positional_frequencies(size(sub, "channels") / 2, flag(sub, "endpoint"));
                embedding(case, &mut report, sub, &frequencies, device);
            }
            Some("fourier_embedding") => {
                let turns = case.floats(&format!("{}.freqs", name(sub)));
                embedding(case, &mut report, sub, &fourier_frequencies(&turns), device);
            }
            Some(other) => report.check(false, || format!("the operator {other} is unknown")),
            None if sub.get("emb_channels").is_some() => block(case, &mut report, sub, device),
            None => conv(case, &mut report, sub, device),
        }
    }
    report
}

fn name(sub: &Value) -> String {
    sub["name"].as_str().map_or_else(|| sub["i"].to_string(), str::to_string)
}

fn size(sub: &Value, key: &str) -> usize {
    sub[key].as_u64().unwrap_or_else(|| panic!("{key} is a number")) as usize
}

fn flag(sub: &Value, key: &str) -> bool {
    sub[key].as_bool().unwrap_or(false)
}

fn filter(sub: &Value) -> Filter {
    match sub["resample_filter"].as_array() {
        Some(taps) => Filter::new(&taps.iter().map(|v| v.as_f64().expect("a tap")).collect::<Vec<_>>()),
        None => Filter::pair(),
    }
}

fn way(sub: &Value) -> Resample {
    match (flag(sub, "up"), flag(sub, "down")) {
        (false, false) => Resample::Keep,
        (up, _) => {
            if up {
                Resample::Up
            } else {
                Resample::Down
            }
        }
    }
}

/// The numbers that a piece of network described by `build` has in the case.
fn weights<T>(case: &Case, device: &Device, build: impl FnOnce(&mut LayoutBuilder) -> T) -> (T, Weights) {
    let mut builder = LayoutBuilder::new();
    let piece = build(&mut builder);
    let layout = std::sync::Arc::new(builder.finish());
    let weights = Weights::from_named(layout, &case.params(""), device).expect("the case's numbers fit");
    (piece, weights)
}

/// The parameters whose gradients are compared, and where the case keeps them.
struct Parameters<'a> {
    leaves: &'a Leaves,
    weights: &'a Weights,
    key_of: &'a dyn Fn(&str) -> String,
}

/// Compares `y`, then every gradient of `sum(y · dy)`: those of named tensors and of parameters.
fn vjp(
    case: &Case,
    report: &mut Report,
    (out, cotangent): (&str, &str),
    y: Tensor<4>,
    inputs: &[(&str, Tensor<4>)],
    parameters: Option<Parameters>,
) {
    case.compare_tensor(report, out, y.clone().inner());
    let cotangent = case.tensor::<4>(cotangent, &y.device());
    let mut gradients = (y * cotangent).sum().backward();
    for (key, input) in inputs {
        case.compare_tensor(report, key, input.grad(&gradients).expect("a gradient"));
    }
    let Some(Parameters { leaves, weights, key_of }) = parameters else { return };
    let flat = leaves.gradients(&mut gradients);
    case.compare_gradients(report, weights.layout(), &flat, key_of);
}

/// The same for sub-case `i` with the keys of single operators: `y`, `dy`, `dx` and `dPARAMETER`.
fn operator_vjp(
    case: &Case,
    report: &mut Report,
    i: &str,
    (x, y): (Tensor<4>, Tensor<4>),
    parameters: Option<(&Leaves, &Weights)>,
) {
    let (out, cotangent, dx) = (format!("{i}.y"), format!("{i}.dy"), format!("{i}.dx"));
    let key_of = |param: &str| param.replace('.', ".d");
    let parameters = parameters.map(|(leaves, weights)| Parameters { leaves, weights, key_of: &key_of });
    vjp(case, report, (&out, &cotangent), y, &[(&dx, x)], parameters);
}

fn conv(case: &Case, report: &mut Report, sub: &Value, device: &Device) {
    let i = name(sub);
    let tracked = device.clone().autodiff();
    let x = case.tensor::<4>(&format!("{i}.x"), &tracked).require_grad();
    if size(sub, "kernel") == 0 {
        let y = filter(sub).apply(x.clone(), way(sub));
        return operator_vjp(case, report, &i, (x, y), None);
    }
    let config = ConvConfig::plain(size(sub, "in_channels"), size(sub, "out_channels"), size(sub, "kernel"));
    let config =
        ConvConfig { fused: flag(sub, "fused_resample"), ..config.resampling(way(sub), &filter(sub)) };
    let (conv, weights) = weights(case, device, |b| Conv2d::new(b, &i, config, LayerInit::xavier(1.0)));
    let leaves = weights.tracked();
    let y = conv.forward(&leaves, x.clone());
    operator_vjp(case, report, &i, (x, y), Some((&leaves, &weights)));
}

fn group_norm(case: &Case, report: &mut Report, sub: &Value, device: &Device) {
    let i = name(sub);
    let x = case.tensor::<4>(&format!("{i}.x"), &device.clone().autodiff()).require_grad();
    let eps = sub["eps"].as_f64().expect("eps");
    let (norm, weights) = weights(case, device, |b| GroupNorm::new(b, &i, size(sub, "channels"), eps));
    report.check(norm.groups() == size(sub, "groups"), || format!("{i} has {} groups", norm.groups()));
    let leaves = weights.tracked();
    let y = norm.forward(&leaves, x.clone());
    operator_vjp(case, report, &i, (x, y), Some((&leaves, &weights)));
}

fn attention(case: &Case, report: &mut Report, sub: &Value, device: &Device) {
    let i = name(sub);
    let key = |part: &str| format!("{i}.{part}");
    let tracked = device.clone().autodiff();
    let [q, k] = ["q", "k"].map(|part| case.tensor::<3>(&key(part), &tracked).require_grad());
    let w = attention_weights(q.clone(), k.clone());
    case.compare_tensor(report, &key("w"), w.clone().inner());
    let gradients = (w * case.tensor::<3>(&key("dw"), &tracked)).sum().backward();
    for (part, tensor) in [("dq", q), ("dk", k)] {
        case.compare_tensor(report, &key(part), tensor.grad(&gradients).expect("a gradient"));
    }
}

fn embedding(case: &Case, report: &mut Report, sub: &Value, frequencies: &[f64], device: &Device) {
    let i = name(sub);
    let got = embed(case.numbers(&format!("{i}.x")), frequencies, Order::CosSin, device);
    case.compare_tensor(report, &format!("{i}.y"), got);
}

fn block(case: &Case, report: &mut Report, sub: &Value, device: &Device) {
    let i = name(sub);
    let tracked = device.clone().autodiff();
    let x = case.tensor::<4>(&format!("{i}.x"), &tracked).require_grad();
    let emb = case.tensor::<2>(&format!("{i}.emb"), &tracked).require_grad();
    // What a sub-case leaves out is as in ADM's blocks.
    let usual = BlockStyle::dhariwal();
    let style = BlockStyle {
        adaptive_scale: sub["adaptive_scale"].as_bool().unwrap_or(usual.adaptive_scale),
        skip_scale: sub["skip_scale"].as_f64().unwrap_or(usual.skip_scale),
        norm_eps: sub["eps"].as_f64().unwrap_or(usual.norm_eps),
        resample_proj: sub["resample_proj"].as_bool().unwrap_or(usual.resample_proj),
        filter: filter(sub),
        ..usual
    };
    let outputs = size(sub, "out_channels");
    let heads = match sub["num_heads"].as_u64() {
        Some(heads) => heads as usize,
        None if flag(sub, "attention") => outputs / size(sub, "channels_per_head"),
        None => 0,
    };
    let (inputs, emb_channels) = (size(sub, "in_channels"), size(sub, "emb_channels"));
    let config = BlockConfig { inputs, outputs, emb_channels, resample: way(sub), heads };
    let prefix = format!("{i}.param");
    let (block, weights) = weights(case, device, |b| UnetBlock::new(b, &prefix, config, &style));
    let leaves = weights.tracked();
    let y = block.forward(&leaves, x.clone(), &emb, &mut Dropout::off());
    // The embedding's gradient needs a backward pass of its own: it has another rank than the images.
    let cotangent = case.tensor::<4>(&format!("{i}.dy"), &tracked);
    let gradients = (y.clone() * cotangent).sum().backward();
    case.compare_tensor(report, &format!("{i}.demb"), emb.grad(&gradients).expect("a gradient"));
    let y = block.forward(&leaves, x.clone(), &emb, &mut Dropout::off());
    let key_of = |param: &str| param.replacen(".param.", ".grad.", 1);
    let (out, cotangent, dx) = (format!("{i}.y"), format!("{i}.dy"), format!("{i}.dx"));
    vjp(
        case,
        report,
        (&out, &cotangent),
        y,
        &[(&dx, x)],
        Some(Parameters { leaves: &leaves, weights: &weights, key_of: &key_of }),
    );
}
