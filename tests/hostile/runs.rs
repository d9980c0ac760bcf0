//! Run folders from a stranger: links, pipes, devices, files as large as a disk, and texts beyond reason. The program
//! says what is wrong, soon, and touches nothing outside.

use std::fs;
use std::os::unix::fs::symlink;

use crate::folders::{CHECKPOINT, Odd, Place};

/// What a run leaves in its folder beside its checkpoints.
const FILES: [&str; 10] = [
    "recipe.toml",
    "stats.jsonl",
    "log.jsonl",
    "changes.jsonl",
    "summary.json",
    "best.json",
    "run.lock",
    "reals.png",
    "samples-sign-000000.032.png",
    "report.html",
];

/// What it leaves for a moment.
const TEMPORARY: [&str; 6] = [
    "recipe.toml.tmp",
    "stats.jsonl.tmp",
    "report.html.tmp",
    "summary.json.tmp",
    "tensorboard/unfinished.tmp",
    "checkpoints/step-00000014-sign.tmp",
];

const SAMPLE: [&str; 7] = ["sample", "run", "--seeds", "0", "--device", "cpu", "--out=samples"];

#[test]
fn watching_follows_no_link_and_waits_for_nobody() {
    let place = Place::new();
    let manifest = format!("{CHECKPOINT}/manifest.json");
    for name in FILES.into_iter().chain(TEMPORARY).chain([manifest.as_str(), "checkpoints"]) {
        for odd in Odd::ALL {
            let _restore = place.spoil(&place.run(name), odd);
            for words in [&["watch", "run", "--once"][..], &["watch", "run", "--once", "--json"]] {
                let (_, said) = place.signet(words);
                assert!(!said.contains("theirs"), "{name}, {odd:?}: {said}");
            }
            let (written, said) = place.signet(&["watch", "run", "--report", "page.html"]);
            if written {
                let page = fs::read_to_string(place.at("page.html")).expect("a page");
                // In base 64, too.
                let is_clean = !page.contains("theirs") && !page.contains("dGhlaXJz");
                assert!(is_clean && page.len() < 8 << 20, "{name}, {odd:?}: {said}");
            }
        }
    }
}

#[test]
fn a_run_goes_on_without_following_a_link() {
    let events = "tensorboard/events.out.tfevents.1795975496.signet";
    let place = Place::new();
    let (went_on, said) = place.resume();
    assert!(went_on, "{said}");
    // Whatever is in its place, these are only written, or are not needed.
    let own = ["summary.json", "reals.png", "samples-sign-000000.032.png", "report.html", events];
    for name in FILES.into_iter().chain(TEMPORARY).chain([events]) {
        for odd in [Odd::LinkOut, Odd::LinkToNothing, Odd::Pipe] {
            let place = Place::new();
            let _restore = place.spoil(&place.run(name), odd);
            let (went_on, said) = place.resume();
            let is_theirs = FILES.contains(&name) && !own.contains(&name);
            assert_eq!(went_on, !is_theirs, "{name}, {odd:?}: {said}");
            assert!(went_on || said.contains(name), "{name}, {odd:?}: {said}");
        }
    }
}

#[test]
fn a_run_that_goes_on_is_not_filled_by_vast_files() {
    for name in ["stats.jsonl", "log.jsonl", "changes.jsonl", "best.json", "recipe.toml", "run.lock"] {
        for odd in [Odd::Vast, Odd::LinkToZeros, Odd::Folder] {
            let place = Place::new();
            let _restore = place.spoil(&place.run(name), odd);
            place.resume();
        }
    }
}

