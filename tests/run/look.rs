//! Looking at a run: samples, edits and new pictures while it trains, and after its end.

use signet::diffusion::{Classes, Starts};

use super::*;

/// Wishes for edits of one picture: directly, from noise, and with a hole in it.
fn edit(ticket: u64, weights: Weights) -> EditRequest {
    let hole = GrayImage::from_fn(20, 10, |x, _| Luma([if x < 10 { 255 } else { 0 }]));
    EditRequest {
        ticket,
        name: "gray.png".into(),
        image: Arc::new(RgbImage::from_pixel(20, 10, image::Rgb([90, 120, 200]))),
        mask: (ticket % 2 == 1).then(|| Arc::new(hole)),
        wish: Wish { steps: Some(3), strength_sigma: Some(0.5), seed: 1, ..Wish::default() },
        weights,
    }
}

fn answers(said: &[Message]) -> Vec<&Edited> {
    said.iter().filter_map(|m| if let Message::Edited(e) = m { Some(e) } else { None }).collect()
}

/// Samples, saves, pauses and edits in the middle of training leave the weights and losses as they would be.
#[test]
fn looking_changes_nothing() {
    let recipe = tiny(Method::Sign);
    let plain = tempfile::tempdir().expect("a folder");
    let unwatched = follow(&recipe, options(plain.path(), None), quiet);
    let want = state(run_dir(&unwatched));

    let watched = tempfile::tempdir().expect("a folder");
    let other = Weights::Checkpoint(run_dir(&unwatched).to_path_buf());
    let said = follow(&recipe, options(watched.path(), None), |message| match message {
        Message::Step { at, .. } if at.step == 1 => {
            (0..2).map(|ticket| Command::Edit(edit(ticket, Weights::Newest))).collect()
        }
        Message::Step { at, .. } if at.step == 2 => {
            let edits = [edit(2, Weights::Newest), edit(3, other.clone())].map(Command::Edit);
            [Command::Pause, Command::SampleNow].into_iter().chain(edits).collect()
        }
        // Paused, it does all that is left to do.
        Message::Edited(Edited { ticket: 3, .. }) => vec![Command::SaveNow, Command::Resume],
        _ => Vec::new(),
    });
    assert_eq!(ending(&said), Ending::Finished);
    let edits = answers(&said);
    let (early, late): (Vec<_>, Vec<_>) = edits.into_iter().partition(|e| e.outcome.is_err());
    assert_eq!(early.iter().map(|e| e.ticket).collect::<Vec<_>>(), [0, 1, 2]);
    let error = early[0].outcome.as_ref().expect_err("a teacher cannot project");
    assert!(error.what.contains("teacher") && error.remedy.is_some(), "{error}");
    let mut done: Vec<u64> = late.iter().map(|e| e.ticket).collect();
    done.sort_unstable();
    assert_eq!(done, [0, 1, 2, 3, 3], "the checkpoint's answers in both stages");
    for edited in late {
        let projected = edited.outcome.as_ref().expect("SIGN projects");
        assert_eq!((projected.after.len(), projected.before.dimensions()), (3, (8, 8)));
        assert_eq!(projected.model.contains("sign at"), edited.ticket != 3, "{}", projected.model);
    }
    assert!(said.iter().any(|m| matches!(m, Message::Editing { ticket: 0, done: 1, total: 4 })));
    assert!(said.iter().any(|m| matches!(m, Message::Paused)));
    assert!(state(run_dir(&said)) == want, "watching the run changed its weights");
    let losses = |said: &[Message]| -> Vec<_> {
        let of = |m: &Message| if let Message::Step { losses, .. } = m { Some(losses.clone()) } else { None };
        said.iter().filter_map(of).collect()
    };
    assert_eq!(losses(&said), losses(&unwatched));
}

