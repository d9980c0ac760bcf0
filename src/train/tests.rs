//! What holds for every method: batches in parts learn as whole ones do, and labels arrive.

use std::sync::Arc;

use burn::tensor::Device;

use super::*;
use crate::data::Dataset;
use crate::diffusion::{GeneratorKind, Precond};
use crate::model::Weights;
use crate::recipe::{self, Head, Method, Precision};

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

/// The stages, and SIGN with every term.
const STAGES: [(Stage, bool); 4] =
    [(Stage::Teacher, false), (Stage::Sid, false), (Stage::Sign, false), (Stage::Sign, true)];

/// A recipe for a stage, with every term of SIGN where that is asked.
fn recipe_of(stage: Stage, micro_batch: usize, every_term: bool) -> Recipe {
    let method = if stage == Stage::Sid { Method::Sid } else { Method::Sign };
    let mut recipe = tiny(method, micro_batch);
    if every_term {
        let sign = &mut recipe.student.sign;
        (sign.dmd, sign.reg, sign.reg_along, sign.noisy_share) = (1.0, 1.0, 0.5, 0.5);
        (sign.pairs, sign.pair_steps, sign.head) = (BATCH, 3, Head::Gate);
    }
    recipe
}

/// A trainer by that recipe.
fn trainer_of(stage: Stage, micro_batch: usize, every_term: bool, data: &Loader) -> Box<dyn StageTrainer> {
    trainer_by(&recipe_of(stage, micro_batch, every_term), stage, data)
}

