//! Runs that are not begun, or are others than they seem.

use super::*;

#[test]
fn a_run_of_another_recipe_is_refused_and_a_new_seed_is_a_new_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let first = follow(&recipe, options(folder.path(), Some(0.016)), quiet);
    let mut other = recipe.clone();
    other.seed = 1;
    let resume = Options { resume: Some(run_dir(&first).to_path_buf()), ..options(folder.path(), None) };
    let said = follow(&other, resume, quiet);
    let error = failure(&said);
    assert_eq!(error.kind, Kind::Checkpoint);
    assert!(error.place.is_some() && error.remedy.is_some(), "{error}");

    let second = follow(&other, options(folder.path(), Some(0.016)), quiet);
    assert_ne!(run_dir(&first), run_dir(&second));
}

/// Photos were added between two sessions: going on would be another run under the same name.
#[test]
fn other_images_are_not_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let photos = folder.path().join("photos");
    std::fs::create_dir(&photos).expect("a folder");
    let paint = |i: u8| {
        let picture = RgbImage::from_fn(8, 8, |x, y| image::Rgb([i * 20, x as u8 * 30, y as u8 * 30]));
        picture.save(photos.join(format!("{i}.png"))).expect("a picture");
    };
    (0..9).for_each(paint);
    let mut recipe = tiny(Method::Sid);
    recipe.data.path = Some(photos.clone());
    recipe.data.limit = None;
    let out = folder.path().join("runs");
    let first = follow(&recipe, options(&out, Some(0.016)), quiet);
    assert_eq!(ending(&first), Ending::Limit);
    paint(9);
    let said = follow(&recipe, options(&out, None), quiet);
    assert_eq!(failure(&said).kind, Kind::Checkpoint);
    let fresh = Options { fresh: true, ..options(&out, Some(0.016)) };
    assert_eq!(ending(&follow(&recipe, fresh, quiet)), Ending::Limit);
}

/// One run folder has one trainer at a time.
#[test]
fn a_run_is_not_trained_twice_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let mut second = None;
    let said = follow(&recipe, options(folder.path(), Some(0.05)), |message| match message {
        Message::Step { at, .. } if at.step == 1 => vec![Command::Pause],
        Message::Paused => {
            second = Some(follow(&recipe, options(folder.path(), None), quiet));
            vec![Command::Resume]
        }
        _ => Vec::new(),
    });
    assert_eq!(ending(&said), Ending::Limit);
    let error = failure(second.as_ref().expect("a second run was tried")).to_string();
    assert!(error.contains("already"), "{error}");
}

#[test]
fn a_teacher_without_classes_is_not_distilled_with_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = follow(&tiny(Method::Sid), options(folder.path(), Some(0.064)), quiet);
    let mut recipe = tiny_with_labels(Method::Sid);
    recipe.teacher.path = Some(run_dir(&first).to_path_buf());
    let said = follow(&recipe, options(folder.path(), None), quiet);
    let error = failure(&said);
    assert!(error.kind == Kind::Checkpoint && error.remedy.is_some(), "{error}");
}

#[test]
fn a_teacher_of_an_earlier_run_is_distilled_without_training_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = follow(&tiny(Method::Sign), options(folder.path(), None), quiet);
    let mut recipe = tiny(Method::Sid);
    recipe.teacher.path = Some(run_dir(&first).to_path_buf());
    let said = follow(&recipe, options(folder.path(), None), quiet);
    assert_eq!(ending(&said), Ending::Finished);
    let stages: Vec<Stage> = said
        .iter()
        .filter_map(|m| if let Message::StageStarted { stage, .. } = m { Some(*stage) } else { None })
        .collect();
    assert_eq!(stages, [Stage::Sid]);
}

/// Hours of a teacher would be for nothing.
#[test]
fn a_student_that_cannot_be_trained_is_told_before_its_teacher_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut recipe = tiny(Method::Sign);
    let sign = &mut recipe.student.sign;
    // With the states on the way some 14 GiB.
    (sign.reg, sign.reg_along, sign.pairs) = (1.0, 0.5, 1_000_000);
    let said = follow(&recipe, options(folder.path(), None), quiet);
    let error = failure(&said);
    assert!(error.kind == Kind::Usage && error.remedy.is_some(), "{error}");
    let mut made = std::fs::read_dir(folder.path()).expect("a folder");
    assert!(made.next().is_none(), "a run folder was made");
}
