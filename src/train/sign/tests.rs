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
use crate::train::{Losses, unet_config};

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
    let gradients = nets.tracked.gradients(&mut loss.loss.backward());
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
        ("reg along", Sign { reg: 1.0, reg_along: 1.0, ..OFF }),
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
            let got = along(&gradient, &start);
            let want = slope(|by| loss_of(&mut trainer, &moved(&start, by, 1), &start).0);
            println!("{head:?} {name}: {got:.5} and {want:.5}");
            assert!(
                (got - want).abs() < 0.02 * want.abs() + 2e-3,
                "{head:?} {name}: {got} instead of {want}"
            );
        }
    }
}

/// The derivative at 0, to the fourth order: steps can be so large that rounding does not matter.
fn slope(mut of: impl FnMut(f64) -> f64) -> f64 {
    let h = 1e-4;
    let mut odd = |by: f64| of(by) - of(-by);
    (8.0 * odd(h) - odd(2.0 * h)) / (12.0 * h)
}

/// The slope that a gradient gives along the direction of `moved`.
fn along(gradient: &[f32], start: &Weights) -> f64 {
    let there = moved(start, 1.0, 1);
    let towards = read_all(&there).zip(read_all(start)).map(|(a, b)| f64::from(a - b));
    towards.zip(gradient).map(|(d, g)| d * f64::from(*g)).sum()
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
    let mut slope_of = |outer_too: bool| {
        slope(|by| {
            let there = moved(&start, by, 1);
            let outer = if outer_too { there.clone() } else { start.clone() };
            loss_of(&mut trainer, &there, &outer).0
        })
    };
    let (inner, both) = (slope_of(false), slope_of(true));
    assert!((inner - both).abs() > 0.1 * both.abs(), "{inner} and {both}: the test cannot tell them apart");
}

/// What the terms that compare distributions see: the student's images of noise, and the denoised images of
/// teacher and fake score at `noisy`, where the student's own are noised if that is none.
struct Compared {
    y: Vec<f32>,
    real: Vec<f32>,
    fake: Vec<f32>,
}

fn compared(trainer: &SignTrainer, student: &Weights, noisy: Option<&[f32]>) -> Compared {
    let draws = trainer.draws.at(0, Part { first: 0, count: BATCH });
    let data = data();
    let input = source(&trainer.draws, &draws, &source::STUDENT, 0.0, At { step: 0, images: 5 }, &data);
    let y = trainer.plan.project(&student.plain(), input.u, &input.condition);
    let t_max = trainer.settings.sid.t_max;
    let sigmas: Vec<f64> =
        draws.uniforms(Stream::Sigma).into_iter().map(|u| crate::diffusion::sid_sigma(u, t_max)).collect();
    let noise = draws.normal_images(Stream::Noise) * draws.column(&sigmas);
    let base = noisy.map_or_else(|| y.clone(), |fixed| trainer.draws.images(fixed.to_vec()));
    let noisy = base + noise;
    let fake = moved(&trainer.teacher, 0.05, 9);
    let denoise = |w: &Weights| {
        read(trainer.plan.denoiser.denoise(&w.plain(), noisy.clone(), &sigmas)).expect("numbers")
    };
    Compared { real: denoise(&trainer.teacher), fake: denoise(&fake), y: read(y).expect("numbers") }
}

/// SiD's loss per pixel with the weights 1 / mean |y - real| of another point, in f64.
fn sid_loss(at: &Compared, weights_of: &Compared, alpha: f64) -> f64 {
    let len = at.y.len() / BATCH;
    let wide = |v: &[f32], i: usize| f64::from(v[i]);
    let sample = |n: usize| {
        let pixels = n * len..(n + 1) * len;
        let (y0, r0) = (&weights_of.y, &weights_of.real);
        let w = pixels.clone().map(|i| (wide(y0, i) - wide(r0, i)).abs()).sum::<f64>() / len as f64;
        let term = |i: usize| {
            let (y, r, f) = (wide(&at.y, i), wide(&at.real, i), wide(&at.fake, i));
            (r - f) * ((r - y) - alpha * (r - f)) / w
        };
        pixels.map(term).sum::<f64>()
    };
    (0..BATCH).map(sample).sum::<f64>() / (BATCH * len) as f64
}

/// SiD's gradient passes through y and through the inputs of both denoisers, but not through the weight.
#[test]
fn sids_gradient_passes_through_the_denoisers_inputs() {
    let mut trainer = trainer_of(Sign { sid: 1.0, ..OFF });
    let (start, alpha) = (trainer.student.weights.clone(), trainer.settings.sid.alpha);
    let (value, gradient) = loss_of(&mut trainer, &start, &start);
    let here = compared(&trainer, &start, None);
    assert!((value - sid_loss(&here, &here, alpha)).abs() < 1e-4 * value.abs().max(0.1));
    let slope_of = |fixed: Option<&[f32]>| {
        slope(|by| sid_loss(&compared(&trainer, &moved(&start, by, 1), fixed), &here, alpha))
    };
    let (got, want, detached) = (along(&gradient, &start), slope_of(None), slope_of(Some(&here.y)));
    println!("{got:.5} and {want:.5}; detached {detached:.5}");
    assert!((got - want).abs() < 0.02 * want.abs(), "{got} instead of {want}");
    assert!((detached - want).abs() > 0.1 * want.abs(), "the test cannot tell {detached} from {want}");
}

