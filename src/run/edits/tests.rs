use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use image::{GrayImage, Luma, Rgb, RgbImage};

use super::*;
use crate::diffusion::{Generator, GeneratorKind, GeneratorSpec, Precond};
use crate::edit::{self, Canvas, Fit, Projection, Way, Wish, project_canvas};
use crate::error::Error;
use crate::model::{self, Architecture, UnetConfig};
use crate::recipe::Head;
use crate::train::write_model;

const SIGN: GeneratorKind = GeneratorKind::Sign { head: Head::Const, head_sigma_max: 80.0 };

/// An untrained model of 8×8 colour pictures.
fn generator(kind: GeneratorKind, seed: u32) -> Generator {
    let unet = UnetConfig {
        img_resolution: 8,
        img_channels: 3,
        label_dim: 0,
        empty_classes: Vec::new(),
        augment_dim: 0,
        model_channels: 8,
        channel_mult: vec![1],
        num_blocks: 1,
        attn_resolutions: vec![],
        dropout: 0.0,
        channel_mult_emb: 4,
        architecture: Architecture::default(),
    };
    let spec = GeneratorSpec { kind, precond: Precond::Edm, unet };
    let weights = model::Weights::init(spec.layout().expect("a network"), seed, &Device::flex());
    Generator::new(spec, weights).expect("a generator")
}

fn model(seed: u32) -> Result<Model> {
    Ok(Model { generator: generator(SIGN, seed), label: format!("model {seed}") })
}

fn edits() -> Edits {
    Edits::new(Device::flex())
}

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(40 * x % 251) as u8, (30 * y % 241) as u8, 90]))
}

fn request(ticket: u64, wish: Wish) -> EditRequest {
    EditRequest {
        ticket,
        name: format!("{ticket}.png"),
        image: Arc::new(picture(8, 8)),
        mask: None,
        wish,
        weights: Weights::Newest,
    }
}

/// What one go makes of a request.
fn in_one_go(request: &EditRequest, generator: &Generator) -> Projection {
    let model = edit::Model::new(generator, None).expect("SIGN");
    let own = edit::Projector::shape(&model);
    let canvas =
        Canvas::new(&request.image, request.mask.as_deref(), own, request.wish.fit).expect("it fits");
    let settings = request.wish.settings(canvas.known.is_some(), 8).expect("a wish");
    project_canvas(&model, canvas, &settings, &mut |_, _| {}).expect("it runs").projection
}

