//! Runs whose images, teacher, folder or project are elsewhere than they were.

use super::*;

/// A project with some photos, in `folder`.
fn project(folder: &Path) -> (PathBuf, Recipe) {
    let photos = folder.join("photos");
    std::fs::create_dir_all(&photos).expect("a folder");
    for i in 0..9u8 {
        let picture = RgbImage::from_fn(8, 8, |x, y| image::Rgb([i * 20, x as u8 * 30, y as u8 * 30]));
        picture.save(photos.join(format!("{i}.png"))).expect("a picture");
    }
    let mut recipe = tiny(Method::Sid);
    recipe.data.path = Some(photos.clone());
    recipe.data.limit = None;
    (photos, recipe)
}

fn resumed(said: &[Message]) -> bool {
    said.iter().any(|m| matches!(m, Message::Started { resumed_from: Some(_), .. }))
}

#[test]
fn images_may_move_and_be_called_otherwise() {
    let folder = tempfile::tempdir().expect("a folder");
    let (photos, mut recipe) = project(folder.path());
    let out = folder.path().join("runs");
    let first = follow(&recipe, options(&out, Some(0.016)), quiet);
    let slashed = PathBuf::from(format!("{}/", photos.display()));
    let around = folder.path().join("runs/../photos");
    let moved = folder.path().join("moved");
    let mut ways = vec![slashed, around];
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&photos, &link).expect("a link");
        ways.push(link);
    }
    for way in ways {
        recipe.data.path = Some(way.clone());
        let said = follow(&recipe, options(&out, Some(0.016)), quiet);
        assert_eq!(run_dir(&said), run_dir(&first), "{}", way.display());
    }
    std::fs::rename(&photos, &moved).expect("moves");
    recipe.data.path = Some(moved.clone());
    let resume = Options { resume: Some(run_dir(&first).into()), ..options(&out, Some(0.024)) };
    for options in [options(&out, Some(0.024)), resume] {
        let said = follow(&recipe, options, quiet);
        assert_eq!((ending(&said), run_dir(&said)), (Ending::Limit, run_dir(&first)));
        assert!(resumed(&said));
    }
    // Its own recipe knows the new place.
    let own = recipe::read(&run_dir(&first).join("recipe.toml")).expect("a recipe");
    assert_eq!(own.data.path, Some(moved.clone()));

    // Other images under the run's name are told by both fingerprints.
    std::fs::remove_file(moved.join("0.png")).expect("removed");
    let resume = Options { resume: Some(run_dir(&first).into()), ..options(&out, None) };
    let error = failure(&follow(&own, resume, quiet)).to_string();
    let is_print = |word: &&str| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit());
    let prints = error.split(|c: char| !c.is_alphanumeric()).filter(is_print).count();
    assert!(error.contains("other images") && prints == 2 && error.contains("--data"), "{error}");
    // Elsewhere they are another run.
    recipe.data.path = Some(folder.path().join("others"));
    std::fs::rename(&moved, folder.path().join("others")).expect("moves");
    let other = follow(&recipe, options(&out, Some(0.008)), quiet);
    assert_ne!(run_dir(&other), run_dir(&first));
}

/// What lay beside the run is found beside it, without a word from the user.
#[test]
fn a_whole_project_may_move() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, mut recipe) = project(&folder.path().join("project"));
    let first = follow(&recipe, options(&folder.path().join("project/runs"), Some(0.08)), quiet);
    recipe.student.method = Method::Sign;
    recipe.teacher.path = Some(run_dir(&first).into());
    let distilled = follow(&recipe, options(&folder.path().join("project/runs"), Some(0.008)), quiet);
    let name = run_dir(&distilled).file_name().expect("a name").to_owned();
    std::fs::rename(folder.path().join("project"), folder.path().join("elsewhere")).expect("moves");
    let run = folder.path().join("elsewhere/runs").join(name);
    let own = recipe::read(&run.join("recipe.toml")).expect("a recipe");
    let resume = Options { resume: Some(run.clone()), ..options(folder.path(), None) };
    let said = follow(&own, resume, quiet);
    assert_eq!((ending(&said), run_dir(&said)), (Ending::Finished, run.as_path()));
    assert!(resumed(&said));
}

