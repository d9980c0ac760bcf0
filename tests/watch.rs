//! A run seen from outside: `signet watch`, the report and TensorBoard's events of a real training.

#[allow(dead_code, reason = "each kind of test uses a part of it")]
mod program;

use std::path::{Path, PathBuf};

use program::{RUN, signet, text, tiny, train, write_recipe};
use serde_json::Value;

/// What `watch` says of the run, with these flags.
fn watch(folder: &Path, flags: &[&str]) -> String {
    let output = signet(folder, &[&["watch", RUN], flags].concat());
    assert!(output.status.success(), "{}", text(&output));
    String::from_utf8(output.stdout).expect("text")
}

/// The payloads of the records in the run's one event file.
fn records(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder.join(RUN).join("tensorboard")).expect("a folder");
    let files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(files[0].to_string_lossy().contains("events.out.tfevents."), "{files:?}");
    let bytes = std::fs::read(&files[0]).expect("events");
    let (mut rest, mut records) = (&bytes[..], Vec::new());
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().expect("8 bytes")) as usize;
        records.push(rest[12..12 + length].to_vec());
        rest = &rest[16 + length..];
    }
    records
}

fn holding(records: &[Vec<u8>], what: &str) -> usize {
    records.iter().filter(|record| record.windows(what.len()).any(|bytes| bytes == what.as_bytes())).count()
}

/// A report's lines but the one that says when it was written.
fn undated(report: &str) -> Vec<&str> {
    let lines: Vec<&str> = report.lines().filter(|line| !line.contains("<dt>Written</dt>")).collect();
    assert_eq!(lines.len() + 1, report.lines().count(), "a report says once when it was written");
    lines
}

#[test]
fn a_run_is_seen_from_its_folder_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    write_recipe(folder.path(), &tiny(0.064, 0.064));
    let folder = folder.path();
    // Stopped in the student's stage, then finished.
    train(folder, &["--max-kimg", "0.096"]);
    let halfway = watch(folder, &["--once"]);
    assert!(halfway.contains("limit") && halfway.contains("sign"), "{halfway}");
    train(folder, &[]);

    let page = watch(folder, &["--once", "--conditions"]);
    for part in
        ["00000-tiny-sign: finished", "sign/", "teacher/fd_pixel", "100 %", "checkpoint", "samples-sign"]
    {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    let stats = std::fs::read_to_string(folder.join(RUN).join("stats.jsonl")).expect("stats");
    let stats: Vec<Value> = stats.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let conditions =
        stats.iter().filter_map(|line| line["conditions"].as_str()).next_back().expect("conditions");
    assert!(page.contains(conditions), "{conditions} is not in\n{page}");

    // A run that is over is said once, also to those who would follow it.
    for flags in [&["--once", "--json"][..], &["--json"]] {
        let said = watch(folder, flags);
        assert_eq!(said.lines().count(), 1, "{said}");
        let seen: Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!((&seen["state"]["is"], &seen["state"]["why"]), (&"ended".into(), &"finished".into()));
        let last = stats.last().expect("a line");
        assert_eq!((&seen["stage"], &seen["total_steps"]), (&"sign".into(), &last["total_steps"]));
        assert_eq!((&seen["run_kimg"], &seen["run_total_kimg"]), (&0.128.into(), &0.128.into()));
        let mut fd = seen["metrics"].as_array().expect("a list").iter();
        let fd = fd.rfind(|m| m["name"] == "fd_pixel" && m["stage"] == "sign").expect("fd_pixel");
        let written = stats.iter().rev().find_map(|line| line["fd_pixel"].as_f64());
        assert_eq!(fd["value"].as_f64(), written);
        assert_eq!(seen["data"]["images"], 64);
        assert!(seen["device"].is_string() && seen["eta_secs"].is_null(), "{seen}");
    }

    let report = std::fs::read_to_string(folder.join(RUN).join("report.html")).expect("a report");
    for part in
        ["finished", "<svg", "fd_pixel", "training images", "head_steps", "data:image/png;base64,iVBOR"]
    {
        assert!(report.contains(part), "{part} is not in the report");
    }
    assert!(!report.contains("http") && !report.contains("<script"), "the report is not self-contained");
    watch(folder, &["--report", "again.html"]);
    let again = std::fs::read_to_string(folder.join("again.html")).expect("a report");
    assert!(undated(&again) == undated(&report), "the same run makes another report");

    // As many events as lines and grids, and the version and the start before them.
    let records = records(folder);
    let grids = holding(&records, "/samples");
    assert_eq!(records.len(), 2 + stats.len() + grids, "{} lines, {grids} grids", stats.len());
    assert_eq!(grids, holding(&records, "IHDR"));
    let drawn = stats.iter().filter(|line| line.get("fd_pixel").is_some()).count();
    assert_eq!(holding(&records, "/fd_pixel"), drawn);
    assert_eq!(holding(&records, "brain.Event:2"), 1);
}

#[test]
fn what_is_no_run_is_answered_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("file"), b"").expect("a file");
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    for (arguments, named) in [
        (&["watch", "missing"][..], "no such folder"),
        (&["watch", "file", "--once"], "a file"),
        (&["watch", "empty", "--json"], "not a run folder"),
        (&["watch", "empty", "--report", "x.html"], "not a run folder"),
        (&["watch", "empty", "--every", "0"], "--every"),
        (&["watch", "empty", "--report", "x.html", "--once"], "--report"),
    ] {
        let output = signet(folder.path(), arguments);
        let said = text(&output);
        assert!(!output.status.success() && said.contains(named), "{arguments:?}: {said}");
        assert!(said.contains("what to do") || said.contains("--help"), "{arguments:?}: {said}");
    }
    assert!(!folder.path().join("x.html").exists());
}

/// Followed while it is written: a line for each change, then the end. Removed: an error in words.
#[test]
fn a_run_is_followed_to_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("run");
    std::fs::create_dir(&run).expect("a folder");
    std::fs::write(run.join("recipe.toml"), tiny(0.064, 0.064)).expect("a recipe");
    let follow = |last_act: &dyn Fn()| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_signet"));
        command.args(["watch", "--every", "0.02"]).arg(&run);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut lines =
            std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("its output")));
        let mut next = || lines.next().expect("a line").expect("text");
        let first = next();
        last_act();
        let rest: Vec<String> = std::iter::from_fn(|| lines.next()).map(|l| l.expect("text")).collect();
        (first, rest.join("\n"), child.wait_with_output().expect("it ends"))
    };
    let line =
        r#"{"stage":"teacher","step":8,"total_steps":8,"kimg":0.064,"elapsed_secs":2.0,"denoise":0.25}"#;
    let (first, rest, ended) = follow(&|| {
        std::fs::write(run.join("stats.jsonl"), format!("{line}\n{{\"torn")).expect("stats");
        let words = r#"{"time":1.0,"event":"failed","error":"the device is lost"}"#;
        std::fs::write(run.join("log.jsonl"), format!("{words}\n")).expect("a log");
    });
    assert!(first.contains("starting"), "{first}");
    assert!(rest.contains("teacher 0.1 of 0.1 kimg") && rest.contains("denoise 0.2500"), "{rest}");
    assert!(rest.contains("failed: the device is lost") && ended.status.success(), "{rest}");

    std::fs::remove_file(run.join("log.jsonl")).expect("removed");
    let (first, _, ended) = follow(&|| std::fs::remove_dir_all(&run).expect("removed"));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(first.contains("training") && !ended.status.success(), "{first}");
    assert!(said.contains("gone") && said.contains("what to do"), "{said}");
}
