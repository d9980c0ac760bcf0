//! Checks that were made up, on the CPU in the place of a GPU.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use burn::tensor::Device;

use super::subject::build_of;
use super::*;
use crate::gpu::DeviceSpec;
use crate::gpu::kernels::check::Errors;
use crate::interrupt::Interrupt;
use crate::recipe;

const RIGHT: Errors = Errors { value: 1e-7, gradient: 0.0 };
const WRONG: Errors = Errors { value: 0.25, gradient: 1e-7 };

fn comparison(name: &'static str, measure: fn(&Device) -> Errors) -> Comparison {
    Comparison::measured((name, measure))
}

fn right() -> [Comparison; 2] {
    [comparison("kernel: sum", |_| RIGHT), comparison("kernel: product", |_| RIGHT)]
}

fn subject() -> Subject {
    Subject {
        adapter: "a GPU".into(),
        api: "vulkan".into(),
        driver: "a driver".into(),
        driver_info: "1.2".into(),
        version: "0.1.0".into(),
        build: "5 bytes".into(),
    }
}

/// The CPU in the place of a GPU whose memory is in `folder`.
fn examined(folder: &Path, comparisons: &[Comparison]) -> (Result<()>, Vec<Message>) {
    examined_until(&Interrupt::default(), folder, comparisons)
}

fn examined_until(
    interrupt: &Interrupt,
    folder: &Path,
    comparisons: &[Comparison],
) -> (Result<()>, Vec<Message>) {
    let opened = gpu::open(&DeviceSpec::Cpu).expect("the CPU is always there");
    let examinee = Examinee { opened: &opened, subject: Some(subject()), memory: Memory::within(folder) };
    let (says, heard) = channel();
    let mut preparing = Preparing::new(&says, interrupt);
    let say = |message| says.send(message).expect("a face");
    let outcome = examinee.examine(comparisons, &mut preparing, &say);
    (outcome, heard.try_iter().collect())
}

