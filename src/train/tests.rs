//! What holds for every method: batches in parts learn as whole ones do, and labels arrive.

use std::sync::Arc;

use burn::tensor::Device;

use super::*;
use crate::data::Dataset;
use crate::diffusion::{GeneratorKind, Precond};
use crate::model::Weights;
use crate::recipe::{self, Head, Method};

const BATCH: usize = 7;

/// Labels, augmentation and dropout, on pictures of 8×8.
fn tiny(method: Method, micro_batch: usize) -> Recipe {
    let mut recipe = recipe::preset("demo").expect("the demo recipe");
    recipe.data.use_labels = true;
    recipe.network.model_channels = 8;
    recipe.network.attn_resolutions = vec![4];
    recipe.network.dropout = 0.1;
    recipe.teacher.batch = BATCH;
    recipe.teacher.micro_batch = micro_batch;
    recipe.teacher.augment = 0.5;
    recipe.student.method = method;
    recipe.student.batch = BATCH;
    recipe.student.micro_batch = micro_batch;
    // The student's gradients shall not follow from how the fake score's first step is rounded.
    recipe.student.fake_learning_rate = 1e-12;
    recipe.student.sign.idem_ramp = 0.0;
    recipe
}

fn data() -> Loader {
    let pixels = (0..20 * 64u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let labels = (0..20).map(|i| i % 4).collect();
    let dataset = Dataset::new("noise", 1, 8, pixels, Some(labels), Vec::new()).expect("a data set");
    Loader::new(Arc::new(dataset), 0, true)
}

/// A trainer of a stage, with every term of SIGN where that is asked.
fn trainer_of(stage: Stage, micro_batch: usize, every_term: bool, data: &Loader) -> Box<dyn StageTrainer> {
    let method = if stage == Stage::Sid { Method::Sid } else { Method::Sign };
    let (mut recipe, device) = (tiny(method, micro_batch), Device::flex());
    if every_term {
        let sign = &mut recipe.student.sign;
        (sign.dmd, sign.reg, sign.reg_along, sign.noisy_share) = (1.0, 1.0, 0.5, 0.5);
        (sign.pairs, sign.pair_steps, sign.head) = (BATCH, 3, Head::Gate);
    }
    let unet = unet_config(&recipe, data.dataset()).expect("a network");
    assert_eq!((unet.label_dim, unet.augment_dim), (4, AUGMENT_LABELS));
    let spec = GeneratorSpec {
        kind: GeneratorKind::Teacher { sample_steps: 2 },
        precond: Precond::Edm,
        unet: unet.clone(),
    };
    let denoiser = spec.denoiser().expect("a network");
    let mut teacher = Weights::init(denoiser.layout().clone(), 3, &device).named().expect("weights");
    for (i, (name, values)) in teacher.iter_mut().enumerate() {
        // Layers that begin as nothing would hide what comes before them.
        if ["conv1", "proj", "aux_conv", "map_label", "map_augment"].iter().any(|part| name.contains(part)) {
            let noise = crate::random::Random::new(5, crate::random::Stream::SelfTest);
            *values = noise.normals(i as u64, 0, values.len()).into_iter().map(|v| v * 0.1).collect();
        }
    }
    trainer(&recipe, stage, Some((&spec, &teacher)), unet, &device).expect("a trainer")
}

/// The first step of a stage as Adam keeps it: its gradients, but for a factor, by network and parameter.
fn means(stage: Stage, micro_batch: usize, every_term: bool) -> Named {
    let data = data();
    let mut trainer = trainer_of(stage, micro_batch, every_term, &data);
    trainer.step(At { step: 0, images: 13 }, &data).expect("a step");
    assert_eq!(trainer.bad_steps(), 0);
    let state = trainer.save().expect("a state");
    state.tensors.into_iter().filter(|(name, _)| name.contains(".adam_mean/")).collect()
}

#[test]
fn a_batch_in_parts_has_the_gradients_of_the_whole() {
    for (stage, every_term) in
        [(Stage::Teacher, false), (Stage::Sid, false), (Stage::Sign, false), (Stage::Sign, true)]
    {
        let (whole, split) = (means(stage, 0, every_term), means(stage, 3, every_term));
        let nets: std::collections::BTreeSet<&str> =
            whole.keys().filter_map(|name| name.split('.').next()).collect();
        for net in nets {
            let of = |named: &Named| -> Vec<f64> {
                let own = named.iter().filter(|(name, _)| name.starts_with(net));
                own.flat_map(|(_, values)| values.iter().map(|v| f64::from(*v))).collect()
            };
            let (whole, split) = (of(&whole), of(&split));
            let norm = whole.iter().map(|v| v * v).sum::<f64>().sqrt();
            let error = whole.iter().zip(&split).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
            println!("{stage:?} {net}: {:.2e}", error / norm);
            assert!(norm > 0.0 && error < 1e-5 * norm, "{stage:?} {net}: {error:e} of {norm:e}");
        }
    }
}

/// Where the memory of a network's first block begins.
fn address(trainer: &dyn StageTrainer, averaging: Averaging) -> usize {
    let generator = trainer.generator_of(averaging).expect("a generator");
    let block = generator.weights().blocks()[0].clone();
    block.try_into_primitive::<burn::backend::Flex>().expect("a tensor of the CPU").bytes().as_ptr() as usize
}

/// From the second step on (the first parts what begins as one memory), unless somebody holds a snapshot.
#[test]
fn steps_move_weights_and_average_in_place() {
    let data = data();
    for (stage, every_term) in
        [(Stage::Teacher, false), (Stage::Sid, false), (Stage::Sign, false), (Stage::Sign, true)]
    {
        let mut trainer = trainer_of(stage, 3, every_term, &data);
        let mut step = |number: u64| {
            trainer.step(At { step: number, images: 7 * number }, &data).expect("a step");
            [Averaging::Raw, Averaging::Ema].map(|averaging| address(trainer.as_ref(), averaging))
        };
        let first = step(0);
        assert_eq!(step(1), first, "{stage:?}, every term {every_term}");

        let snapshot = trainer.generator().expect("a generator");
        let numbers = |generator: &Generator| generator.weights().named().expect("numbers");
        let old = numbers(&snapshot);
        trainer.step(At { step: 2, images: 14 }, &data).expect("a step");
        assert_eq!(numbers(&snapshot), old, "{stage:?}: the snapshot moved");
        assert_ne!(numbers(&trainer.generator().expect("a generator")), old, "{stage:?}: nothing moved");
    }
}

#[test]
fn classes_reach_every_network_and_augmentation_the_denoisers_of_data() {
    for (stage, nets) in [
        (Stage::Teacher, vec!["teacher"]),
        (Stage::Sid, vec!["fake_score", "generator"]),
        (Stage::Sign, vec!["fake_score", "student"]),
    ] {
        let means = means(stage, 0, false);
        for net in nets {
            let moves = |layer: &str| {
                let values = &means[&format!("{net}.adam_mean/model.{layer}.weight")];
                values.iter().any(|v| *v != 0.0)
            };
            assert!(moves("map_label"), "{net} learns nothing of classes");
            // A generator's images are never warped: its labels are zeros.
            assert_eq!(moves("map_augment"), ["teacher", "fake_score"].contains(&net), "{net}");
        }
    }
}

#[test]
fn labels_that_are_not_there_are_an_error() {
    let bare = Dataset::new("bare", 1, 8, vec![0; 128], None, Vec::new()).expect("a data set");
    let error = unet_config(&tiny(Method::Sid, 0), &bare).expect_err("no labels");
    assert!(error.kind == Kind::Data && error.remedy.is_some(), "{error}");
}