/// A run that has ended goes on editing until the face leaves, and then ends.
#[test]
fn a_trainer_that_stays_edits_after_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sign);
    let stays = Options { stays: true, ..options(folder.path(), Some(0.096)) };
    let mut run_dir = PathBuf::new();
    let said = follow(&recipe, stays, |message| match message {
        Message::Done { run_dir: path, .. } => {
            run_dir.clone_from(path);
            vec![Command::Edit(edit(0, Weights::Newest)), Command::SaveNow]
        }
        Message::Edited(Edited { ticket: 0, .. }) => {
            // Its folder is let go: another trainer may go on with the run.
            let next = follow(&recipe, options(folder.path(), None), quiet);
            assert_eq!((ending(&next), self::run_dir(&next)), (Ending::Finished, run_dir.as_path()));
            vec![Command::Edit(edit(1, Weights::Checkpoint(run_dir.clone())))]
        }
        Message::Edited(_) => vec![Command::Leave],
        _ => Vec::new(),
    });
    let last = |m: &Message| matches!(m, Message::Done { why: Ending::Limit, .. });
    let end = said.iter().position(last).expect("the run ended");
    let made: Vec<_> = answers(&said[end..]).iter().map(|e| e.outcome.clone().expect("an edit")).collect();
    let labels: Vec<&str> = made.iter().map(|projection| projection.model.as_str()).collect();
    assert_eq!(labels, ["sign at 0.0 kimg", run_dir.to_str().expect("a path")]);
}

/// The raw weights' grids and the teacher's come when they are asked for, go into no file and change nothing.
#[test]
fn raw_and_teacher_samples_change_nothing() {
    let mut recipe = tiny(Method::Sign);
    // An average that hardly moves in so few steps.
    recipe.optimiser.ema_ramp_up = 0.0;
    let plain = tempfile::tempdir().expect("a folder");
    let want = state(run_dir(&follow(&recipe, options(plain.path(), None), quiet)));
    let watched = tempfile::tempdir().expect("a folder");
    let said = follow(&recipe, options(watched.path(), None), |message| match message {
        // In the teacher's stage its samples are only promised.
        Message::Reals(_) => vec![Command::ShowTeacher, Command::SampleRaw(true)],
        Message::StageStarted { stage: Stage::Sign, .. } => vec![Command::SampleRaw(false)],
        _ => Vec::new(),
    });
    assert_eq!(ending(&said), Ending::Finished);
    assert!(state(run_dir(&said)) == want, "watching the run changed its weights");

    let place = |found: &dyn Fn(&Message) -> bool| said.iter().position(found).expect("a message");
    let teacher = place(&|m| matches!(m, Message::TeacherSamples { .. }));
    let student = place(&|m| matches!(m, Message::StageStarted { stage: Stage::Sign, .. }));
    let step = place(&|m| matches!(m, Message::Step { at, .. } if at.stage == Stage::Sign));
    assert!(student < teacher && teacher < step, "it comes when the student begins");
    let shown = |m: &Message| matches!(m, Message::TeacherSamples { pictures, evaluations: 5 } if pictures.len() == 4);
    assert!(shown(&said[teacher]), "{:?}", said[teacher]);

    let grids = |wanted: Averaging| -> Vec<(Stage, u64, &Pictures)> {
        let grid = |message| match message {
            &Message::Samples { at, averaging, ref pictures, ref path } if averaging == wanted => {
                assert!(path.is_none() || wanted == Averaging::Ema, "raw weights go into no file");
                Some((at.stage, at.step, pictures))
            }
            _ => None,
        };
        said.iter().filter_map(grid).collect()
    };
    let (average, raw) = (grids(Averaging::Ema), grids(Averaging::Raw));
    // Once at once, then with the teacher's other grids and the student's first.
    assert_eq!(raw.len(), 4, "{:?}", raw.iter().map(|(stage, step, _)| (stage, step)).collect::<Vec<_>>());
    let last = raw.iter().rfind(|(stage, ..)| *stage == Stage::Teacher).expect("a teacher's grid");
    let same = average.iter().find(|(stage, step, _)| (*stage, *step) == (last.0, last.1));
    assert!(same.is_some_and(|same| same.2.iter().ne(last.2.iter())), "the average is not the raw weights");
}