fn notes(said: &[Message]) -> Vec<&str> {
    said.iter()
        .filter_map(|message| match message {
            Message::Note(words) => Some(words.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_gpu_is_checked_once_and_what_comes_new_alone() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let counted = comparison("kernel: counted", |_| {
        RUNS.fetch_add(1, Ordering::Relaxed);
        RIGHT
    });
    let folder = tempfile::tempdir().expect("a folder");
    let (outcome, said) = examined(folder.path(), &[counted]);
    assert_eq!((outcome, RUNS.load(Ordering::Relaxed)), (Ok(()), 1));
    let Some(Message::Preparing { what, done: 0, total: 1, .. }) = said.first() else { panic!("{said:?}") };
    assert!(what.contains("checking this GPU once"), "{what}");
    assert!(
        notes(&said)[0].contains("calculates right") && notes(&said)[0].contains("1 of 1 checks"),
        "{said:?}"
    );

    let (outcome, said) = examined(folder.path(), &[counted]);
    assert_eq!((outcome, RUNS.load(Ordering::Relaxed), said.len()), (Ok(()), 1, 0));

    let [new, _] = right();
    let (outcome, said) = examined(folder.path(), &[counted, new]);
    assert_eq!((outcome, RUNS.load(Ordering::Relaxed), notes(&said).len()), (Ok(()), 1, 1));
    assert_eq!(Memory::within(folder.path()).of(&subject()).len(), 2);
}

#[test]
fn a_gpu_that_calculates_wrong_does_not_train_and_is_not_known_the_next_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let [sum, product] = right();
    let wrong = comparison("kernel: wrong on purpose", |_| WRONG);
    let nan = comparison("kernel: not a number", |_| Errors { value: f64::NAN, ..RIGHT });
    for _ in 0..2 {
        let (outcome, said) = examined(folder.path(), &[sum, wrong, nan, product]);
        let error = outcome.expect_err("wrong numbers");
        assert_eq!((error.kind, error.exit_code()), (Kind::Device, 5));
        let told = error.to_string();
        for words in [
            "kernel: wrong on purpose is off by 2.5e-1, and 1e-5 is the most",
            "kernel: not a number is off by NaN",
            "driver",
            "signet doctor",
            "--device cpu",
            "--device wgpu:N",
            "--untested-device",
        ] {
            assert!(told.contains(words), "“{words}” is not in: {told}");
        }
        assert!(!told.contains("kernel: sum") && !told.contains("kernel: product"), "{told}");
        assert!(notes(&said).is_empty(), "{said:?}");
        assert!(Memory::within(folder.path()).of(&subject()).is_empty());
    }
}

/// A driver that gives up has nothing checked after it; one that says why is told as such.
#[test]
fn a_check_that_breaks_off_is_the_last() {
    let [sum, _] = right();
    let unreached = comparison("kernel: unreached", |_| panic!("it was reached"));
    let folder = tempfile::tempdir().expect("a folder");
    let broken = comparison("kernel: broken", |_| panic!("Validation Error\n  no such\n  function"));
    let error = examined(folder.path(), &[sum, broken, unreached]).0.expect_err("it broke off");
    assert_eq!(error.kind, Kind::Device);
    assert!(error.what.contains("kernel: broken broke off (Validation Error no such function)"), "{error}");
    assert!(!error.what.contains("unreached"), "{error}");

    let lost = comparison("kernel: lost", |_| panic!("wgpu error: Parent device is lost"));
    let error = examined(folder.path(), &[lost, unreached]).0.expect_err("it broke off");
    assert_eq!(error.kind, Kind::DeviceLost);
    assert!(error.what.starts_with("kernel: lost: the graphics device was lost"), "{error}");
}

#[test]
fn a_stop_ends_the_checks_and_none_is_remembered() {
    let folder = tempfile::tempdir().expect("a folder");
    let interrupt = Interrupt::default();
    interrupt.raise();
    let (outcome, _) = examined_until(&interrupt, folder.path(), &right());
    assert_eq!(outcome.map_err(|error| error.kind), Err(Kind::Stopped));
    assert!(Memory::within(folder.path()).of(&subject()).is_empty());
}

#[test]
fn another_driver_and_another_build_are_another_subject() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = Memory::within(folder.path());
    memory.add(&subject(), ["sum"]).expect("written");
    assert_eq!(memory.of(&subject()).into_iter().collect::<Vec<_>>(), ["sum"]);
    let changes: [fn(&mut Subject) -> &mut String; 6] = [
        |subject| &mut subject.adapter,
        |subject| &mut subject.api,
        |subject| &mut subject.driver,
        |subject| &mut subject.driver_info,
        |subject| &mut subject.version,
        |subject| &mut subject.build,
    ];
    for change in changes {
        let mut other = subject();
        change(&mut other).push('3');
        assert!(memory.of(&other).is_empty(), "{other:?}");
        memory.add(&other, ["product"]).expect("written");
        assert_eq!(memory.of(&other).into_iter().collect::<Vec<_>>(), ["product"]);
    }
    assert_eq!(memory.of(&subject()).into_iter().collect::<Vec<_>>(), ["sum"], "both are remembered");
}

#[test]
fn an_executable_is_known_by_its_length_and_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("program");
    assert_eq!(build_of(&file), None);
    fs::write(&file, "12345").expect("written");
    let first = build_of(&file).expect("a build");
    assert_eq!(build_of(&file), Some(first.clone()));
    fs::write(&file, "123456").expect("written");
    let longer = build_of(&file).expect("a build");
    let later = fs::File::options().write(true).open(&file).expect("a file");
    later.set_modified(UNIX_EPOCH + Duration::from_secs(1_000_000_000)).expect("its time");
    let older = build_of(&file).expect("a build");
    assert!(first != longer && longer != older, "{first}, {longer}, {older}");
    let own = std::env::current_exe().expect("this program");
    assert!(build_of(&own).is_some());
}

