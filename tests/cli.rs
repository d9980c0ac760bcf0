//! The program itself, as a user starts it.

#[allow(dead_code, reason = "each kind of test uses a part of it")]
mod program;

use std::path::Path;
use std::process::Command;

use program::{RUN, TRAIN, signet, text, tiny, train, write_recipe};

fn recipe() -> String {
    tiny(0.512, 0.064) + "checkpoint_every_kimg = 0.032\n"
}

fn with_recipe() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write_recipe(folder.path(), &recipe());
    folder
}

#[test]
fn train_sample_edit_from_the_run_alone() {
    let folder = with_recipe();
    train(folder.path(), &[]);

    let sampled = signet(folder.path(), &["sample", RUN, "--seeds", "0-2,7", "--device", "cpu"]);
    assert!(sampled.status.success(), "{}", text(&sampled));
    for file in ["samples-sheet.png", "samples/seed-000000.png", "samples/seed-000007.png"] {
        let picture = image::open(folder.path().join(file)).expect("a picture");
        assert!(picture.width() >= 8);
    }

    let good = image::RgbImage::from_pixel(30, 20, image::Rgb([200, 40, 10]));
    std::fs::create_dir(folder.path().join("in")).expect("a folder");
    good.save(folder.path().join("in/good.png")).expect("a picture");
    std::fs::write(folder.path().join("in/bad.png"), b"not a picture").expect("a file");
    let edited = signet(folder.path(), &["edit", RUN, "in", "--steps", "2", "--device", "cpu"]);
    let said = text(&edited);
    assert!(edited.status.success(), "{said}");
    assert!(said.contains("skipped") && said.contains("bad.png"), "{said}");
    assert!(folder.path().join("edits/good-projected.png").is_file(), "{said}");
}

