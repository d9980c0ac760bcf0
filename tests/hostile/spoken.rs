//! Text from files, as the program says it: nothing of it is an order to the terminal, and a spreadsheet calculates
//! none of it.

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

use crate::folders::{CHECKPOINT, Place};

/// Clears the screen, sets the window's title, colours, goes back, turns what follows round.
const ORDERS: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{7f}\u{8}\r\u{202e}gpj\u{2066}\u{2028}";

fn assert_quiet(what: &str, said: &str) {
    let is_order = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let order = said.chars().find(|c| is_order(*c));
    assert_eq!(order, None, "{what}: {said:?}");
}

/// That it is said, spelled out.
fn assert_spelled(what: &str, said: &str) {
    assert!(said.contains(r"\u{1b}[2J"), "{what}: {said:?}");
    assert_quiet(what, said);
}

#[test]
fn names_in_a_run_folder_give_no_orders() {
    let place = Place::new();
    let line = serde_json::json!({
        "stage": "sign", "step": 1, "total_steps": 9, "kimg": 0.01, "elapsed_secs": 9,
        format!("{ORDERS}\nname"): 0.5, "conditions": format!("under {ORDERS}"),
    });
    let stats = fs::OpenOptions::new().append(true).open(place.run("stats.jsonl"));
    writeln!(stats.expect("a file"), "{line}").expect("written");
    let log = fs::OpenOptions::new().append(true).open(place.run("log.jsonl"));
    let mut log = log.expect("a file");
    for event in [
        serde_json::json!({ "time": 1, "event": "started", "device": ORDERS, "resolution": 8, "resumed_from": null }),
        serde_json::json!({ "time": 2, "event": "warning", "text": format!("{ORDERS}\nwarned") }),
        serde_json::json!({ "time": 3, "event": "failed", "error": format!("{ORDERS}\n  what to do: nothing") }),
    ] {
        writeln!(log, "{event}").expect("written");
    }
    let hostile = format!("run{ORDERS}\nname");
    fs::rename(place.at("run"), place.at(&hostile)).expect("renamed");
    for words in [
        &["watch", &hostile, "--once"][..],
        &["watch", &hostile, "--once", "--conditions"],
        &["watch", &hostile],
    ] {
        let (watched, said) = place.signet(words);
        assert!(watched && !said.contains("\nname") && !said.contains("\nwarned"), "{said:?}");
        assert_spelled("watch", &said);
    }
    let (_, json, _) = place.signet_apart(&["watch", &hostile, "--once", "--json"]);
    assert_quiet("watch --json", &json);
    let seen: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(seen["device"], ORDERS, "what is said is the same");
    let (written, said) = place.signet(&["watch", &hostile, "--report", "page.html"]);
    assert!(written, "{said}");
    assert_spelled("the report", &fs::read_to_string(place.at("page.html")).expect("a page"));
    let theirs = fs::read_to_string(place.at(&hostile).join("log.jsonl")).expect("a log").lines().count();
    let train = ["train", &hostile, "--data", "pictures", "--device", "cpu", "--max-kimg", "0.001"];
    for face in ["--headless", "--json"] {
        let (_, said) = place.signet(&[&train[..], &[face]].concat());
        assert_quiet(face, &said);
    }
    let log = fs::read_to_string(place.at(&hostile).join("log.jsonl")).expect("a log");
    let own: Vec<&str> = log.lines().skip(theirs).collect();
    assert!(own.len() > 3, "{log}");
    own.iter().for_each(|line| assert_quiet("the log", line));
    let (_, said) = place.signet(&["sample", &hostile, "--seeds", "0", "--device", "cpu"]);
    assert_quiet("sample", &said);
}