#[test]
fn a_teacher_may_move_and_another_one_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let teacher = follow(&tiny(Method::Sid), options(&at("teachers"), Some(0.064)), quiet);
    let mut other = tiny(Method::Sid);
    other.seed = 5;
    let stranger = follow(&other, options(&at("teachers"), Some(0.064)), quiet);
    let mut recipe = tiny(Method::Sign);
    recipe.teacher.path = Some(run_dir(&teacher).into());
    let first = follow(&recipe, options(&at("runs"), Some(0.016)), quiet);
    std::fs::rename(run_dir(&teacher), at("moved")).expect("moves");
    // Where it was there is nothing any more; where it is now there is the same.
    for path in [run_dir(&teacher).to_path_buf(), at("moved")] {
        recipe.teacher.path = Some(path);
        let said = follow(&recipe, options(&at("runs"), Some(0.024)), quiet);
        assert_eq!(run_dir(&said), run_dir(&first));
        assert!(resumed(&said));
    }
    recipe.teacher.path = Some(run_dir(&stranger).into());
    let resume = Options { resume: Some(run_dir(&first).into()), ..options(&at("runs"), None) };
    let error = failure(&follow(&recipe, resume, quiet)).to_string();
    assert!(error.contains("another teacher") && error.contains("what to do"), "{error}");
    let beside = follow(&recipe, options(&at("runs"), Some(0.008)), quiet);
    assert_ne!(run_dir(&beside), run_dir(&first));
}

/// What is shown, and how often, is no part of what a run is.
#[test]
fn a_run_is_watched_otherwise() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut recipe = tiny(Method::Sid);
    let first = follow(&recipe, options(folder.path(), Some(0.024)), quiet);
    recipe.report.grid = 9;
    recipe.report.metric_every_kimg = 0.064;
    let second = follow(&recipe, options(folder.path(), None), quiet);
    assert_eq!((ending(&second), run_dir(&second)), (Ending::Finished, run_dir(&first)));
    let grid =
        |m: &Message| if let Message::Samples { pictures, .. } = m { Some(pictures.len()) } else { None };
    let grids: Vec<usize> = second.iter().filter_map(grid).collect();
    assert!(grids.len() > 2 && grids.iter().all(|pictures| *pictures == 9), "{grids:?}");
    let whole = tempfile::tempdir().expect("a folder");
    let want = follow(&tiny(Method::Sid), options(whole.path(), None), quiet);
    assert!(state(run_dir(&second)) == state(run_dir(&want)));
}

/// A run of a release that does not exist yet, or a recipe that somebody broke, is named.
#[test]
fn a_run_that_cannot_be_read_is_named_and_not_passed_over_in_silence() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let first = follow(&recipe, options(folder.path(), Some(0.016)), quiet);
    let file = run_dir(&first).join("recipe.toml");
    let text = std::fs::read_to_string(&file).expect("a recipe");
    let later = text.replacen("version = 2", "version = 99", 1);
    for broken in [later.as_str(), "name = [", &text.replacen("[data]", "[data]\nunknown = 1", 1)] {
        std::fs::write(&file, broken).expect("writes");
        let said = follow(&recipe, options(folder.path(), Some(0.008)), quiet);
        assert_ne!(run_dir(&said), run_dir(&first));
        let named =
            |m: &Message| matches!(m, Message::Warning(text) if text.contains(&*file.to_string_lossy()));
        assert!(said.iter().any(named), "no word of {broken:.40}");
        std::fs::remove_dir_all(run_dir(&said)).expect("removed");
        let resume = Options { resume: Some(run_dir(&first).into()), ..options(folder.path(), None) };
        let error = failure(&follow(&recipe, resume, quiet)).to_string();
        assert!(error.contains("recipe.toml") && error.contains("what to do"), "{error}");
    }
    let error = recipe::from_toml(&later).expect_err("of a later release").to_string();
    assert!(error.contains("version 99") && error.contains("1 to 2"), "{error}");
}