/// Distribution matching has `g / numel`, `g = (fake - real) / mean |y - real|`, as its gradient in y.
#[test]
fn distribution_matching_moves_the_students_images_by_g() {
    let mut trainer = trainer_of(Sign { dmd: 1.0, ..OFF });
    let (start, h) = (trainer.student.weights.clone(), 4e-5);
    let (_, gradient) = loss_of(&mut trainer, &start, &start);
    let here = compared(&trainer, &start, None);
    let len = here.y.len() / BATCH;
    let (up, down) =
        (compared(&trainer, &moved(&start, h, 1), None), compared(&trainer, &moved(&start, -h, 1), None));
    let mut want = 0.0;
    for n in 0..BATCH {
        let pixels = n * len..(n + 1) * len;
        let w = pixels.clone().map(|i| f64::from(here.y[i] - here.real[i]).abs()).sum::<f64>() / len as f64;
        for i in pixels {
            let g = f64::from(here.fake[i] - here.real[i]) / w;
            want += g * f64::from(up.y[i] - down.y[i]) / (2.0 * h) / (BATCH * len) as f64;
        }
    }
    let got = along(&gradient, &start);
    println!("{got:.5} and {want:.5}");
    assert!((got - want).abs() < 0.02 * want.abs(), "{got} instead of {want}");
}

#[test]
fn a_student_without_terms_is_an_error() {
    let trainer = trainer_of(OFF);
    let nets = Nets {
        teacher: trainer.teacher.plain(),
        student: trainer.teacher.plain(),
        frozen_teacher: trainer.teacher.frozen(),
        frozen_fake: trainer.teacher.frozen(),
        frozen_student: trainer.teacher.frozen(),
        tracked: trainer.student.weights.tracked(),
    };
    let (at, part) = (At { step: 0, images: 0 }, Part { first: 0, count: BATCH });
    let error = trainer.part_loss(at, part, &nets, &data(), None).err().expect("nothing to learn");
    assert!(error.remedy.is_some(), "{error}");
}

/// The losses of a step, which the CPU tells at once.
fn losses_of(trainer: &mut SignTrainer, step: u64, data: &Loader) -> Losses {
    let at = At { step, images: step * BATCH as u64 };
    trainer.step(at, data).expect("a step").expect("nobody waits for a CPU").losses
}

/// Everything at once: what was saved after two steps goes on as if it had not been.
#[test]
fn a_restored_trainer_takes_the_same_step() {
    let all = Sign { rec: 1.0, idem: 1.0, flow: 1.0, dmd: 1.0, sid: 1.0, reg: 1.0, read: 1.0, ..OFF };
    let all = Sign { noisy_share: 0.5, reg_along: 0.5, ..all };
    let data = data();
    let step = |trainer: &mut SignTrainer, number: u64| losses_of(trainer, number, &data);
    let mut whole = trainer_of(all.clone());
    let names: Vec<&str> = step(&mut whole, 0).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["rec", "flow", "reg", "idem", "dmd", "sid", "head", "fake_score", "grad_norm"]);
    step(&mut whole, 1);
    let saved = whole.save().expect("a state");
    let last = step(&mut whole, 2);
    let mut resumed = trainer_of(all);
    resumed.restore(&saved).expect("it goes on");
    assert_eq!(step(&mut resumed, 2), last);
    assert_eq!(resumed.save().expect("a state").tensors, whole.save().expect("a state").tensors);
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

/// Switched on between two steps, a term is in the very next one, as if it had been there from the start;
/// what cannot be is refused, and changes nothing.
#[test]
fn terms_are_switched_on_and_off_between_steps() {
    let data = data();
    let step = |trainer: &mut SignTrainer, number: u64| losses_of(trainer, number, &data);
    let began = Sign { rec: 1.0, denoise: 1.0, ..OFF };
    let mut tuned = trainer_of(began.clone());
    tuned.tune("student.sign.reg", 0.5).expect("pairs can be made at any time");
    tuned.tune("student.sign.sid", 2.0).expect("there is a fake score");
    let error = tuned.tune("student.sign.denoise", 0.0).expect_err("somebody asks the fake score");
    assert!(error.remedy.is_some(), "{error}");
    tuned.tune("student.learning_rate", 1e-3).expect("a rate");
    let mut recipe = recipe_of(Sign { reg: 0.5, sid: 2.0, ..began.clone() });
    recipe.student.learning_rate = 1e-3;
    let mut from_the_start =
        SignTrainer::new(&recipe, &tuned.spec, &tuned.teacher.named().expect("weights"), &Device::flex())
            .expect("a trainer");
    let losses = step(&mut tuned, 0);
    assert!(["rec", "reg", "sid"].iter().all(|term| losses.iter().any(|(name, _)| name == term)));
    assert_eq!(losses, step(&mut from_the_start, 0));
    let tensors = |trainer: &SignTrainer| trainer.save().expect("a state").tensors;
    assert_eq!(tensors(&tuned), tensors(&from_the_start));

    tuned.tune("student.sign.reg", 0.0).expect("off again");
    assert!(tuned.tune("student.sign.rec", -1.0).is_err());
    let losses = step(&mut tuned, 1);
    assert!(!losses.iter().any(|(name, _)| *name == "reg"), "{losses:?}");
    assert!(losses.iter().any(|(name, _)| *name == "rec"), "{losses:?}");
}