#[test]
fn what_is_wrong_is_said_without_orders() {
    let place = Place::new();
    let recipe = fs::read_to_string(place.run("recipe.toml")).expect("a recipe");
    let escaped = r"\u001b[2J\u009b\u202e\n";
    for (from, to) in [
        ("name = \"", format!("name = \"{escaped}")),
        ("method = \"sign\"", format!("method = \"{escaped}\"")),
        ("seed = ", format!("\"{escaped}\" = 1\nseed = ")),
        ("seed = ", format!("# {ORDERS}\nnot TOML {ORDERS}\nseed = ")),
    ] {
        let changed = recipe.replacen(from, &to, 1);
        assert_ne!(changed, recipe, "{from} is not in it");
        fs::write(place.at("odd.toml"), changed).expect("a recipe");
        let (read, said) = place.signet(&["train", "odd.toml", "--print-recipe"]);
        assert!(!read, "{from}: {said}");
        assert_quiet(from, &said);
    }
    // A manifest and a model of another kind.
    let file = place.run(CHECKPOINT).join("manifest.json");
    let manifest = fs::read_to_string(&file).expect("a manifest");
    fs::write(&file, manifest.replacen("\"stage\": \"sign\"", &format!("\"stage\": \"{escaped}\""), 1))
        .expect("a file");
    let (_, said) = place.signet(&["sample", "run", "--seeds", "0", "--device", "cpu"]);
    assert_quiet("a stage", &said);
    let name = format!("{ORDERS}\nname");
    let view = safetensors::tensor::TensorView::new(safetensors::tensor::Dtype::I64, vec![1], &[0; 8])
        .expect("a view");
    let tensors = safetensors::serialize([(name.as_str(), view)], None).expect("serialises");
    fs::write(place.at("odd.safetensors"), tensors).expect("a file");
    // And what was typed, by a shell that completes names.
    for words in [
        &["sample", "odd.safetensors", "--device", "cpu"][..],
        &["import", "odd.safetensors", "--describe"],
        &["watch", ORDERS],
        &["train", ORDERS],
        &["edit", "run", ORDERS, "--device", "cpu"],
        &["data", ORDERS],
        &[ORDERS],
        &["watch", "run", ORDERS],
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_signet"));
        let output = command.args(words).current_dir(place.at(".")).output().expect("the program starts");
        let said = [output.stdout, output.stderr].concat();
        assert!(!output.status.success() && !said.is_empty(), "{words:?}");
        assert_quiet("what was typed", &String::from_utf8_lossy(&said));
    }
}

/// A data set whose files, folders and labels are called so.
#[test]
fn names_in_an_archive_give_no_orders() {
    let place = Place::new();
    let picture = fs::read(place.at("pictures/00.png")).expect("a picture");
    let names = [format!("a{ORDERS}/x.png"), format!("b{ORDERS}\nclass/y.png"), format!("{ORDERS}\nbad.png")];
    let labels =
        serde_json::json!({ "labels": [[names[0], 0], [format!("{ORDERS}none.png"), 1], [ORDERS, "x"]] });
    let files = vec![
        (names[0].clone(), picture.clone()),
        (names[1].clone(), picture),
        (names[2].clone(), b"no picture".to_vec()),
        ("dataset.json".to_string(), labels.to_string().into_bytes()),
    ];
    let zip = crate::files::zip(&files, zip::CompressionMethod::Stored);
    fs::write(place.at(&format!("set{ORDERS}.zip")), &zip).expect("a file");
    fs::write(place.at("set.zip"), &zip).expect("a file");
    for words in
        [&["data", "set.zip", "--size", "8"][..], &["data", &format!("set{ORDERS}.zip"), "--size", "8"]]
    {
        let (_, said) = place.signet(words);
        assert_spelled("data", &said);
        assert!(!said.contains("\nbad.png"), "{said:?}");
    }
    let train =
        ["train", "--data", "set.zip", "--labels", "--size", "8", "--device", "cpu", "--print-recipe"];
    let (_, said) = place.signet(&train);
    assert_quiet("train", &said);
}

#[test]
fn a_spreadsheet_calculates_nothing() {
    let place = Place::new();
    let name = "=HYPERLINK(1,2).png";
    fs::copy(place.at("pictures/00.png"), place.at(name)).expect("copied");
    let (edited, said) = place.signet(&["edit", "run", name, "--device", "cpu"]);
    assert!(edited, "{said}");
    let table = fs::read_to_string(place.at("edits/edits.csv")).expect("a table");
    assert!(
        table.lines().nth(1).is_some_and(|line| line.starts_with("\"'=HYPERLINK(1,2).png\",")),
        "{table}"
    );
}

/// A name that is no text is said as far as it is.
#[test]
fn names_that_are_no_text() {
    let place = Place::new();
    let name = std::ffi::OsStr::from_bytes(b"run\xff\x1b[2J");
    fs::rename(place.at("run"), place.at(".").join(name)).expect("renamed");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_signet"));
    let output =
        command.args(["watch", "--once"]).arg(name).current_dir(place.at(".")).output().expect("it starts");
    assert_spelled("watch", &String::from_utf8_lossy(&output.stdout));
}