/// A damaged checkpoint is passed over for the one before.
#[test]
fn checkpoints_are_read_as_far_as_they_go() {
    for name in ["manifest.json", "model.safetensors", "state.safetensors"] {
        for odd in Odd::ALL {
            let place = Place::new();
            let _restore = place.spoil(&place.run(CHECKPOINT).join(name), odd);
            if name != "state.safetensors" {
                let (_, said) = place.signet(&SAMPLE);
                assert!(!said.contains("pictures in"), "{name}, {odd:?}: {said}");
                let edit = ["edit", "run", "pictures/03.png", "--device", "cpu", "--out", "edits"];
                let (edited, said) = place.signet(&edit);
                assert!(!edited, "{name}, {odd:?}: {said}");
            }
            let (resumed, said) = place.resume();
            assert!(resumed, "{name}, {odd:?}: {said}");
            let is_passed_over = said.contains("step-00000008-teacher") && said.contains("warning");
            assert!(is_passed_over || name == "model.safetensors", "{name}, {odd:?}: {said}");
        }
    }
}

/// The one link that is followed is the user's own, to the run.
#[test]
fn a_run_may_be_reached_by_a_link_and_no_part_of_it() {
    let place = Place::new();
    for (name, is_needed) in
        [("checkpoints", true), ("best", true), ("earlier", true), ("tensorboard", false)]
    {
        for to in ["elsewhere/folder", "elsewhere/none"] {
            let _restore = place.spoil(&place.run(name), Odd::LinkOut);
            fs::remove_file(place.run(name)).expect("a link");
            symlink(place.at(to), place.run(name)).expect("a link");
            let (went_on, said) = place.resume();
            assert_eq!(went_on, !is_needed, "{name}: {said}");
            assert!(said.contains("a link") && said.contains(name), "{name}: {said}");
            place.signet(&["watch", "run", "--once"]);
            let (sampled, said) = place.signet(&SAMPLE);
            assert_eq!(sampled, name != "checkpoints", "{name}: {said}");
        }
    }
    fs::create_dir(place.at("disk")).expect("a folder");
    fs::rename(place.at("run"), place.at("disk/run")).expect("moved");
    symlink(place.at("disk/run"), place.at("run")).expect("a link");
    let (went_on, said) = place.resume();
    assert!(went_on && said.contains("resumed from"), "{said}");
    let (sampled, said) = place.signet(&SAMPLE);
    assert!(sampled, "{said}");
}

/// Where results and new runs go.
#[test]
fn nothing_is_written_through_what_lies_in_a_folder_for_results() {
    let place = Place::new();
    for name in ["samples/seed-000000.png", "samples/seed-000000.png.tmp", "samples-sheet.png.tmp"] {
        for odd in [Odd::LinkOut, Odd::LinkToNothing, Odd::Pipe] {
            fs::create_dir_all(place.at("samples")).expect("a folder");
            let _restore = place.spoil(&place.at(name), odd);
            let (sampled, said) = place.signet(&SAMPLE);
            assert!(sampled, "{name}, {odd:?}: {said}");
        }
    }
    for name in ["edits/edits.csv", "edits/03-projected.png.tmp", "edits/03-before-after.png"] {
        for odd in [Odd::LinkOut, Odd::LinkToNothing, Odd::Pipe] {
            fs::create_dir_all(place.at("edits")).expect("a folder");
            let _restore = place.spoil(&place.at(name), odd);
            let (edited, said) =
                place.signet(&["edit", "run", "pictures/03.png", "--device", "cpu", "--out", "edits"]);
            assert!(edited, "{name}, {odd:?}: {said}");
        }
    }
    // Beside the recipe's own run: a new one, of which there are none yet.
    fs::copy(place.run("recipe.toml"), place.at("mine.toml")).expect("copied");
    let words = ["train", "mine.toml", "--data", "pictures", "--device", "cpu", "--headless", "--out", "out"];
    let train = || place.signet(&[&words[..], &["--max-kimg", "0.001"]].concat());
    fs::create_dir(place.at("out")).expect("a folder");
    for odd in [Odd::LinkOut, Odd::LinkToNothing, Odd::Pipe] {
        let _restore = place.spoil(&place.at("out/.lock"), odd);
        let (began, said) = train();
        assert!(!began && said.contains(".lock"), "{odd:?}: {said}");
    }
    for (name, to) in [
        ("00000-tiny-sign.tmp", "elsewhere/none"),
        ("00001-tiny-sign.tmp", "elsewhere/folder"),
        ("00002-tiny-sign", "elsewhere/none"),
    ] {
        symlink(place.at(to), place.at("out").join(name)).expect("a link");
    }
    let (began, said) = train();
    assert!(began && place.at("out/00003-tiny-sign").is_dir(), "{said}");
}