/// What was made for a ticket.
fn made(said: &[Message], wanted: u64) -> &Made {
    let made = said.iter().find_map(|m| match m {
        Message::Making(Making::Done { ticket, outcome }) if *ticket == wanted => Some(outcome),
        _ => None,
    });
    made.expect("an answer").as_ref().expect("pictures")
}

/// Pictures of new seeds come from every stage, while it trains and after the end, and change nothing. After the end
/// they are those that the checkpoint makes.
#[test]
fn pictures_of_new_seeds_change_nothing() {
    let recipe = tiny(Method::Sign);
    let plain = tempfile::tempdir().expect("a folder");
    let want = state(run_dir(&follow(&recipe, options(plain.path(), None), quiet)));
    let watched = tempfile::tempdir().expect("a folder");
    let wish = |ticket: u64| Command::Make(MakeRequest { ticket, first_seed: 100, count: 20, class: None });
    let stays = Options { stays: true, ..options(watched.path(), None) };
    let said = follow(&recipe, stays, |message| match message {
        Message::Step { at, .. } if at.step == 1 => vec![wish(u64::from(at.stage == Stage::Sign))],
        Message::Done { .. } => vec![wish(2)],
        Message::Making(Making::Done { ticket: 2, .. }) => vec![Command::Leave],
        _ => Vec::new(),
    });
    assert!(state(run_dir(&said)) == want, "making pictures changed the weights");
    for (ticket, stage) in [(0, Stage::Teacher), (1, Stage::Sign), (2, Stage::Sign)] {
        let made = made(&said, ticket);
        assert_eq!((made.at.stage, made.pictures.len(), made.seeds[19]), (stage, 20, 119));
        assert!(made.classes.is_none());
    }
    assert!(
        said.iter().any(|m| matches!(m, Message::Making(Making::Part { ticket: 0, done: 4, total: 20 })))
    );
    let device = burn::tensor::Device::flex();
    let found = signet::train::find_generator(run_dir(&said), None, &device).expect("a checkpoint");
    let starts =
        Starts::new(&found.generator.spec.unet, &made(&said, 2).seeds, Classes::Spread).expect("starts");
    let images = found.generator.sample(&starts).expect("images");
    let picture = |chw| signet::data::pixels::picture_from_chw(chw, 3, 8);
    let want: Vec<RgbImage> = images.chunks(found.generator.image_len()).map(picture).collect();
    assert_eq!(made(&said, 2).pictures.to_vec(), want);
}

/// A run with classes says which there are, and makes pictures of the one that is wished.
#[test]
fn classes_are_told_and_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut recipe = tiny_with_labels(Method::Sid);
    recipe.teacher.kimg = 0.016;
    recipe.student.kimg = 0.016;
    let mut class = 0;
    let stays = Options { stays: true, ..options(folder.path(), None) };
    let said = follow(&recipe, stays, |message| match message {
        Message::Classes(classes) => {
            assert!(classes.iter().all(|class| class.pictures > 0 && !class.name.is_empty()), "{classes:?}");
            class = classes.last().expect("a class").number;
            Vec::new()
        }
        Message::Done { .. } => {
            let wish = |ticket, class| Command::Make(MakeRequest { ticket, first_seed: 0, count: 2, class });
            vec![wish(0, Some(class)), wish(1, Some(u32::MAX))]
        }
        Message::Making(Making::Done { ticket: 1, outcome }) => {
            assert!(outcome.as_ref().is_err_and(|error| error.remedy.is_some()), "{outcome:?}");
            vec![Command::Leave]
        }
        _ => Vec::new(),
    });
    assert_eq!(made(&said, 0).classes, Some(vec![class; 2]));
    assert!(class > 0, "the built-in pictures have several classes");
}
