//! Training in mixed precision on a GPU beside single precision. One test: cubecl orders GPU work per thread. A software
//! adapter will do, if it has half precision, as Mesa's has.

use std::sync::Arc;

use burn::tensor::Device;
use signet::data::{self, Loader};
use signet::diffusion::{GeneratorKind, GeneratorSpec, Precond};
use signet::gpu::{self, DeviceSpec};
use signet::model::Weights;
use signet::random::{Random, Stream};
use signet::recipe::{self, Method, Precision, Recipe, Stage};
use signet::train::{self, At, GRADIENT_NORM, Rescaled, StageTrainer, Told};

const BATCH: usize = 4;
/// Enough for a loss that overflows to be scaled down.
const STEPS: u64 = 8;

/// Most that a step's loss may differ from that of single precision, of its largest. Images inside the networks have 11
/// bits, and after some steps the weights differ too: Adam's first steps go as far for a small gradient as for a large one.
const LOSS_BAND: f32 = 0.02;
/// The same of the gradient's length, which follows the weights more closely.
const NORM_BAND: f32 = 0.1;

#[test]
fn mixed_precision_trains_as_single_precision_does() {
    let opened = gpu::open(&DeviceSpec::Wgpu(Some(0))).expect(
        "this test needs a wgpu adapter; Debian's mesa-vulkan-drivers and libvulkan1 bring a software one",
    );
    for stage in [Stage::Teacher, Stage::Sid, Stage::Sign] {
        losses_stay_within_the_band(stage, &opened.device);
    }
    a_loss_that_overflows_is_scaled_down_until_it_fits(&opened.device);
}

fn losses_stay_within_the_band(stage: Stage, device: &Device) {
    let [single, mixed] = [Precision::F32, Precision::Mixed].map(|precision| {
        let mut trainer = trainer(&recipe(stage, precision), stage, device);
        assert_eq!(trainer.precision().precision, precision, "{:?}", trainer.precision());
        let told = steps(&mut *trainer);
        assert_eq!(trainer.bad_steps(), 0, "{stage:?}");
        told
    });
    assert_eq!([single.len(), mixed.len()], [STEPS as usize; 2]);
    // Some losses come by zero: each is measured by its largest.
    let size = |name: &str| single.iter().map(|told| number(told, name).abs()).fold(0.0, f32::max);
    let mut largest = 0.0f32;
    for (single, mixed) in single.iter().zip(&mixed) {
        assert!(single.rescaled.is_empty() && mixed.rescaled.is_empty(), "{mixed:?}");
        for (name, exact) in &single.losses {
            let rounded = number(mixed, name);
            let apart = (rounded - exact).abs() / size(name);
            println!("{stage:?} step {:2} {name:12} {exact:.5} {rounded:.5} {apart:.5}", single.at.step);
            let band = if *name == GRADIENT_NORM { NORM_BAND } else { LOSS_BAND };
            assert!(apart <= band, "{stage:?}: {name} is {rounded} instead of {exact} in {:?}", single.at);
            largest = largest.max(apart);
        }
    }
    assert!(largest > 0.0, "{stage:?}: nothing was rounded");
}

/// A factor of SiD's loss, which Adam does not see, makes gradients too large for half precision: such steps are left
/// out, and each brings the scale down, until steps count again.
fn a_loss_that_overflows_is_scaled_down_until_it_fits(device: &Device) {
    let mut recipe = recipe(Stage::Sid, Precision::Mixed);
    recipe.student.sid.loss_scale = 200.0;
    let told = steps(&mut *trainer(&recipe, Stage::Sid, device));
    let rescaled: Vec<&Rescaled> = told.iter().flat_map(|told| &told.rescaled).collect();
    assert!(!rescaled.is_empty(), "nothing overflowed");
    assert!(rescaled.iter().all(|one| one.network == "generator" && one.overflowed), "{rescaled:?}");
    assert!(rescaled.windows(2).all(|two| two[1].scale <= two[0].scale), "{rescaled:?}");
    let norm =
        |told: &Told| told.losses.iter().find(|(name, _)| *name == GRADIENT_NORM).map(|(_, norm)| *norm);
    let norms: Vec<f32> = told.iter().filter_map(norm).collect();
    println!("gradient norms {norms:?}, {rescaled:?}");
    let overflowed = norms.iter().filter(|norm| norm.is_nan()).count();
    assert_eq!(overflowed, rescaled.len(), "{norms:?}");
    assert!(norms[norms.len() - 2..].iter().all(|norm| norm.is_finite()), "no step fits: {norms:?}");
}

/// A step's number of this name.
fn number(told: &Told, name: &str) -> f32 {
    told.losses.iter().find(|(own, _)| *own == name).expect("each step has it").1
}

fn recipe(stage: Stage, precision: Precision) -> Recipe {
    let mut recipe = recipe::preset("demo").expect("the demo");
    recipe.precision = precision;
    recipe.data.limit = Some(64);
    recipe.teacher.batch = BATCH;
    recipe.student.batch = BATCH;
    recipe.student.method = if stage == Stage::Sid { Method::Sid } else { Method::Sign };
    // Few shapes: a software adapter compiles each of them for seconds.
    (recipe.network.model_channels, recipe.network.channel_mult) = (8, vec![1, 1]);
    recipe.network.dropout = 0.1;
    // The last layers begin as next to nothing: they are to become something.
    recipe.teacher.warmup_kimg = 0.0;
    // By itself SiD's loss has another factor, with which this teacher's first steps overflow.
    recipe.student.sid.loss_scale = 1.0;
    recipe.student.sign.head_steps = 2;
    recipe
}

fn loader(recipe: &Recipe) -> Loader {
    let (images, _report) = data::open(&recipe.data, 0, &mut |_, _| Ok(())).expect("the demo set is painted");
    Loader::new(Arc::new(images), 0, true)
}

fn trainer(recipe: &Recipe, stage: Stage, device: &Device) -> Box<dyn StageTrainer> {
    let unet = train::unet_config(recipe, loader(recipe).dataset()).expect("a network");
    let kind = GeneratorKind::Teacher { sample_steps: 2 };
    let spec = GeneratorSpec { kind, precond: Precond::Edm, unet: unet.clone() };
    let mut teacher = Weights::init(spec.layout().expect("a network"), 3, device).named().expect("weights");
    for (number, (_, values)) in (0..).zip(teacher.iter_mut()) {
        // Layers that begin as next to nothing would hide what comes before them.
        let noise = Random::new(5, Stream::SelfTest).normals(number, 0, values.len());
        values.iter_mut().zip(noise).for_each(|(value, noise)| *value += 0.05 * noise);
    }
    let mut trainer =
        train::trainer(recipe, stage, Some((&spec, &teacher)), unet, device).expect("a trainer");
    trainer.prepare(&loader(recipe), &mut |_, _| Ok(())).expect("it is prepared");
    trainer
}

fn steps(trainer: &mut dyn StageTrainer) -> Vec<Told> {
    let data = loader(&recipe(trainer.stage(), Precision::F32));
    let mut told = Vec::new();
    for step in 0..STEPS {
        let at = At { step, images: step * BATCH as u64 };
        told.extend(trainer.step(at, &data).expect("a step"));
    }
    told.extend(trainer.settle().expect("the last step"));
    told
}
