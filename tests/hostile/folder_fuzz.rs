//! Files of a run folder that are damaged one at a time, and everything that reads the folder.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use signet::error::Error;
use signet::gpu::DeviceSpec;
use signet::run::message::Message;
use signet::run::{self, Limits, Meant, Options};
use signet::watch::Run;
use signet::{report, train};

use crate::fuzz::iterations;
use crate::memory::peak_of;
use crate::mutate::{self, Dice};
use crate::program::copy;
use crate::text;

/// Folders of every test run.
const ITERATIONS: u64 = 400;

/// Of so many, one is gone on with.
const RESUMED: u64 = 20;

/// Silence of a trainer that means it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes that reading the folder may hold at once: files of a few kilobytes, a small network, and a page.
const ALLOWED: usize = 64 << 20;

const FOLDER: &str = "checkpoints/step-00000013-sign";

/// What is damaged, and whether as text.
fn targets() -> Vec<(PathBuf, bool)> {
    let texts = ["recipe.toml", "stats.jsonl", "log.jsonl", "changes.jsonl", "summary.json", "best.json"];
    let texts = texts.iter().map(|name| (PathBuf::from(name), true));
    let checkpoint = Path::new(FOLDER);
    let tensors = ["model.safetensors", "state.safetensors"].map(|name| (checkpoint.join(name), false));
    let events = PathBuf::from("tensorboard/events.out.tfevents.1795975496.signet");
    texts.chain([(checkpoint.join("manifest.json"), true)]).chain(tensors).chain([(events, false)]).collect()
}

/// The run with a line in every file that it has none of yet.
fn whole() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1"), place.path());
    let run = place.path().join("run");
    let change = r#"{"stage":"sign","step":1,"images":8,"elapsed_secs":1.5,"name":"student.learning_rate","old":0.1,"new":0.2}"#;
    fs::write(run.join("changes.jsonl"), format!("{change}\n")).expect("a file");
    let best = r#"{"stage":"sign","total_steps":13,"kimg":0.04,"metric":"fd_pixel","value":0.5,"conditions":"","checkpoint":"best/step-00000013-sign"}"#;
    fs::write(run.join("best.json"), best).expect("a file");
    place
}

/// Everything that reads the folder and changes nothing; what was refused.
fn read(run: &Path) -> Vec<Error> {
    let device = burn::tensor::Device::flex();
    let seen = Run::open(run).map(|run| {
        let now = SystemTime::now();
        assert!(report::page(&run, now).ends_with("</html>\n"));
        serde_json::to_string(&run.snapshot(now)).expect("JSON")
    });
    let checkpoints = train::latest(&run.join("checkpoints"), |_| Ok(())).map(drop);
    let model = train::find_generator(run, None, &device).map(drop);
    [seen.map(drop), run::recipe_of(run).map(drop), run::changes_of(run).map(drop), checkpoints, model]
        .into_iter()
        .filter_map(Result::err)
        .collect()
}

/// Goes on with the run in a copy, for no more than it takes to open it.
fn resume(what: &str, place: &Path) {
    let folder = tempfile::tempdir().expect("a folder");
    copy(place, folder.path());
    let path = folder.path().join("run");
    let Ok((mut recipe, _)) = run::recipe_of(&path) else { return };
    recipe.data.path = Some(folder.path().join("pictures"));
    let options = Options {
        out: folder.path().join("runs"),
        fresh: false,
        resume: Some(path),
        device: DeviceSpec::Cpu,
        untested_device: false,
        limits: Limits { max_kimg: Some(0.001), max_minutes: None },
        meant: Meant::default(),
        stays: false,
    };
    let (link, thread) = run::start(recipe, options, report::write_beside).expect("a recipe that can run");
    loop {
        match link.messages.recv_timeout(PATIENCE) {
            Ok(Message::Done { .. }) => break,
            Ok(Message::Failed(error)) => {
                let words = error.to_string();
                assert!(!words.contains("unexpectedly"), "{what}: {words}");
                break;
            }
            Ok(_) => {}
            Err(_) => panic!("{what}: the trainer has ended or hangs without a word"),
        }
    }
    thread.join().expect("the trainer's thread ends well");
}

#[test]
fn fuzz_run_folders() {
    let (place, iterations) = (whole(), iterations(ITERATIONS));
    let (run, targets) = (place.path().join("run"), targets());
    let files: Vec<Vec<u8>> =
        targets.iter().map(|(name, _)| fs::read(run.join(name)).expect("a file")).collect();
    let mut refused = 0;
    assert_eq!(read(&run), [], "the folder is sound");
    for iteration in 0..iterations {
        let mut dice = Dice::new(iteration);
        let (at, other) = (dice.below(targets.len()), dice.below(targets.len()));
        let (name, is_text) = &targets[at];
        let what = format!("folder {iteration}, {}", name.display());
        let mut bytes = files[at].clone();
        if *is_text {
            text::mutate(&mut bytes, &files[other], &mut dice);
        } else {
            mutate::mutate(&mut bytes, &files[other], &mut dice);
        }
        fs::write(run.join(name), &bytes).expect("a file");
        let caught = catch_unwind(AssertUnwindSafe(|| peak_of(|| read(&run))));
        let (errors, peak) = caught.unwrap_or_else(|_| panic!("{what} panicked"));
        assert!(peak < ALLOWED, "{what}: {} MiB", peak >> 20);
        for error in &errors {
            let shown = error.to_string();
            assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{what}: {shown:?}");
        }
        refused += u64::from(!errors.is_empty());
        // A recipe may ask for a network that takes an hour, and has a test of its own.
        if iteration % RESUMED == 0 && *name != Path::new("recipe.toml") {
            resume(&what, place.path());
        }
        fs::write(run.join(name), &files[at]).expect("a file");
    }
    println!("{iterations} folders: {refused} were refused in some way");
    assert!(iterations < ITERATIONS || (refused > iterations / 20 && refused < iterations), "{refused}");
}