fn refusal(edits: &mut Edits, request: EditRequest, newest: &dyn Fn() -> Result<Model>) -> Error {
    edits.ask(request);
    match edits.advance(newest) {
        Some(Message::Edited(Edited { outcome: Err(error), .. })) => error,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn edits_in_turn_give_what_one_go_gives() {
    // 81 tiles, which is two parts an application.
    let mask = GrayImage::from_fn(40, 40, |x, y| Luma([if x > 9 && y > 20 { 255 } else { 0 }]));
    let large = EditRequest {
        image: Arc::new(picture(40, 40)),
        mask: Some(Arc::new(mask)),
        ..request(1, Wish { steps: Some(2), fit: Fit::Tiles, seed: 5, ..Wish::default() })
    };
    let small = request(2, Wish { steps: Some(2), strength_sigma: Some(0.5), ..Wish::default() });
    let mut edits = edits();
    edits.ask(large.clone());
    edits.ask(small.clone());
    // The run's weights are others each time they are asked for: each edit keeps those of its start.
    let asked = Cell::new(0);
    let newest = || model(asked.replace(asked.get() + 1));
    let (mut turns, mut answers) = (Vec::new(), Vec::new());
    while let Some(message) = edits.advance(&newest) {
        match message {
            Message::Editing { ticket, done, total } => turns.push((ticket, done, total)),
            Message::Edited(edited) => answers.push(edited),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(turns[..4], [(1, 1, 6), (2, 1, 3), (1, 2, 6), (2, 2, 3)]);
    assert_eq!(turns[4..], [(1, 3, 6), (1, 4, 6), (1, 5, 6)]);
    for (answer, (request, seed)) in answers.iter().zip([(&small, 1), (&large, 0)]) {
        let got = answer.outcome.as_ref().expect("an edit");
        let want = in_one_go(request, &generator(SIGN, seed));
        assert_eq!((answer.ticket, &got.model), (request.ticket, &format!("model {seed}")));
        assert_eq!((&got.before, &got.after), (&want.before, &want.after));
        assert_eq!((&got.moved_rms, got.idempotence_rms), (&want.moved_rms, want.idempotence_rms));
        assert!(got.idempotence_rms > 0.0);
    }
    assert_eq!(answers.len(), 2);
}

#[test]
fn everything_is_answered_in_the_end_but_what_was_cancelled() {
    let mut edits = edits();
    let count = AT_ONCE as u64 + 3;
    (0..count).for_each(|ticket| edits.ask(request(ticket, Wish::default())));
    let newest = || model(0);
    edits.advance(&newest);
    // One that has begun, and one that waits.
    edits.cancel(0);
    edits.cancel(count - 1);
    let mut answered = Vec::new();
    while let Some(message) = edits.advance(&newest) {
        match message {
            Message::Edited(edited) => answered.push(edited.ticket),
            Message::Editing { ticket, .. } => assert!((1..count - 1).contains(&ticket)),
            other => panic!("{other:?}"),
        }
    }
    answered.sort_unstable();
    assert_eq!(answered, (1..count - 1).collect::<Vec<_>>());
    assert!(edits.is_empty());
}

#[test]
fn what_cannot_be_edited_is_refused_in_words() {
    let mut edits = edits();
    let newest = || model(0);
    let masked = |mask: GrayImage, way| EditRequest {
        mask: Some(Arc::new(mask)),
        ..request(7, Wish { way, ..Wish::default() })
    };
    let of = |path: &Path| EditRequest {
        weights: Weights::Checkpoint(path.to_path_buf()),
        ..request(7, Wish::default())
    };
    let folder = tempfile::tempdir().expect("a folder");
    let teacher = folder.path().join("teacher.safetensors");
    save(&teacher, &generator(GeneratorKind::Teacher { sample_steps: 2 }, 0));
    let white = GrayImage::from_pixel(8, 8, Luma([255]));
    for (wrong, words) in [
        (masked(GrayImage::new(9, 8), None), "9×8"),
        (masked(GrayImage::new(8, 8), Some(Way::Inpaint)), "nothing of the picture is marked"),
        (masked(white.clone(), None), "nothing of the picture is known"),
        (request(7, Wish { steps: Some(0), ..Wish::default() }), "0 steps"),
        (request(7, Wish { class: Some(3), ..Wish::default() }), "classes"),
        (of(&folder.path().join("nowhere")), "no such model"),
        (of(folder.path()), "no checkpoint"),
        (of(&teacher), "cannot project"),
    ] {
        let error = refusal(&mut edits, wrong, &newest);
        assert!(error.what.contains(words) && error.remedy.is_some(), "{words}: {error}");
    }
    let early = || Err(Error::usage("too early"));
    assert_eq!(refusal(&mut edits, request(7, Wish::default()), &early).what, "too early");
    assert!(edits.is_empty());
    // A mask is inpainting's alone.
    edits.ask(masked(white, Some(Way::Direct)));
    assert!(matches!(edits.advance(&newest), Some(Message::Editing { ticket: 7, .. })));
}

fn save(path: &Path, generator: &Generator) {
    let tensors = generator.weights().named().expect("weights");
    write_model(path, &generator.spec, &tensors).expect("a model");
}

#[test]
fn a_checkpoint_is_kept_until_it_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    let mut checkpoints = Checkpoints::new(Device::flex());
    let weights = |model: Model| model.generator.weights().named().expect("weights");
    save(&path, &generator(SIGN, 1));
    let first = checkpoints.open(&path).expect("a model");
    assert_eq!(first.label, path.display().to_string());
    // Unreadable by now, but as far as can be told the same file.
    let changed = path.metadata().and_then(|meta| meta.modified()).expect("a time");
    std::fs::write(&path, b"damaged").expect("a file");
    let file = std::fs::File::options().write(true).open(&path).expect("the file");
    file.set_modified(changed).expect("its time");
    let kept = checkpoints.open(&path).expect("the model that was kept");
    assert_eq!(weights(kept), weights(first.clone()));
    save(&path, &generator(SIGN, 2));
    // Two writes may fall into one tick of the file system's clock.
    let file = std::fs::File::options().write(true).open(&path).expect("the file");
    file.set_modified(changed + std::time::Duration::from_secs(1)).expect("its time");
    assert_ne!(weights(checkpoints.open(&path).expect("the new model")), weights(first));
}
