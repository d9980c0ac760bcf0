//! Where the gradients of each term go, and what heads and pairs are.

use std::sync::Arc;

use burn::tensor::Device;

use super::*;
use crate::data::Dataset;
use crate::diffusion::{HEAD_SIGMA_MIN, Precond};
use crate::model::{Leaves, read};
use crate::random::{Random, Stream};
use crate::recipe::{self, Head, Method, Sign};
use crate::train::accumulate::Part;
use crate::train::unet_config;

const BATCH: usize = 4;
const OFF: Sign = Sign {
    head: Head::Sighead,
    head_sigma_max: 80.0,
    rec: 0.0,
    idem: 0.0,
    idem_ramp: 0.0,
    flow: 0.0,
    dmd: 0.0,
    sid: 0.0,
    reg: 0.0,
    denoise: 1.0,
    read: 0.0,
    noisy_share: 0.0,
    flow_steps: 6,
    flow_sigma_max: 80.0,
    pairs: 8,
    reg_along: 0.0,
    reg_sigma_max: 80.0,
    pair_steps: 3,
    head_steps: 0,
};

fn recipe_of(sign: Sign) -> Recipe {
    let mut recipe = recipe::preset("demo").expect("the demo recipe");
    recipe.network.model_channels = 8;
    recipe.network.attn_resolutions = vec![4];
    recipe.student.method = Method::Sign;
    recipe.student.batch = BATCH;
    recipe.student.sign = sign;
    recipe
}