/// A line of numbers of the teacher's first step.
fn line(numbers: &str) -> String {
    format!(r#"{{"stage":"teacher","step":1,"total_steps":1,"kimg":0.008,"elapsed_secs":1,{numbers}}}"#)
        + "\n"
}

#[test]
fn names_by_the_ten_thousand() {
    let many = 60_000;
    let one_by_one: String = (0..many).map(|i| line(&format!("\"n{i}\":{i}"))).collect();
    let at_once = line(&(0..many).map(|i| format!("\"n{i}\":{i}")).collect::<Vec<_>>().join(","));
    let long = line(&format!("\"{}\":1", "n".repeat(900_000)));
    for (what, stats) in [("one by one", one_by_one), ("at once", at_once), ("long", long)] {
        let place = Place::new();
        let own = fs::read_to_string(place.run("stats.jsonl")).expect("numbers");
        fs::write(place.run("stats.jsonl"), stats + &own).expect("a file");
        let (watched, said) = place.signet(&["watch", "run", "--once"]);
        assert!(watched && said.contains("names"), "{what}: {} bytes", said.len());
        assert_eq!(said.matches("left out").count(), 1, "{what}");
        let (written, said) = place.signet(&["watch", "run", "--report", "page.html"]);
        assert!(written, "{what}: {said}");
        let (went_on, said) = place.resume();
        assert!(went_on && said.matches("names").count() == 1, "{what}: {said}");
    }
}

/// Texts that are JSON or TOML of another kind, or none.
#[test]
fn texts_of_the_wrong_kind() {
    let deep = "[".repeat(500_000);
    let nested = "{\"a\":".repeat(500_000);
    let endless = "x".repeat(5 << 20);
    let texts = [
        "",
        "\n",
        "[]\n",
        "\"stage\"\n",
        "7\n",
        "{}\n",
        "{\"stage\":7,\"step\":\"x\"}\n",
        "\u{0}\u{1}\u{fffd}\n",
        "{\"event\":\"failed\",\"time\":1,\"error\":[]}\n",
        &deep,
        &nested,
        &endless,
    ];
    let place = Place::new();
    let manifest = format!("{CHECKPOINT}/manifest.json");
    for name in FILES.into_iter().chain([manifest.as_str()]) {
        for text in texts {
            let _restore = place.spoil(&place.run(name), Odd::Folder);
            fs::remove_dir(place.run(name)).expect("a folder");
            fs::write(place.run(name), text).expect("a file");
            place.signet(&["watch", "run", "--once"]);
            place.signet(&["watch", "run", "--report", "page.html"]);
        }
    }
    for name in ["stats.jsonl", "log.jsonl", "changes.jsonl", "best.json", &manifest] {
        for text in ["{\"stage\":7,\"step\":\"x\"}\n", "\u{0}\u{1}\u{fffd}\n", &deep] {
            let place = Place::new();
            fs::write(place.run(name), text).expect("a file");
            place.resume();
        }
    }
}

/// A note on the best checkpoint that names another place: nothing there is looked at, kept or removed.
#[test]
fn the_best_checkpoint_is_one_of_the_run() {
    for named in ["../elsewhere/folder", "elsewhere", "best/../../elsewhere/folder", "/", "best/", "best", ""]
    {
        let place = Place::new();
        let best = place.run("best/step-00000013-sign");
        fs::create_dir_all(&best).expect("a folder");
        let note = serde_json::json!({
            "stage": "sign", "total_steps": 13, "kimg": 0.04, "metric": "fd_pixel", "value": 0.5,
            "conditions": "", "checkpoint": named,
        });
        fs::write(place.run("best.json"), note.to_string()).expect("a file");
        let (went_on, said) = place.resume();
        assert!(went_on && best.is_dir(), "{named}: {said}");
    }
}
