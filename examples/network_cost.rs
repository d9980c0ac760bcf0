//! What the published networks cost here: parameters, seconds and memory of one image, forward and
//! backward, on the CPU backend or any adapter.
//!
//! `cargo run --release --example network_cost -- cifar10-ddpmpp cpu`

use std::time::Instant;

use burn::tensor::{Device, Tensor};
use serde_json::json;
use signet::diffusion::Denoiser;
use signet::gpu;
use signet::import::from_kwargs;
use signet::loss::denoise::denoising_loss;
use signet::model::{Condition, Dropout, Weights, read};
use signet::random::{Random, Stream};

/// Networks of Karras et al. (2022), table 7.
const NETWORKS: [(&str, &str); 5] = [
    (
        "cifar10-ddpmpp",
        r#"{"img_resolution": 32, "model_type": "SongUNet", "channel_mult": [2, 2, 2], "augment_dim": 9}"#,
    ),
    (
        "cifar10-ncsnpp",
        r#"{"img_resolution": 32, "model_type": "SongUNet", "channel_mult": [2, 2, 2], "augment_dim": 9,
            "embedding_type": "fourier", "channel_mult_noise": 2, "encoder_type": "residual",
            "resample_filter": [1, 3, 3, 1]}"#,
    ),
    (
        "ffhq64-ddpmpp",
        r#"{"img_resolution": 64, "model_type": "SongUNet", "channel_mult": [1, 2, 2, 2], "augment_dim": 9}"#,
    ),
    ("imagenet64-adm", r#"{"img_resolution": 64, "model_type": "DhariwalUNet", "label_dim": 1000}"#),
    (
        "tiny",
        r#"{"img_resolution": 16, "model_type": "SongUNet", "channel_mult": [1, 2], "model_channels": 32,
            "num_blocks": 1, "attn_resolutions": [8]}"#,
    ),
];

/// Passes that are timed; the first one, which compiles and allocates, is told apart.
const PASSES: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or("cifar10-ddpmpp".into());
    let spec = args.next().unwrap_or("cpu".into()).parse::<gpu::DeviceSpec>()?;
    let batch: usize = args.next().unwrap_or("1".into()).parse()?;
    let known: Vec<&str> = NETWORKS.iter().map(|(name, _)| *name).collect();
    let found = NETWORKS.iter().find(|(n, _)| *n == name);
    let (_, kwargs) = found.ok_or_else(|| format!("the networks are {}", known.join(", ")))?;
    let mut kwargs: serde_json::Value = serde_json::from_str(kwargs)?;
    kwargs["img_channels"] = json!(3);

    let opened = gpu::open(&spec)?;
    let (precond, unet) = from_kwargs(&kwargs, "EDMPrecond")?;
    let denoiser = Denoiser::new(unet, precond)?;
    let weights = Weights::init(denoiser.layout().clone(), 0, &opened.device);
    println!("{name} on {}: {} parameters", opened.name, denoiser.layout().parameter_count());
    println!("peak memory with the weights: {}", peak_memory());
    for pass in 0..PASSES {
        let forward = Instant::now();
        let d =
            denoiser.denoise(&weights.plain(), noise(&denoiser, batch, &opened.device), &vec![1.0; batch]);
        read(d)?;
        let forward_secs = forward.elapsed().as_secs_f64();
        let both = Instant::now();
        let loss = backward(&denoiser, &weights, batch)?;
        let both_secs = both.elapsed().as_secs_f64();
        let which = if pass == 0 { "first pass" } else { "pass" };
        println!(
            "{which}: forward {:.3} s an image; forward and backward {:.3} s an image (loss {loss:.4}); peak memory {}",
            forward_secs / batch as f64,
            both_secs / batch as f64,
            peak_memory()
        );
    }
    Ok(())
}

fn noise(denoiser: &Denoiser, batch: usize, device: &Device) -> Tensor<4> {
    let len = denoiser.image_len();
    let values = Random::new(0, Stream::SelfTest).normal_batch(0, 0, batch, len);
    Tensor::from_data(burn::tensor::TensorData::new(values, denoiser.shape(batch)), device)
}

/// One denoising loss and all its gradients.
fn backward(denoiser: &Denoiser, weights: &Weights, batch: usize) -> Result<f32, signet::error::Error> {
    let leaves = weights.tracked();
    let x = noise(denoiser, batch, &weights.device().autodiff());
    let sigmas = vec![1.0; batch];
    let d = denoiser.denoise_with(&leaves, x.clone(), &sigmas, &Condition::default(), &mut Dropout::off());
    let loss = denoising_loss(d, x, &vec![1.0; batch]).mean();
    let gradients = leaves.gradients(&mut loss.backward());
    let norm: f32 = gradients.into_iter().map(|g| (g.clone() * g).sum().into_scalar::<f32>()).sum();
    assert!(norm.is_finite() && norm > 0.0, "the gradients are {norm}");
    Ok(read(loss.inner())?[0])
}

/// Largest resident memory of this process so far, where the system tells.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.map_or("not told by this system".into(), |l| l.trim().to_string())
}
