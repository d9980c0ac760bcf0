//! Some steps of SiD's whole training loop, on the case's own draws.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::Device;
use serde_json::Value;
use signet::data::{Dataset, Loader};
use signet::diffusion::{GeneratorKind, GeneratorSpec};
use signet::random::Stream;
use signet::recipe::{self, BadGradients, Method, Objective, Recipe};
use signet::train::{At, Recorded, SidTrainer, StageTrainer};

use crate::case::Case;
use crate::labels;
use crate::net;
use crate::report::Report;

pub fn run(case: &Case, device: &Device) -> Report {
    let denoiser = net::denoiser(case);
    let recipe = recipe(case.config());
    let kind = GeneratorKind::Teacher { sample_steps: 18 };
    let spec = GeneratorSpec { kind, precond: denoiser.precond, unet: denoiser.config().clone() };
    let start = case.params("param.");
    let mut trainer = SidTrainer::new(&recipe, &spec, &start, device).expect("a trainer");
    trainer.follow(&Arc::new(recorded(case, denoiser.config().label_dim)));

    let (batch, mut report) = (recipe.student.batch, Report::default());
    let numbers = denoiser.image_len() as f64;
    let mut told = Vec::new();
    for step in 0..case.usize("steps") as u64 {
        let at = At { step, images: step * batch as u64 };
        told.extend(trainer.step(at, &no_images(&denoiser)).expect("a step"));
    }
    // A GPU's last step.
    told.extend(trainer.settle().expect("numbers"));
    let mut losses: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, per_pixel) in told.into_iter().flat_map(|told| told.losses) {
        losses.entry(name).or_default().push(f64::from(per_pixel) * numbers);
    }
    let scale = recipe.student.sid.loss_scale;
    let generator: Vec<f64> = losses["sid"].iter().map(|loss| scale * loss).collect();
    case.compare(&mut report, "out.fake_loss", &losses["fake_score"]);
    case.compare(&mut report, "out.gen_loss", &generator);

    let state = trainer.save().expect("the state").tensors;
    for (key, network) in [("fake", "fake_score"), ("gen", "generator"), ("ema", "generator.ema")] {
        let moved = denoiser.layout().params().iter().flat_map(|param| {
            let now = &state[&format!("{network}/{}", param.name)];
            now.iter().zip(&start[&param.name]).map(|(now, then)| f64::from(*now) - f64::from(*then))
        });
        case.compare(&mut report, &format!("delta.{key}"), &moved.collect::<Vec<_>>());
    }
    report
}

fn recipe(config: &Value) -> Recipe {
    let number = |of: &Value, key: &str| of[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"));
    let fixed = |what: &str, stated: &Value, ours: f64| {
        assert!(
            stated.is_null() || stated.as_f64() == Some(ours),
            "{what} is {stated}, ours is always {ours}"
        );
    };
    let batch = number(config, "batch");
    fixed("the first of Adam's betas", &config["adam"]["betas"][0], 0.0);
    fixed("the second of Adam's betas", &config["adam"]["betas"][1], 0.999);
    fixed("the scale of the fake score's loss", &config["loss_scaling"], 1.0);
    fixed("the batch that the average counts", &config["ema"]["batch_size"], batch);
    fixed("dropout", &config["dropout"], 0.0);
    let mut recipe = recipe::preset("small-sid").expect("a preset");
    let student = &mut recipe.student;
    student.method = Method::Sid;
    student.batch = batch as usize;
    student.learning_rate = number(config, "gen_lr");
    student.last_learning_rate = 1.0;
    student.fake_learning_rate = number(config, "fake_lr");
    student.ema_halflife_kimg = number(&config["ema"], "halflife_kimg");
    student.sid.objective = Objective::Sid;
    student.sid.alpha = number(config, "alpha");
    student.sid.sigma_init = number(config, "init_sigma");
    student.sid.t_max = number(config, "tmax");
    student.sid.loss_scale = number(config, "loss_scaling_G");
    recipe.teacher.augment = 0.0;
    recipe.optimiser.bad_gradients = BadGradients::Sanitise;
    recipe.optimiser.adam_eps = number(&config["adam"], "eps");
    recipe.optimiser.ema_ramp_up = config["ema"]["rampup_ratio"].as_f64().unwrap_or(0.0);
    recipe
}

fn recorded(case: &Case, label_dim: usize) -> Recorded {
    let mut recorded = Recorded::default();
    let steps = case.usize("steps");
    let mut insert = |stream: Stream, numbers: Vec<f32>| {
        for (step, numbers) in (0..).zip(numbers.chunks(numbers.len() / steps)) {
            recorded.insert(stream, step, numbers.to_vec());
        }
    };
    for (key, stream) in [
        ("in.z.fake", Stream::FakeLatent),
        ("in.rnd_normal", Stream::FakeSigma),
        ("in.noise_fake", Stream::FakeNoise),
        ("in.z.gen", Stream::Latent),
        ("in.u", Stream::Sigma),
        ("in.noise_gen", Stream::Noise),
    ] {
        insert(stream, case.floats(key));
    }
    for (step, stream) in [("fake", Stream::FakeClass), ("gen", Stream::Class)] {
        let samples = steps * case.usize("batch");
        let Some(classes) = labels::classes(case, step, label_dim, samples) else { continue };
        // Without a set's labels the trainer gives every class an equal share of [0, 1): these are their middles.
        let middle = |class: u32| (f64::from(class) + 0.5) / label_dim as f64;
        insert(stream, classes.into_iter().map(|class| middle(class) as f32).collect());
    }
    recorded
}

/// SiD looks at no image; the trainer's face asks for a set all the same.
fn no_images(denoiser: &signet::diffusion::Denoiser) -> Loader {
    let config = denoiser.config();
    let (channels, size) = (config.img_channels, config.img_resolution);
    let black = vec![0; channels * size * size];
    let set = Dataset::new("none", channels, size, black, None, Vec::new()).expect("a data set");
    Loader::new(Arc::new(set), 0, false)
}