/// Several that are started at once: one makes the run, the others find it.
#[test]
fn trainers_that_start_at_once_make_one_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let all: Vec<_> = std::thread::scope(|scope| {
        let start = || scope.spawn(|| follow(&recipe, options(folder.path(), Some(0.016)), quiet));
        let threads: Vec<_> = (0..4).map(|_| start()).collect();
        threads.into_iter().map(|thread| thread.join().expect("a trainer")).collect()
    });
    let entries = std::fs::read_dir(folder.path()).expect("a folder").map(|e| e.expect("an entry").path());
    assert_eq!(entries.filter(|path| path.is_dir()).count(), 1);
    for said in &all {
        match said.last() {
            Some(Message::Done { why: Ending::Limit, .. }) => {}
            Some(Message::Failed(error)) => assert!(error.what.contains("trained already"), "{error}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Nothing of the run has been saved yet, but it has begun with a teacher.
#[test]
fn a_teacher_that_was_replaced_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut other = tiny(Method::Sid);
    other.seed = 5;
    let [teacher, stranger] = [tiny(Method::Sid), other]
        .map(|recipe| run_dir(&follow(&recipe, options(&at("teachers"), Some(0.064)), quiet)).to_path_buf());
    let mut recipe = tiny(Method::Sign);
    recipe.teacher.path = Some(teacher.clone());
    let first = follow(&recipe, options(&at("runs"), Some(0.016)), quiet);
    std::fs::remove_dir_all(run_dir(&first).join("checkpoints")).expect("removed");
    std::fs::rename(&teacher, at("away")).expect("moves");
    std::fs::rename(&stranger, &teacher).expect("moves");
    let error = failure(&follow(&recipe, options(&at("runs"), None), quiet)).to_string();
    assert!(error.contains("another teacher") && error.contains("--teacher"), "{error}");
}

/// What lies beside runs and looks a little like one is somebody's.
#[test]
fn folders_of_others_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let holiday = folder.path().join("2024-holiday.tmp");
    std::fs::create_dir(&holiday).expect("a folder");
    std::fs::write(holiday.join("photo.txt"), "a photo").expect("a file");
    let killed = folder.path().join("00000-demo-sid.tmp");
    std::fs::create_dir_all(killed.join("checkpoints")).expect("a folder");
    std::fs::write(killed.join("recipe.toml.tmp"), "name =").expect("a file");
    let said = follow(&tiny(Method::Sid), options(folder.path(), Some(0.008)), quiet);
    assert_eq!(ending(&said), Ending::Limit);
    assert!(holiday.join("photo.txt").is_file() && !killed.exists());
}

/// A damaged word about the best checkpoint is no reason to remove it.
#[test]
fn the_best_checkpoint_stays_where_its_name_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let run = run_dir(&follow(&recipe, options(folder.path(), None), quiet)).to_path_buf();
    let best = || std::fs::read_dir(run.join("best")).expect("a folder").count();
    assert_eq!(best(), 1);
    std::fs::write(run.join("best.json"), "{\"stage\"").expect("writes");
    assert_eq!(ending(&follow(&recipe, options(folder.path(), None), quiet)), Ending::Finished);
    assert_eq!(best(), 1);
}

/// A folder that was renamed among the runs is the run.
#[test]
fn a_run_folder_may_be_called_otherwise() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let first = follow(&recipe, options(folder.path(), Some(0.024)), quiet);
    let renamed = folder.path().join("my best run");
    std::fs::rename(run_dir(&first), &renamed).expect("moves");
    let said = follow(&recipe, options(folder.path(), None), quiet);
    assert_eq!((ending(&said), run_dir(&said)), (Ending::Finished, renamed.as_path()));
    assert!(resumed(&said));
}

/// A student goes on with the teacher that it began with, and says where that is not the one that is there now.
#[test]
fn a_teacher_that_has_changed_behind_a_student_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut teacher = tiny(Method::Sid);
    teacher.student.kimg = 0.0;
    let first = follow(&teacher, options(&at("teachers"), None), quiet);
    let mut recipe = tiny(Method::Sign);
    recipe.teacher.path = Some(run_dir(&first).into());
    let whole = state(run_dir(&follow(&recipe, options(&at("whole"), None), quiet)));
    follow(&recipe, options(&at("runs"), Some(0.016)), quiet);
    teacher.teacher.kimg = 0.096;
    follow(&teacher, options(&at("teachers"), None), quiet);
    let said = follow(&recipe, options(&at("runs"), None), quiet);
    let told = |m: &Message| matches!(m, Message::Warning(text) if text.contains("this teacher has changed"));
    assert!(said.iter().any(told), "no word of the teacher");
    assert!(state(run_dir(&said)) == whole);
}

/// What is lost of a run and not of its weights is told.
#[test]
fn lost_numbers_and_lost_checkpoints_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let run = run_dir(&follow(&recipe, options(folder.path(), Some(0.096)), quiet)).to_path_buf();
    let warned = |said: &[Message], words: &str| {
        said.iter().any(|m| matches!(m, Message::Warning(text) if text.contains(words)))
    };
    std::fs::remove_file(run.join("stats.jsonl")).expect("removed");
    let said = follow(&recipe, options(folder.path(), Some(0.104)), quiet);
    assert!(warned(&said, "are gone"));
    std::fs::remove_dir_all(run.join("checkpoints")).expect("removed");
    let said = follow(&recipe, options(folder.path(), Some(0.008)), quiet);
    assert!(run_dir(&said) == run && warned(&said, "begins once more"));
}