fn trainer_by(recipe: &Recipe, stage: Stage, data: &Loader) -> Box<dyn StageTrainer> {
    let device = Device::flex();
    let unet = unet_config(recipe, data.dataset()).expect("a network");
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
    trainer(recipe, stage, Some((&spec, &teacher)), unet, &device).expect("a trainer")
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
    for (stage, every_term) in STAGES {
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
    for (stage, every_term) in STAGES {
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

fn at(step: u64) -> At {
    At { step, images: BATCH as u64 * step }
}

/// Where the host would wait for the device: the same numbers of the same steps, one step later, and the very same
/// weights.
#[test]
fn a_late_trainer_tells_the_same_one_step_later() {
    const STEPS: u64 = 3;
    let data = data();
    for (stage, every_term) in STAGES {
        let [prompt, late] = [false, true].map(|is_late| {
            let mut trainer = trainer_of(stage, 3, every_term, &data);
            trainer.be_late(is_late);
            let mut all = Vec::new();
            for step in 0..STEPS {
                let told = trainer.step(at(step), &data).expect("a step");
                let due = if is_late { step.checked_sub(1) } else { Some(step) };
                assert_eq!(told.as_ref().map(|told| told.at), due.map(at), "{stage:?}");
                all.extend(told);
            }
            let last = trainer.settle().expect("numbers");
            assert_eq!(last.as_ref().map(|told| told.at), is_late.then(|| at(STEPS - 1)), "{stage:?}");
            all.extend(last);
            assert_eq!(trainer.settle(), Ok(None), "{stage:?}");
            let State { tensors, counters } = trainer.save().expect("a state");
            (all, counters, tensors)
        });
        let finite = |told: &Told| told.losses.iter().all(|(_, value)| value.is_finite());
        assert!(late.0.iter().all(finite), "{stage:?}: {:?}", late.0);
        assert_eq!((&late.0, &late.1), (&prompt.0, &prompt.1), "{stage:?}");
        assert!(late.2 == prompt.2, "{stage:?}, every term {every_term}: other weights");
    }
}

/// A late trainer, too, gives up over the tenth bad step in a row, though another is queued by then.
#[test]
fn ten_bad_steps_in_a_row_are_noticed_at_most_one_step_late() {
    let mut recipe = tiny(Method::Sid, 0);
    // No float is so large.
    (recipe.student.sid.loss_scale, recipe.student.fake_learning_rate) = (1e38, 1e-3);
    let data = data();
    for is_late in [false, true] {
        let mut trainer = trainer_by(&recipe, Stage::Sid, &data);
        trainer.be_late(is_late);
        let mut told = 0;
        let mut outcome_of = |step| {
            let outcome = trainer.step(at(step), &data);
            if let Ok(Some(bad)) = &outcome {
                assert_eq!(bad.at, at(told));
                told += 1;
                assert_eq!(trainer.bad_steps(), told);
            }
            outcome.err().map(|error| (step, error))
        };
        let (step, error) = (0..).find_map(&mut outcome_of).expect("ten in a row");
        assert_eq!((step, error.kind), (if is_late { 10 } else { 9 }, Kind::Diverged), "{error}");
        assert_eq!(told, 9);
    }
    // Before anything is kept of them it does so at once.
    let mut trainer = trainer_by(&recipe, Stage::Sid, &data);
    trainer.be_late(true);
    (0..10).for_each(|step| drop(trainer.step(at(step), &data).expect("a step")));
    assert_eq!(trainer.settle().expect_err("ten in a row").kind, Kind::Diverged);
}

/// Powers of two come and go without a trace: weights, moments and all that is told are the very same.
#[test]
fn a_scaled_loss_trains_as_an_unscaled_one() {
    let data = data();
    for (stage, every_term) in STAGES {
        let [plain, scaled] = [false, true].map(|is_scaled| {
            let mut trainer = trainer_of(stage, 3, every_term, &data);
            if is_scaled {
                trainer.scale_losses();
            }
            let told = trainer.step(at(0), &data).expect("a step").expect("numbers");
            let State { tensors, counters } = trainer.save().expect("a state");
            let has_scale = counters.keys().any(|name| name.ends_with(".loss_scale_log2"));
            assert_eq!(has_scale, is_scaled, "{stage:?}");
            (told, tensors)
        });
        assert_eq!(plain.0, scaled.0, "{stage:?}, every term {every_term}");
        assert!(plain.1 == scaled.1, "{stage:?}, every term {every_term}: other weights");
    }
}

/// Told late or at once, whole or in parts, a scale that moves is the same at each step.
#[test]
fn a_scale_in_motion_goes_on_where_it_was() {
    const STEPS: u64 = 8;
    let mut recipe = tiny(Method::Sid, 0);
    // No float is so large: every step of the generator overflows, and none of the fake score.
    (recipe.student.sid.loss_scale, recipe.student.fake_learning_rate) = (1e38, 1e-3);
    let data = data();
    let fresh = |is_late: bool| {
        let mut trainer = trainer_by(&recipe, Stage::Sid, &data);
        trainer.be_late(is_late);
        trainer.scale_losses();
        trainer
    };
    let run = |is_late: bool, interrupted_after: &[u64]| {
        let (mut trainer, mut told) = (fresh(is_late), Vec::new());
        for step in 0..STEPS {
            told.extend(trainer.step(at(step), &data).expect("a step"));
            if interrupted_after.contains(&step) {
                told.extend(trainer.settle().expect("numbers"));
                let state = trainer.save().expect("a state");
                trainer = fresh(is_late);
                trainer.restore(&state).expect("the state");
            }
        }
        told.extend(trainer.settle().expect("numbers"));
        // The length of a bad gradient is NaN, which equals nothing.
        let bits = |Told { at, losses, rescaled }: Told| {
            let losses: Vec<_> = losses.into_iter().map(|(name, loss)| (name, loss.to_bits())).collect();
            (at, losses, rescaled)
        };
        let State { tensors, counters } = trainer.save().expect("a state");
        (told.into_iter().map(bits).collect::<Vec<_>>(), counters, tensors)
    };
    let whole = run(false, &[]);
    let scales: Vec<_> =
        whole.0.iter().flat_map(|(_, _, new)| new).map(|new| (new.network, new.scale)).collect();
    assert_eq!(scales, [512, 512, 256, 256, 128, 128, 64, 64].map(|scale| ("generator", scale)));
    for (name, count) in [
        ("generator.loss_scale_log2", 6),
        ("generator.next_loss_scale_log2", 6),
        ("generator.finite_in_a_row", 0),
        ("generator.bad_steps", STEPS),
        ("generator.bad_in_a_row", 0),
        ("fake_score.loss_scale_log2", 10),
        ("fake_score.finite_in_a_row", STEPS),
    ] {
        assert_eq!(whole.1.get(name), Some(&count), "{name}");
    }
    for (is_late, interrupted_after) in [(true, &[][..]), (false, &[0, 3][..]), (true, &[0, 2, 3, 6][..])] {
        let other = run(is_late, interrupted_after);
        let words = format!("late {is_late}, interrupted after {interrupted_after:?}");
        assert_eq!((&other.0, &other.1), (&whole.0, &whole.1), "{words}");
        assert!(other.2 == whole.2, "{words}: other weights");
    }
}

/// A recipe that asks for more than a device has trains as one that does not, and the trainer says why.
#[test]
fn without_half_precision_a_stage_trains_in_single_as_ever() {
    let data = data();
    for (stage, every_term) in STAGES {
        let [single, mixed] = [Precision::F32, Precision::Mixed].map(|precision| {
            let recipe = Recipe { precision, ..recipe_of(stage, 3, every_term) };
            let mut trainer = trainer_by(&recipe, stage, &data);
            let StagePrecision { precision, refusal } = trainer.precision().clone();
            assert_eq!(precision, Precision::F32);
            let told = [0, 1].map(|step| trainer.step(at(step), &data).expect("a step"));
            let State { tensors, counters } = trainer.save().expect("a state");
            (refusal, told, counters, tensors)
        });
        assert_eq!(single.0, None);
        assert!(mixed.0.is_some_and(|why| why.contains("CPU")), "{stage:?}");
        assert_eq!((single.1, single.2), (mixed.1, mixed.2), "{stage:?}, every term {every_term}");
        assert!(single.3 == mixed.3, "{stage:?}, every term {every_term}: other weights");
    }
}
