//! How the program ends where somebody outside wants it to, and where nobody takes its words any more.
#![cfg(unix)]

#[allow(dead_code, reason = "each kind of test uses a part of it")]
mod program;

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use program::{RUN, TRAIN, signet, text, tiny, train, write_recipe};

/// Silence that means that the program hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A run that does not end by itself within a test.
fn with_long_recipe() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write_recipe(folder.path(), &(tiny(64.0, 0.064) + "checkpoint_every_kimg = 0.032\n"));
    folder
}

fn wait<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A training in `folder` that has left its first checkpoint, started by a shell after `before`.
fn training(folder: &Path, before: &str) -> Child {
    let program = [&[env!("CARGO_BIN_EXE_signet")], &TRAIN[..]].concat().join(" ");
    let mut command = Command::new("sh");
    command.current_dir(folder).args(["-c", &format!("{before} exec {program}")]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a shell");
    let checkpoints = folder.join(RUN).join("checkpoints");
    wait("a checkpoint", || {
        let mut entries = std::fs::read_dir(&checkpoints).ok()?.flatten();
        entries.find(|entry| entry.path().extension().is_none())
    });
    child
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(sent.success(), "{signal}");
}

fn end(mut child: Child) -> ExitStatus {
    wait("the end", || child.try_wait().expect("a child"))
}

#[test]
fn whoever_is_asked_to_end_saves_and_says_so_to_the_shell() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let folder = with_long_recipe();
        let child = training(folder.path(), "");
        send(signal, &child);
        assert_eq!(end(child).code(), Some(status), "{signal}");
        let again = signet(folder.path(), &[&TRAIN[..], &["--max-kimg", "0.001"]].concat());
        let said = text(&again);
        assert!(again.status.success() && said.contains("resumed from"), "{signal}: {said}");
    }
}

/// `nohup signet train &`, and the user logs out.
#[test]
fn a_hang_up_that_is_ignored_stays_so() {
    let folder = with_long_recipe();
    let mut child = training(folder.path(), "trap '' HUP;");
    send("-HUP", &child);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(child.try_wait().expect("a child"), None, "it has ended");
    send("-TERM", &child);
    assert_eq!(end(child).code(), Some(143));
    train(folder.path(), &["--max-kimg", "0.001"]);
}

/// The disk under a log is not that under the run.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_its_words_ends_no_training() {
    let folder = with_long_recipe();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
    command.current_dir(folder.path()).args(TRAIN).args(["--max-kimg", "0.1"]).stdout(full);
    let output = command.output().expect("the program starts");
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("training goes on without it").count(), 1, "{said}");
    let log = std::fs::read_to_string(folder.path().join(RUN).join("log.jsonl")).expect("a log");
    assert!(log.contains("limit") && !log.contains("stopped"), "{log}");
}

#[test]
fn a_reader_who_leaves_is_no_trouble() {
    let folder = with_long_recipe();
    for arguments in [&["train", "tiny.toml", "--print-recipe"][..], &["data", "--limit", "4", "--size", "8"]]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
        command.current_dir(folder.path()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("its words");
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    }
}

/// A training that says more than its pipe holds, to somebody who does not read it; `after` stands behind its
/// command line in a shell.
fn unread(folder: &Path, after: &str) -> Child {
    let program = env!("CARGO_BIN_EXE_signet");
    let mut command = Command::new("sh");
    command.current_dir(folder);
    command.args(["-c", &format!("exec {program} train tiny.toml --device cpu --json {after}")]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    // The pipe stays open, and nobody takes anything out of it.
    std::mem::forget(child.stdout.take());
    let stats = folder.join(RUN).join("stats.jsonl");
    // A line is of 32 steps, and a step says some 200 bytes: far more than a pipe's 64 KiB.
    wait("numbers", || {
        let lines = std::fs::read_to_string(&stats).ok()?.lines().count();
        (lines > 20).then_some(())
    });
    child
}

/// A run that was stopped is saved, whoever reads.
#[test]
fn a_reader_who_stalls_does_not_hold_up_a_stop() {
    // Its own words and its errors go the same way, or not.
    for after in ["", "2>&1"] {
        let folder = with_long_recipe();
        let child = unread(folder.path(), after);
        send("-INT", &child);
        let began = Instant::now();
        assert_eq!(end(child).code(), Some(130), "{after}");
        assert!(began.elapsed() < Duration::from_secs(60), "{after}: {:?}", began.elapsed());
        let log = std::fs::read_to_string(folder.path().join(RUN).join("log.jsonl")).expect("a log");
        assert!(log.lines().last().is_some_and(|line| line.contains("stopped")), "{after}: {log}");
    }
}

/// A last save that failed is said, and the shell learns of it, though the face has no voice.
#[test]
fn a_failed_last_save_is_not_swallowed() {
    let folder = tempfile::tempdir().expect("a folder");
    // No step is saved already when the end comes.
    write_recipe(folder.path(), &(tiny(64.0, 0.064) + "checkpoint_every_kimg = 64.0\n"));
    let mut child = unread(folder.path(), "");
    let checkpoints = folder.path().join(RUN).join("checkpoints");
    std::fs::rename(&checkpoints, folder.path().join("away")).expect("moves");
    std::fs::write(&checkpoints, "no folder").expect("a file");
    send("-INT", &child);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().expect("piped"), &mut said).expect("its words");
    assert_eq!(end(child).code(), Some(7), "{said}");
    assert!(said.contains("error:") && said.contains("checkpoints"), "{said}");
}