#[test]
fn what_cannot_be_read_is_forgotten_and_written_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = Memory::within(folder.path());
    memory.add(&subject(), ["sum"]).expect("written");
    let file = only_file(folder.path());
    for damaged in ["", "{", "[{\"adapter\": 3}]", "null"] {
        fs::write(&file, damaged).expect("written");
        assert!(memory.of(&subject()).is_empty(), "{damaged}");
    }
    memory.add(&subject(), ["product"]).expect("written");
    assert_eq!(memory.of(&subject()).into_iter().collect::<Vec<_>>(), ["product"]);
}

#[test]
fn what_cannot_be_written_is_a_note() {
    let folder = tempfile::tempdir().expect("a folder");
    let no_folder = folder.path().join("file");
    fs::write(&no_folder, "").expect("written");
    let (outcome, said) = examined(&no_folder, &right());
    assert_eq!(outcome, Ok(()));
    let notes = notes(&said);
    assert_eq!(notes.len(), 2, "{said:?}");
    assert!(notes[0].contains("2 of 2 checks") && notes[1].contains("not remembered"), "{said:?}");
}

#[test]
fn old_subjects_are_dropped_at_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = Memory::within(folder.path());
    let numbered = |number: usize| Subject { build: number.to_string(), ..subject() };
    (0..40).for_each(|number| memory.add(&numbered(number), ["sum"]).expect("written"));
    assert!(memory.of(&numbered(0)).is_empty());
    assert_eq!(memory.of(&numbered(39)).len(), 1);
}

/// Whoever writes last is remembered; nobody ever finds half a file, and nothing else is left behind.
#[test]
fn several_processes_at_once_leave_a_whole_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = Memory::within(folder.path());
    memory.add(&subject(), ["sum"]).expect("written");
    let file = only_file(folder.path());
    thread::scope(|scope| {
        for writer in 0..4 {
            let (memory, own) = (&memory, Subject { build: writer.to_string(), ..subject() });
            scope.spawn(move || (0..25).for_each(|_| memory.add(&own, ["sum"]).expect("written")));
        }
        for _ in 0..200 {
            let text = fs::read(&file).expect("a file");
            let entries: Vec<serde_json::Value> = serde_json::from_slice(&text).expect("whole");
            assert!(!entries.is_empty());
        }
    });
    assert_eq!(only_file(folder.path()), file);
}

fn only_file(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

#[test]
fn nothing_is_checked_on_the_cpu() {
    let opened = gpu::open(&DeviceSpec::Cpu).expect("the CPU is always there");
    assert_eq!(Subject::of(&opened), None);
    let recipe = recipe::preset("demo").expect("the demo recipe");
    let (says, heard) = channel();
    let mut preparing = Preparing::new(&says, &Interrupt::default());
    for untested in [false, true] {
        let say = |message| says.send(message).expect("a face");
        assert_eq!(check(&opened, &recipe, untested, &mut preparing, &say), Ok(()));
    }
    assert!(heard.try_recv().is_err());
}

/// A driver that fails in what a run does not use may train it.
#[test]
fn a_run_asks_for_what_its_networks_use() {
    let demo = recipe::preset("demo").expect("the demo recipe");
    let uses = |change: fn(&mut Recipe)| {
        let mut recipe = demo.clone();
        change(&mut recipe);
        let BurnsOwn { products, filters } = burns_own(&recipe);
        [products, filters]
    };
    assert_eq!(uses(|_| ()), [false, false]);
    assert_eq!(uses(|recipe| recipe.network.family = Family::Ncsnpp), [false, true]);
    assert_eq!(uses(|recipe| recipe.data.use_labels = true), [true, false]);
    assert_eq!(uses(|recipe| recipe.teacher.augment = 0.1), [true, false]);
    assert_eq!(uses(|recipe| recipe.teacher.path = Some("teacher.pkl".into())), [true, true]);
}