/// On other systems there is always a window.
#[cfg(target_os = "linux")]
#[test]
fn without_a_display_training_is_seen_in_the_terminal() {
    let folder = with_recipe();
    let trained = signet(folder.path(), &["train", "tiny.toml", "--device", "cpu", "--max-kimg", "0.03"]);
    let said = text(&trained);
    assert!(trained.status.success() && said.contains("no display"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_display_that_does_not_answer_is_told_and_the_terminal_takes_over() {
    let folder = with_recipe();
    let trained = Command::new(env!("CARGO_BIN_EXE_signet"))
        .args(["train", "tiny.toml", "--device", "cpu"])
        .current_dir(folder.path())
        .env_remove("WAYLAND_DISPLAY")
        .env("DISPLAY", ":4321")
        .output()
        .expect("signet");
    let said = text(&trained);
    assert!(trained.status.success(), "{said}");
    for words in ["window could not be opened", "in the terminal", "finished"] {
        assert!(said.contains(words), "no `{words}` in {said}");
    }
}

/// Killed without warning and started again, the run goes on from its last checkpoint.
#[test]
fn a_killed_run_goes_on() {
    let folder = with_recipe();
    let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
    command.current_dir(folder.path()).args(TRAIN).stdout(std::process::Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let checkpoints = folder.path().join(RUN).join("checkpoints");
    let patience = std::time::Instant::now();
    let written = || {
        let entries = std::fs::read_dir(&checkpoints).into_iter().flatten().flatten();
        entries.filter(|e| e.path().extension().is_none()).count() > 0
    };
    while !written() {
        assert!(patience.elapsed().as_secs() < 300, "no checkpoint appeared");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().expect("it can be killed");
    let ended = child.wait().expect("it ends");
    // Elsewhere a killed program has a code like any that failed.
    #[cfg(unix)]
    assert_eq!(ended.code(), None, "the run had ended before it was killed");
    assert!(!ended.success(), "the run had ended before it was killed");

    let again = signet(folder.path(), &TRAIN);
    let said = text(&again);
    assert!(again.status.success(), "{said}");
    assert!(said.contains("resumed from"), "{said}");
    // The weights are those of a run that nobody killed.
    let whole = with_recipe();
    train(whole.path(), &[]);
    let model = |folder: &Path| {
        let checkpoints = folder.join(RUN).join("checkpoints");
        let mut all: Vec<_> =
            std::fs::read_dir(checkpoints).expect("checkpoints").flatten().map(|e| e.path()).collect();
        all.sort();
        std::fs::read(all.pop().expect("a checkpoint").join("model.safetensors")).expect("a model")
    };
    assert!(model(folder.path()) == model(whole.path()), "the killed run ended with other weights");
    // No step stands twice in the numbers of the run.
    let stats = std::fs::read_to_string(folder.path().join(RUN).join("stats.jsonl")).expect("stats");
    let mut losses = std::collections::BTreeSet::new();
    for line in stats.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let keys: Vec<&String> = entry.as_object().expect("an object").keys().collect();
        let what = format!("{} {} {keys:?}", entry["stage"], entry["total_steps"]);
        assert!(losses.insert(what.clone()), "twice: {what}");
    }
}

#[test]
fn json_lines_end_with_done() {
    let folder = with_recipe();
    let output =
        signet(folder.path(), &["train", "tiny.toml", "--device", "cpu", "--json", "--max-kimg", "0.03"]);
    assert!(output.status.success(), "{}", text(&output));
    let lines: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).expect("every line is JSON"))
        .collect();
    assert!(lines.iter().any(|l| l["event"] == "step" && l["losses"]["denoise"].is_number()));
    assert_eq!(lines.last().map(|l| l["why"].clone()), Some("limit".into()));
}

/// Each mistake is answered in words that name it and what to do, and leaves nothing half-written.
#[test]
fn mistakes_are_answered_in_words() {
    let folder = with_recipe();
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    let typo = recipe().replace("kimg = 0.512", "kmig = 0.512");
    std::fs::write(folder.path().join("typo.toml"), typo).expect("a recipe");
    std::fs::write(folder.path().join("zero.toml"), recipe().replace("batch = 8", "batch = 0"))
        .expect("a recipe");
    let narrow = recipe().replace("model_channels = 8", "model_channels = 30");
    std::fs::write(folder.path().join("narrow.toml"), narrow).expect("a recipe");
    let huge = recipe().replace("[teacher]", "channel_mult = [1, 1000000000]\n[teacher]");
    std::fs::write(folder.path().join("huge.toml"), huge).expect("a recipe");
    let slash = recipe().replace("\"tiny\"", "\"../tiny\"");
    std::fs::write(folder.path().join("slash.toml"), slash).expect("a recipe");
    let cases: [(&[&str], &str); 17] = [
        (&["train", "--data", "missing-folder", "--headless"], "missing-folder"),
        (&["train", "--data", "empty", "--headless"], "empty"),
        (&["train", "tiny.toml", "--device", "gpu9"], "gpu9"),
        (&["train", "tiny.toml", "--device", "wgpu:99", "--headless"], "99"),
        (&["train", "typo.toml"], "kmig"),
        (&["train", "zero.toml"], "batch"),
        (&["train", "nonsense"], "nonsense"),
        (&["train", "tiny.toml", "--size", "17"], "17"),
        (&["train", "tiny.toml", "--max-kimg", "-1"], "-1"),
        (&["train", "tiny.toml", "--teacher", "nowhere", "--headless"], "nowhere"),
        (&["train", "tiny.toml", "--teacher-kimg", "0", "--headless"], "teacher"),
        (&["train", "narrow.toml", "--headless"], "30"),
        (&["train", "huge.toml", "--headless"], "1000000000"),
        (&["train", "slash.toml", "--headless"], "../tiny"),
        (&["sample", "no-such-run"], "no-such-run"),
        (&["sample", "empty"], "empty"),
        (&["edit", "no-such-run", "x.png"], "no-such-run"),
    ];
    for (arguments, named) in cases {
        let output = signet(folder.path(), arguments);
        let said = text(&output);
        assert!(!output.status.success(), "{arguments:?} succeeded: {said}");
        assert!(said.contains(named), "{arguments:?} does not name {named}: {said}");
        let helps = said.contains("what to do") || said.contains("--help");
        assert!(helps && !said.contains("panicked"), "{arguments:?}: {said}");
    }
    assert!(!folder.path().join("runs").exists(), "a mistake left a run folder behind");
}

/// A file with tensors and no word about the network is a model after `import`, and before.
#[test]
fn import_then_sample_and_teach() {
    let folder = with_recipe();
    train(folder.path(), &[]);
    let checkpoints = folder.path().join(RUN).join("checkpoints");
    let teacher = std::fs::read_dir(checkpoints).expect("checkpoints").flatten().map(|e| e.path());
    let teacher = teacher.filter(|p| p.to_string_lossy().ends_with("teacher")).max().expect("a teacher");
    let bytes = std::fs::read(teacher.join("model.safetensors")).expect("a model");
    // Without the header's metadata, and without the preconditioner's prefix.
    let file = safetensors::SafeTensors::deserialize(&bytes).expect("tensors");
    let bare = file.tensors().into_iter().map(|(name, view)| (name.replacen("model.", "", 1), view));
    std::fs::write(folder.path().join("bare.bin"), safetensors::serialize(bare, None).expect("tensors"))
        .expect("written");

    let described = signet(folder.path(), &["import", "bare.bin", "--describe"]);
    let said = text(&described);
    assert!(described.status.success() && said.contains("DDPM++") && said.contains("8×8 pixels"), "{said}");
    assert!(said.contains("assumed") && said.contains("CC BY-NC-SA"), "{said}");
    let refused = signet(folder.path(), &["import", "bare.bin", "-o", "./bare.bin"]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    let imported = signet(folder.path(), &["import", "bare.bin", "-o", "model.safetensors"]);
    assert!(imported.status.success(), "{}", text(&imported));

    let sheet = |model: &str, out: &str| {
        let sampled = signet(
            folder.path(),
            &["sample", model, "--seeds", "0-3", "--steps", "2", "--device", "cpu", "--out", out],
        );
        assert!(sampled.status.success(), "{}", text(&sampled));
        std::fs::read(folder.path().join(format!("{out}-sheet.png"))).expect("a sheet")
    };
    let original = sheet(&teacher.to_string_lossy(), "original");
    assert!(original == sheet("bare.bin", "bare"), "the bare file samples otherwise");
    assert!(original == sheet("model.safetensors", "imported"), "the imported file samples otherwise");

    train(folder.path(), &["--fresh", "--teacher", "bare.bin"]);
    let again = signet(folder.path(), &["import", "model.safetensors", "--describe"]);
    assert_eq!(again.status.code(), Some(2), "{}", text(&again));
    // Also of a model that needs no import it is said which numbers are none.
    let mut bytes = std::fs::read(folder.path().join("model.safetensors")).expect("a model");
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(folder.path().join("nan.safetensors"), bytes).expect("written");
    let refused = signet(folder.path(), &["import", "nan.safetensors", "--describe"]);
    let said = text(&refused);
    assert!(refused.status.code() == Some(4) && said.contains("1 NaN of"), "{said}");
}

#[test]
fn flags_of_training_stand_in_the_recipe_and_odd_settings_are_refused() {
    let folder = with_recipe();
    let shown =
        signet(folder.path(), &["train", "tiny.toml", "--labels", "--batch-gpu", "5", "--print-recipe"]);
    let said = text(&shown);
    assert!(shown.status.success() && said.contains("use_labels = true"), "{said}");
    assert_eq!(said.matches("micro_batch = 5").count(), 2, "{said}");
    // A ready recipe mirrors images, unless that is said to be wrong for them.
    for (words, want) in [
        (&["--x-flip", "no"][..], "x_flip = false"),
        (&["--x-flip", "yes"], "x_flip = true"),
        (&[], "x_flip = true"),
    ] {
        let asked = [&["train", "small-sign", "--print-recipe"], words].concat();
        let said = text(&signet(folder.path(), &asked));
        assert!(said.contains(want), "{words:?}: {said}");
    }

    let odd = [
        ("[teacher]", "[teacher]\naugment = 1.5", "teacher.augment"),
        ("[student]", "[student]\nmicro_batch = 100000", "student.micro_batch"),
        ("[report]", "[optimiser]\nadam_eps = 0.0\n[report]", "optimiser.adam_eps"),
        ("[report]", "[optimiser]\nbad_gradients = \"hide\"\n[report]", "sanitise"),
    ];
    for (section, with, named) in odd {
        std::fs::write(folder.path().join("odd.toml"), recipe().replacen(section, with, 1))
            .expect("a recipe");
        let refused = signet(folder.path(), &["train", "odd.toml", "--print-recipe"]);
        let said = text(&refused);
        assert!(!refused.status.success() && said.contains(named), "{with}: {said}");
    }
}

#[test]
fn bench_measures_what_is_named_and_writes_it() {
    let folder = with_recipe();
    let asked = ["bench", "--quick", "--device", "cpu", "--repeats", "1", "--json", "out.json", "--only"];
    let names = ["sampling/one-step/tiny", "pseudo-huber/tiny"];
    let output = signet(folder.path(), &[&asked[..], &names].concat());
    let said = text(&output);
    assert!(output.status.success() && said.contains("kernels/pseudo-huber/tiny/fused"), "{said}");
    let json = std::fs::read(folder.path().join("out.json")).expect("a file");
    let results: Vec<serde_json::Value> = serde_json::from_slice(&json).expect("a list");
    assert_eq!(results.len(), 3, "{results:?}");
    for result in &results {
        assert!(result["median_secs"].as_f64().is_some_and(|secs| secs > 0.0), "{result}");
        assert!(result["name"].is_string() && result["backend"] == "cpu" && result["repeats"] == 1);
    }

    std::fs::write(folder.path().join("script.py"), "").expect("a file");
    let mistakes: [(&[&str], &str); 9] = [
        (&["--only", "stepz"], "stepz"),
        (&["--json", "nowhere/out.json"], "nowhere"),
        (&["--repeats", "0"], "--repeats"),
        (&["--vs-torch", "no-such-python"], "no-such-python"),
        (&["--torch-compile"], "--vs-torch"),
        (&["--torch-rounds", "7"], "--vs-torch"),
        (&["--vs-torch", "python3", "--torch-rounds", "0"], "--torch-rounds"),
        (&["--vs-torch", "python3", "--torch-script", "missing.py"], "missing.py"),
        (&["--vs-torch", "no-such-python", "--torch-script", "script.py"], "no-such-python"),
    ];
    for (arguments, named) in mistakes {
        let output = signet(folder.path(), &[&["bench", "--device", "cpu"], arguments].concat());
        let said = text(&output);
        assert!(!output.status.success() && said.contains(named), "{arguments:?}: {said}");
        assert!(said.contains("what to do") || said.contains("--help"), "{arguments:?}: {said}");
    }
}

#[test]
fn bench_tells_what_a_step_spends_its_time_on() {
    let folder = with_recipe();
    let asked = ["bench", "--profile", "--quick", "--repeats", "1", "--batch", "4", "--json", "out.json"];
    let only = ["--device", "cpu", "--only", "steps/edm/tiny"];
    let output = signet(folder.path(), &[&asked[..], &only].concat());
    let said = text(&output);
    assert!(output.status.success() && said.contains("GFLOP/s, copy "), "{said}");
    for row in ["convolution 3×3 weight gradient", "group norm + SiLU", "Adam", "everything else"] {
        assert!(said.lines().any(|line| line.starts_with(row)), "{row}: {said}");
    }
    let json = std::fs::read(folder.path().join("out.json")).expect("a file");
    let profiles: Vec<serde_json::Value> = serde_json::from_slice(&json).expect("a list");
    assert!(profiles.len() == 1 && profiles[0]["name"] == "steps/edm/tiny", "{profiles:?}");
    let limit = profiles[0]["limits"]["product_flops_per_sec"].as_f64();
    assert!(limit.is_some_and(|rate| rate > 0.0), "{profiles:?}");
    let rows = profiles[0]["rows"].as_array().expect("rows");
    let first = &rows[0];
    assert!(first["secs"].as_f64() >= rows[1]["secs"].as_f64() && first["share"].is_f64(), "{first}");
    assert_eq!(rows.last().map(|row| &row["operation"]), Some(&"everything else".into()));

    let refused = signet(folder.path(), &["bench", "--profile", "--device", "cpu", "--only", "pseudo-huber"]);
    let said = text(&refused);
    assert!(!refused.status.success() && said.contains("pseudo-huber"), "{said}");
}

/// With a stand-in for Python: a shell script that says what a baseline would.
#[cfg(unix)]
#[test]
fn bench_takes_turns_with_a_pytorch_script() {
    use std::io::Write;
    let folder = with_recipe();
    std::fs::write(folder.path().join("script.py"), "").expect("a file");
    // Written by another process: a file that this one holds open cannot be started from its threads.
    let stand_in = |body: &str| {
        let mut writer = Command::new("sh");
        writer.args(["-c", "cat > python && chmod +x python"]).current_dir(folder.path());
        let mut writer = writer.stdin(std::process::Stdio::piped()).spawn().expect("a shell");
        writer.stdin.take().expect("its input").write_all(body.as_bytes()).expect("written");
        assert!(writer.wait().expect("it ends").success());
    };
    let compare = |more: &[&str]| {
        let asked = ["bench", "--device", "cpu", "--repeats", "2", "--batch", "1", "--json", "out.json"];
        let torch = ["--only", "sampling/one-step/small32", "--vs-torch", "./python", "--torch-rounds", "2"];
        signet(folder.path(), &[&asked[..], &torch, more].concat())
    };
    let results = || -> Vec<serde_json::Value> {
        let json = std::fs::read(folder.path().join("out.json")).expect("a file");
        serde_json::from_slice(&json).expect("a list")
    };
    let row = r#"{"phase": "sample", "batch": 1, "iters": 1, "sec_per_step": 1000.0, "torch": "0.0"}"#;
    let says = |row: &str| {
        format!("#!/bin/sh\n[ \"$1\" = -c ] && echo 0.0 && exit\necho $@ >> calls\ncat > fed\necho '{row}'\n")
    };
    stand_in(&says(row));
    let script = ["--torch-script", "script.py"];
    let output = compare(&script);
    let said = text(&output);
    assert!(output.status.success() && said.contains("sampling/one-step/small32"), "{said}");
    let compared = results();
    assert_eq!((compared.len(), compared[0]["torch"].as_array().map(Vec::len)), (1, Some(2)), "{compared:?}");
    let [ours, times] =
        [&compared[0]["signet"]["median_secs"], &compared[0]["times_faster_than_torch"]["median"]];
    let [ours, times] = [ours, times].map(|n| n.as_f64().expect("a number"));
    // One repeat a round: the median of two ratios is near the ratio of the medians.
    assert!(ours < 1000.0 && times > 1.0, "{ours} s, {times} times faster");
    let calls = std::fs::read_to_string(folder.path().join("calls")).expect("it was called");
    assert_eq!(calls.lines().count(), 2, "{calls}");
    assert!(calls.contains("--config small --what sample --device cpu --batch 1 --iters 1"), "{calls}");
    assert!(calls.starts_with("script.py ") && !calls.contains("--compile"), "{calls}");

    // The program's own script goes to Python's standard input.
    let both = ["--torch-channels-last", "--torch-compile"];
    stand_in(&says(&row.replace("{", r#"{"channels_last": true, "compile": true, "#)));
    let output = compare(&both);
    let said = text(&output);
    assert!(output.status.success() && said.contains("compiled, channels_last"), "{said}");
    let fed = std::fs::read_to_string(folder.path().join("fed")).expect("a script");
    assert_eq!(fed, include_str!("torch/bench_torch.py"));
    let calls = std::fs::read_to_string(folder.path().join("calls")).expect("it was called");
    let last = calls.lines().last().expect("a call");
    assert!(last.starts_with("- --config") && last.ends_with("--channels-last --compile"), "{last}");
    let compared = results();
    assert_eq!(compared[0]["torch"][1]["compile"], true, "{compared:?}");
    assert_eq!(compared[0]["times_faster_each_round"].as_array().map(Vec::len), Some(2), "{compared:?}");
    stand_in(&says(row));
    let said = text(&compare(&both));
    assert!(said.contains("without channels_last") && said.contains("what to do"), "{said}");

    for (body, named) in [
        ("#!/bin/sh\necho \"No module named 'torch'\" >&2\nexit 1\n".to_string(), "pip install torch"),
        (says("nothing"), "sample"),
        (says(&row.replace("1000.0", "-1.0")), "sec_per_step"),
        (says(&row.replace("{", r#"{"params": 7, "#)), "a network of 7 numbers"),
    ] {
        stand_in(&body);
        let output = compare(&script);
        let said = text(&output);
        assert!(!output.status.success() && said.contains(named) && said.contains("what to do"), "{said}");
    }
}

/// A model of the run in `folder` of which one weight is not a number.
fn spoil(folder: &Path, number: f32) -> String {
    let checkpoints = folder.join(RUN).join("checkpoints");
    let all = std::fs::read_dir(checkpoints).expect("checkpoints").flatten().map(|entry| entry.path());
    let newest = all.filter(|path| path.to_string_lossy().ends_with("sign")).max().expect("a student");
    let mut bytes = std::fs::read(newest.join("model.safetensors")).expect("a model");
    let len = bytes.len();
    bytes[len - 4..].copy_from_slice(&number.to_le_bytes());
    std::fs::write(folder.join("spoiled.safetensors"), &bytes).expect("written");
    // The tensor whose numbers end with the file.
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).expect("a header");
    let last = header.tensors().into_iter().max_by_key(|(_, info)| info.data_offsets.1).expect("tensors");
    last.0
}

#[test]
fn weights_that_are_not_finite_are_refused_by_every_command() {
    let folder = with_recipe();
    train(folder.path(), &[]);
    image::RgbImage::new(16, 16).save(folder.path().join("picture.png")).expect("a picture");
    for number in [f32::NAN, f32::INFINITY] {
        let name = spoil(folder.path(), number);
        let cases: [&[&str]; 4] = [
            &["sample", "spoiled.safetensors", "--device", "cpu"],
            &["edit", "spoiled.safetensors", "picture.png", "--device", "cpu"],
            &["eval", "spoiled.safetensors", "--data", "picture.png", "--device", "cpu"],
            &[
                "train",
                "tiny.toml",
                "--teacher",
                "spoiled.safetensors",
                "--fresh",
                "--device",
                "cpu",
                "--headless",
            ],
        ];
        for arguments in cases {
            let output = signet(folder.path(), arguments);
            let said = text(&output);
            assert_eq!(output.status.code(), Some(4), "{arguments:?}: {said}");
            for words in [name.as_str(), "not all finite", "spoiled.safetensors", "what to do"] {
                assert!(said.contains(words), "{arguments:?} does not say {words}: {said}");
            }
        }
    }
    assert!(!folder.path().join("samples").exists() && !folder.path().join("edits").exists());
}

/// Pictures of two models, or of two numbers of seeds, never lie in one folder as one set.
#[test]
fn a_folder_of_samples_is_one_set() {
    let folder = with_recipe();
    train(folder.path(), &[]);
    let sample = |arguments: &[&str]| {
        let output = signet(folder.path(), &[&["sample"], arguments, &["--device", "cpu"]].concat());
        (output.status.success(), text(&output))
    };
    let count = |name: &str| std::fs::read_dir(folder.path().join(name)).map_or(0, Iterator::count);
    let other = {
        let checkpoints = folder.path().join(RUN).join("checkpoints");
        let all = std::fs::read_dir(checkpoints).expect("checkpoints").flatten().map(|entry| entry.path());
        all.filter(|path| path.to_string_lossy().ends_with("teacher")).max().expect("a teacher")
    };
    let other = other.to_string_lossy();
    assert!(sample(&[RUN, "--seeds", "0-7", "--out", "a"]).0);
    assert!(sample(&[RUN, "--seeds", "0-7", "--out", "a"]).0, "once more");
    assert!(sample(&[RUN, "--seeds", "8-11", "--out", "a"]).0, "more of them");
    assert_eq!(count("a"), 12);
    for refused in [&[RUN, "--seeds", "0-3", "--out", "a"][..], &[&other, "--seeds", "0-3", "--out", "a"]] {
        let (done, said) = sample(refused);
        assert!(!done && said.contains("--out") && said.contains("one set"), "{said}");
        assert_eq!(count("a"), 12);
    }
    // Where no folder is named, another set has one of its own.
    assert!(sample(&[RUN, "--seeds", "0-7"]).0);
    let (done, said) = sample(&[&other, "--seeds", "0-3"]);
    assert!(done && said.contains("samples-2"), "{said}");
    assert_eq!((count("samples"), count("samples-2")), (8, 4));
}

/// What a script reads of a run's time, and what is kept of it.
#[test]
fn the_whole_runs_time_and_true_speed_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    write_recipe(folder.path(), &(tiny(1.024, 0.512) + "sample_every_kimg = 0.128\n"));
    let trained = signet(folder.path(), &["train", "tiny.toml", "--device", "cpu", "--json"]);
    assert!(trained.status.success(), "{}", text(&trained));
    let lines: Vec<serde_json::Value> = String::from_utf8_lossy(&trained.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let steps: Vec<_> = lines.iter().filter(|line| line["event"] == "step").collect();
    let second = steps.get(1).expect("a step");
    assert_eq!(
        (&second["stage_number"], &second["stages"], &second["left_is_about"]),
        (&1.into(), &2.into(), &true.into())
    );
    let (of_stage, of_all) = (second["eta_secs"].as_f64(), second["left_secs"].as_f64());
    assert!(of_stage.zip(of_all).is_some_and(|(stage, all)| all > stage && stage > 0.0), "{second}");
    let last = steps.last().expect("a step");
    assert_eq!((&last["stage"], &last["stage_number"]), (&"sign".into(), &2.into()));

    let stats = std::fs::read_to_string(folder.path().join(RUN).join("stats.jsonl")).expect("stats");
    let stats =
        stats.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON"));
    let losses: Vec<_> = stats.filter(|line| line["conditions"].is_null()).collect();
    for line in &losses {
        assert!(line["images_per_wall_sec"].as_f64().is_some_and(|speed| speed > 0.0), "{line}");
        assert!(line["left_secs"].as_f64().is_some_and(|left| left >= 0.0), "{line}");
    }
    // Grids and what prepared the stage are part of one speed and not of the other.
    let speeds =
        |line: &serde_json::Value| line["images_per_sec"].as_f64().zip(line["images_per_wall_sec"].as_f64());
    assert!(losses.iter().any(|line| speeds(line).is_some_and(|(steps, wall)| wall < steps)), "{losses:?}");
}

#[test]
fn numbers_are_a_table_with_their_conditions_on_request() {
    let folder = with_recipe();
    let said = |more: &[&str]| {
        let trained = signet(folder.path(), &[&TRAIN[..], &["--fresh"], more].concat());
        assert!(trained.status.success(), "{}", text(&trained));
        text(&trained)
    };
    let short = said(&[]);
    assert!(short.contains("on 8 samples (EMA, one step, seed 0) against 64 images of"), "{short}");
    let place = |name: &str| {
        let line = short.lines().find(|line| line.trim_start().starts_with(name)).expect("a line");
        line.chars().count()
            - line.trim_start_matches(|c: char| c != '-' && !c.is_ascii_digit()).chars().count()
    };
    assert_eq!(place("Fréchet distance on pixels"), place("kernel distance on pixels"), "{short}");
    assert!(!short.contains("fd_pixel") && !short.contains("rms of f(x) - x"), "{short}");
    let long = said(&["--conditions"]);
    assert!(long.contains("fd_pixel: Fréchet distance on 192 pixel values"), "{long}");
    assert!(long.contains("rec_rms: rms of f(x) - x"), "{long}");
}

/// Over ssh, under sudo and in containers no folder for sockets is named, and graphics libraries would say so at
/// every start.
#[cfg(target_os = "linux")]
#[test]
fn what_libraries_complain_about_is_told_once_by_the_doctor() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |named: Option<&str>, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
        command
            .current_dir(folder.path())
            .args(arguments)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        match named {
            Some(folder) => command.env("XDG_RUNTIME_DIR", folder),
            None => command.env_remove("XDG_RUNTIME_DIR"),
        };
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{}", text(&output));
        (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for unusable in [None, Some(""), Some("tmp")] {
        let (_, noise) = run(unusable, &["train", "--device", "list"]);
        assert!(!noise.contains("XDG_RUNTIME_DIR"), "{noise}");
        let (report, noise) = run(unusable, &["doctor", "--device", "cpu"]);
        assert!(!noise.contains("XDG_RUNTIME_DIR"), "{noise}");
        assert!(report.contains("XDG_RUNTIME_DIR does not name a folder"), "{report}");
    }
    let (report, _) = run(Some("/tmp"), &["doctor", "--device", "cpu"]);
    assert!(!report.contains("XDG_RUNTIME_DIR"), "{report}");
}

#[test]
fn both_spellings_of_a_word_are_taken() {
    let folder = with_recipe();
    train(folder.path(), &[]);
    image::RgbImage::from_pixel(8, 8, image::Rgb([9, 90, 200]))
        .save(folder.path().join("a.png"))
        .expect("a picture");
    let colorized = ["edit", RUN, "a.png", "--mode", "colorize", "--corrupt", "greyscale", "--device", "cpu"];
    let edited = signet(folder.path(), &colorized);
    assert!(edited.status.success() && text(&edited).contains("colourise"), "{}", text(&edited));
    let american = recipe() + "\n[optimizer]\nbad_gradients = \"sanitize\"\n";
    write_recipe(folder.path(), &american);
    let printed = signet(folder.path(), &["train", "tiny.toml", "--print-recipe"]);
    assert!(text(&printed).contains("bad_gradients = \"sanitise\""), "{}", text(&printed));
}

/// In its quickest form; each part is measured by a process of its own, as on anybody's machine.
#[test]
fn a_full_report_is_measured_and_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let doctor = |file: &str, arguments: &[&str]| {
        let output =
            signet(folder.path(), &[&["doctor", "--full", file, "--device", "cpu"], arguments].concat());
        (output.status.code(), text(&output))
    };
    let report = || -> serde_json::Value {
        let bytes = std::fs::read(folder.path().join("report.json")).expect("a report");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let parts = |report: &serde_json::Value| report["parts"].as_array().expect("parts").clone();

    let (code, said) = doctor("report.json", &["--quick", "--budget", "60"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1/8 looking at the machine") && said.contains("written: report.json"), "{said}");
    let measured = report();
    assert_eq!((&measured["is_finished"], &measured["device"]["is_wgpu"]), (&true.into(), &false.into()));
    let outcome = |name: &str| {
        let found = parts(&measured).into_iter().find(|part| part["name"] == name);
        found.map(|part| part["outcome"].clone())
    };
    assert_eq!(outcome("self_tests"), Some("measured".into()), "{said}");
    assert_eq!(outcome("counts_tiny"), Some("left_out".into()), "nothing is asked of a GPU");
    for kernel in measured["kernels"].as_array().expect("kernels") {
        assert!(kernel["median_seconds"].as_f64().is_some_and(|secs| secs > 0.0), "{kernel}");
    }

    // A time that suffices for nothing: what is left out is said, and the earlier report is no longer there.
    let (code, said) = doctor("report.json", &["--budget", "1"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("earlier report is replaced") && said.contains("Not measured"), "{said}");
    let short = report();
    assert_eq!((parts(&short).len(), &short["is_finished"]), (12, &true.into()));
    for part in parts(&short) {
        let troubles = part["troubles"].as_array().is_some_and(|troubles| !troubles.is_empty());
        assert!(part["outcome"] == "measured" || part["reason"].is_string() || troubles, "{part}");
    }

    // What is no report stays.
    std::fs::write(folder.path().join("thesis.json"), "{}").expect("written");
    for (file, words) in [("thesis.json", "no report"), ("nowhere/report.json", "cannot be written there")] {
        let (code, said) = doctor(file, &["--quick"]);
        assert!(code == Some(2) && said.contains(words) && said.contains("--full"), "{said}");
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("thesis.json")).expect("it is there"), "{}");
    let alone = signet(folder.path(), &["doctor", "--quick"]);
    assert_eq!(alone.status.code(), Some(2), "{}", text(&alone));
}
