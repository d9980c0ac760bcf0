use super::*;
use crate::recipe;
use crate::run::RECIPE_FILE;

fn recipe() -> Recipe {
    recipe::preset("small-sign").expect("a preset")
}

/// A run folder that has trained both stages, with so many images a second.
fn write_run(folder: &Path, name: &str, recipe: &Recipe, paces: [f64; 2]) -> PathBuf {
    let run = folder.join(name);
    fs::create_dir(&run).expect("a folder");
    fs::write(run.join(RECIPE_FILE), recipe::to_toml(recipe).expect("TOML")).expect("a recipe");
    let line = |stage: &str, pace: f64| {
        format!(
            "{{\"stage\":\"{stage}\",\"step\":1,\"total_steps\":1,\"kimg\":1,\"elapsed_secs\":1,\"{SPEED}\":{pace}}}\n"
        )
    };
    let metric = "{\"stage\":\"sign\",\"step\":1,\"fd_pixel\":3.0,\"conditions\":\"n\"}\nnot a line\n";
    let text =
        [line("teacher", 1.0), line("teacher", paces[0]), line("sign", paces[1]), metric.into()].concat();
    fs::write(run.join(STATS_FILE), text).expect("numbers");
    let started = "{\"time\":1.0,\"event\":\"started\",\"device\":\"a card\",\"resolution\":16,\"resumed_from\":null}\n";
    fs::write(run.join(LOG_FILE), started).expect("a log");
    run
}

#[test]
fn runs_of_the_same_shape_say_how_long_it_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    write_run(folder.path(), "00000-small-sign", &recipe(), [100.0, 50.0]);
    fs::create_dir(folder.path().join("notes")).expect("a folder");
    let known = of_runs(folder.path());
    // Neither lengths nor what the pictures are change the pace.
    let mut mine = recipe();
    mine.teacher.kimg = 60.0;
    mine.data.x_flip = !mine.data.x_flip;
    mine.data.path = Some("elsewhere".into());
    let pace = known.get(&shape(&mine)).expect("a run of this shape");
    assert_eq!(pace.words(&mine), "about 10 min for the teacher, about 33 min for SIGN");
    assert_eq!(pace.source(), "as fast as 00000-small-sign on a card");
    for change in [
        (|r| r.data.size = 64) as fn(&mut Recipe),
        |r| r.student.method = recipe::Method::Sid,
        |r| r.teacher.path = Some("net.pkl".into()),
        |r| r.network.model_channels = 8,
        |r| r.precision = recipe::Precision::Mixed,
        |r| r.student.batch = 64,
    ] {
        let mut other = recipe();
        change(&mut other);
        assert!(!known.contains_key(&shape(&other)), "{}", shape(&other));
    }
}

#[test]
fn a_run_without_its_student_and_a_broken_one_say_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let half = write_run(folder.path(), "half", &recipe(), [100.0, 50.0]);
    let text = fs::read_to_string(half.join(STATS_FILE)).expect("numbers");
    let teachers: String =
        text.lines().filter(|line| line.contains("teacher")).collect::<Vec<_>>().join("\n");
    fs::write(half.join(STATS_FILE), teachers).expect("numbers");
    let broken = write_run(folder.path(), "broken", &recipe(), [100.0, 50.0]);
    fs::write(broken.join(STATS_FILE), b"\xff\xfe\n\x00").expect("bytes");
    assert!(of_runs(folder.path()).is_empty());
    assert!(of_runs(&folder.path().join("none")).is_empty());
}

#[test]
fn times_are_no_more_exact_than_they_are() {
    let words = [20.0, 100.0, 719.0, 5_000.0, 9_000.0, 86_400.0, 400_000.0].map(about);
    assert_eq!(
        words,
        [
            "about a minute",
            "about 2 min",
            "about 12 min",
            "about 83 min",
            "about 2 h",
            "about 24 h",
            "about 5 days"
        ]
    );
    assert!(about(f64::INFINITY).contains("not known"));
}

#[test]
fn steps_are_timed_in_the_background_and_a_measurement_can_be_called_off() {
    let (ctx, mut paces) = (Context::default(), Paces::default());
    let mut tiny = recipe();
    tiny.data.size = 8;
    tiny.network.model_channels = 8;
    tiny.network.attn_resolutions = Vec::new();
    (tiny.teacher.batch, tiny.student.batch) = (4, 4);
    let wait = |paces: &mut Paces| {
        let start = std::time::Instant::now();
        while paces.is_measuring() {
            assert!(start.elapsed().as_secs() < 120, "it takes too long");
            paces.step(&ctx);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    paces.measure(&ctx, tiny.clone(), 3, 0);
    paces.stop();
    wait(&mut paces);
    assert!(paces.of(&tiny).is_none() && paces.problem.is_none());
    paces.measure(&ctx, tiny.clone(), 3, 0);
    wait(&mut paces);
    let pace = paces.of(&tiny).expect("a pace");
    assert!(pace.run.is_none() && pace.source().starts_with("measured on "), "{}", pace.source());
    assert_eq!(pace.stages.len(), 2);
}

/// A stranger's run has links and pipes in the place of its files: none is followed, and nobody waits.
#[cfg(unix)]
#[test]
fn only_plain_files_of_a_run_say_something() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let real = write_run(elsewhere.path(), "real", &recipe(), [100.0, 50.0]);
    for name in [STATS_FILE, RECIPE_FILE] {
        let run = write_run(folder.path(), &format!("{name}-link"), &recipe(), [100.0, 50.0]);
        fs::remove_file(run.join(name)).expect("removed");
        std::os::unix::fs::symlink(real.join(name), run.join(name)).expect("a link");
        let run = write_run(folder.path(), &format!("{name}-pipe"), &recipe(), [100.0, 50.0]);
        fs::remove_file(run.join(name)).expect("removed");
        let made = std::process::Command::new("mkfifo").arg(run.join(name)).status();
        assert!(made.expect("mkfifo").success());
    }
    assert!(of_runs(folder.path()).is_empty());
    assert_eq!(of_runs(elsewhere.path()).len(), 1);
}