fn data() -> Loader {
    let pixels = (0..20 * 64u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let dataset = Dataset::new("noise", 1, 8, pixels, None, Vec::new()).expect("a data set");
    Loader::new(Arc::new(dataset), 0, true)
}

/// A trainer whose teacher has random weights everywhere.
fn trainer_of(sign: Sign) -> SignTrainer {
    let (recipe, device) = (recipe_of(sign), Device::flex());
    let unet = unet_config(&recipe, data().dataset()).expect("a network");
    let kind = GeneratorKind::Teacher { sample_steps: 2 };
    let spec = GeneratorSpec { kind, precond: Precond::Edm, unet };
    let denoiser = spec.denoiser().expect("a network");
    let mut teacher = Weights::init(denoiser.layout().clone(), 3, &device).named().expect("weights");
    let noise = Random::new(5, Stream::SelfTest);
    for (i, values) in teacher.values_mut().enumerate() {
        let fresh = noise.normals(i as u64, 0, values.len());
        values.iter_mut().zip(fresh).for_each(|(v, n)| *v += 0.1 * n);
    }
    SignTrainer::new(&recipe, &spec, &teacher, &device).expect("a trainer")
}

/// The loss of the first step with these networks, and its gradients.
fn loss_of(trainer: &mut SignTrainer, tracked: &Weights, frozen: &Weights) -> (f64, Vec<f32>) {
    let (at, data) = (At { step: 0, images: 5 }, data());
    let pair = trainer.pairs.as_mut().map(|pairs| pairs.at(0, data.dataset()).expect("pairs"));
    // The fake score as a network of its own.
    let fake = moved(&trainer.teacher, 0.05, 9);
    let nets = Nets {
        teacher: trainer.teacher.plain(),
        student: frozen.plain(),
        frozen_teacher: trainer.teacher.frozen(),
        frozen_fake: fake.frozen(),
        frozen_student: frozen.frozen(),
        tracked: tracked.tracked(),
    };
    let part = Part { first: 0, count: BATCH };
    let (names, loss) = trainer.part_loss(at, part, &nets, &data, pair.as_ref()).expect("a loss");
    assert_eq!(names.len(), 1, "one term at a time: {names:?}");
    let value = read(loss.loss.clone().inner()).expect("a number")[0];
    let gradients = nets.tracked.gradients(&loss.loss.backward());
    let flat = gradients.into_iter().flat_map(|g| read(g).expect("numbers")).collect();
    (f64::from(value), flat)
}

/// `weights` and `by` times a random direction.
fn moved(weights: &Weights, by: f64, seed: u32) -> Weights {
    let mut out = weights.clone();
    out.update(|i, block| {
        let len = block.dims()[0];
        let direction = Random::new(seed, Stream::SelfTest).normals(i as u64, 1, len);
        let direction = burn::tensor::TensorData::new(direction, [len]);
        block.clone() + burn::tensor::Tensor::from_data(direction, &block.device()) * by
    });
    out
}

fn terms() -> Vec<(&'static str, Sign)> {
    vec![
        ("rec", Sign { rec: 1.0, ..OFF }),
        ("idem", Sign { idem: 1.0, ..OFF }),
        ("flow", Sign { flow: 1.0, ..OFF }),
        ("reg", Sign { reg: 1.0, ..OFF }),
        ("sid", Sign { sid: 1.0, ..OFF }),
    ]
}

/// The gradient is that of the loss with every other network held still: a target, an outer f or a
/// denoiser that learned along would change the difference quotient.
#[test]
fn gradients_are_those_of_the_student_alone() {
    for head in [Head::Sighead, Head::Const, Head::Gate] {
        for (name, sign) in terms() {
            let mut trainer = trainer_of(Sign { head, ..sign });
            let start = trainer.student.weights.clone();
            let (_, gradient) = loss_of(&mut trainer, &start, &start);
            let h = 4e-5;
            let at = |trainer: &mut SignTrainer, by: f64| loss_of(trainer, &moved(&start, by, 1), &start).0;
            // SiD's weight counts as a constant: it has no quotient.
            let direction = moved(&start, 1.0, 1);
            let towards = read_all(&direction).zip(read_all(&start)).map(|(a, b)| f64::from(a - b));
            let got: f64 = towards.zip(&gradient).map(|(d, g)| d * f64::from(*g)).sum();
            if name == "sid" {
                assert!(got.is_finite() && got != 0.0, "{head:?}");
                continue;
            }
            let want = (at(&mut trainer, h) - at(&mut trainer, -h)) / (2.0 * h);
            println!("{head:?} {name}: {got:.5} and {want:.5}");
            assert!(
                (got - want).abs() < 0.02 * want.abs() + 2e-3,
                "{head:?} {name}: {got} instead of {want}"
            );
        }
    }
}

fn read_all(weights: &Weights) -> impl Iterator<Item = f32> {
    weights
        .blocks()
        .iter()
        .map(|b| read(b.clone()).expect("numbers"))
        .collect::<Vec<_>>()
        .into_iter()
        .flatten()
}

/// A student that learned through the outer f as well would see another slope.
#[test]
fn idempotence_does_not_train_the_outer_f() {
    let mut trainer = trainer_of(Sign { idem: 1.0, ..OFF });
    let start = trainer.student.weights.clone();
    let h = 4e-5;
    let slope = |trainer: &mut SignTrainer, outer_too: bool| {
        let mut at = |by: f64| {
            let there = moved(&start, by, 1);
            let outer = if outer_too { there.clone() } else { start.clone() };
            loss_of(trainer, &there, &outer).0
        };
        (at(h) - at(-h)) / (2.0 * h)
    };
    let (inner, both) = (slope(&mut trainer, false), slope(&mut trainer, true));
    assert!((inner - both).abs() > 0.1 * both.abs(), "{inner} and {both}: the test cannot tell them apart");
}

#[test]
fn distribution_matching_trains_the_student() {
    for sign in [Sign { dmd: 1.0, ..OFF }, Sign { dmd: 1.0, noisy_share: 0.5, ..OFF }] {
        let mut trainer = trainer_of(sign);
        let start = trainer.student.weights.clone();
        let (_, gradient) = loss_of(&mut trainer, &start, &start);
        assert!(gradient.iter().all(|g| g.is_finite()) && gradient.iter().any(|g| *g != 0.0));
    }
}

/// A set of pairs ends: then the first ones come again, the very same.
#[test]
fn pairs_come_again_and_are_the_teachers_own() {
    let data = data();
    let mut trainer = trainer_of(Sign { reg: 1.0, ..OFF });
    let pairs = trainer.pairs.as_mut().expect("pairs");
    let first = pairs.at(0, data.dataset()).expect("pairs");
    let second = pairs.at(1, data.dataset()).expect("pairs");
    assert_ne!(first.u, second.u);
    assert_eq!(first.images, pairs.at(2, data.dataset()).expect("pairs").images);
    let mut again = trainer_of(Sign { reg: 1.0, ..OFF });
    let fresh = again.pairs.as_mut().expect("pairs").at(1, data.dataset()).expect("pairs");
    assert_eq!((fresh.u, fresh.images), (second.u, second.images));
}

/// States on the way are where the sampler passes, and end in the same images.
#[test]
fn pairs_may_begin_on_the_way() {
    let data = data();
    let mut trainer = trainer_of(Sign { reg: 1.0, ..OFF });
    let ends = trainer.pairs.as_mut().expect("pairs").at(0, data.dataset()).expect("pairs");
    assert_eq!(ends.sigmas, [80.0; BATCH]);
    let along = Sign { reg: 1.0, reg_along: 1.0, reg_sigma_max: 40.0, ..OFF };
    let mut trainer = trainer_of(along);
    let way = trainer.pairs.as_mut().expect("pairs").at(0, data.dataset()).expect("pairs");
    assert_eq!(way.images, ends.images);
    // Three steps: at 80, about 2.5, .002 and 0; the image itself is no state to begin at.
    assert!(way.sigmas.iter().all(|s| (0.001..40.0).contains(s)), "{:?}", way.sigmas);
    for ((u, image), sigma) in way.u.chunks(64).zip(way.images.chunks(64)).zip(&way.sigmas) {
        let distance = crate::eval::rms_difference(u, image);
        assert!(*sigma > 0.01 || distance < 0.01, "{distance} from the end at level {sigma}");
    }
}

/// At the ends a head is told what f needs there.
#[test]
fn heads_are_taught_the_ends() {
    let plan = |head| trainer_of(Sign { head, rec: 1.0, ..OFF }).plan;
    assert_eq!(plan(Head::Sighead).head_target(0.0), Some(HEAD_SIGMA_MIN.ln()));
    assert_eq!(plan(Head::Sighead).head_target(1e3), Some(80f64.ln()));
    assert_eq!(plan(Head::Const).head_target(1.0), None);
    let gate = plan(Head::Gate);
    let open = |sigma| gate.head_target(sigma).map(|logit| 1.0 / (1.0 + (-logit).exp())).expect("a gate");
    assert!(open(0.0) > 0.99 && open(80.0) < 0.01 && (open(0.5) - 0.5 * 1.25f64.sqrt()).abs() < 1e-9);
}

/// f without its teacher's help: a const student at the top is the teacher's own denoiser.
#[test]
fn a_const_student_begins_as_the_denoiser_of_pure_noise() {
    let trainer = trainer_of(Sign { head: Head::Const, rec: 1.0, ..OFF });
    let draws = trainer.draws.at(0, Part { first: 0, count: BATCH });
    let z = draws.normal_images(Stream::SelfTest);
    let leaves: Leaves = trainer.teacher.plain();
    let scale = (1.0f64 + 6400.0).sqrt();
    let want = trainer.plan.denoiser.denoise(&leaves, z.clone() * scale, &[80.0; BATCH]);
    let got = trainer.plan.project(&trainer.student.weights.plain(), z, &Default::default());
    assert_eq!(read(got).expect("numbers"), read(want).expect("numbers"));
}
