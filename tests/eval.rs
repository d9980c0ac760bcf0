//! `signet eval` as a user starts it: sets, models and statistics against each other.

#[allow(dead_code, reason = "each kind of test uses a part of it")]
mod program;

use std::path::Path;

use program::{RUN, signet, text, tiny, train, write_recipe};
use serde_json::Value;

/// Procedural images as zips: `a.zip` and `b.zip` of one kind, with other seeds.
fn with_sets() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, seed) in [("a.zip", "0"), ("b.zip", "1")] {
        let made = signet(
            folder.path(),
            &["data", "--size", "16", "--limit", "300", "--seed", seed, "--export", name],
        );
        assert!(made.status.success(), "{}", text(&made));
    }
    folder
}

/// Runs `eval` on the CPU; its numbers by subject and name.
fn eval(folder: &Path, args: &[&str]) -> Vec<Value> {
    let mut all = vec!["eval", "--device", "cpu", "--size", "16", "--json", "numbers.json"];
    all.extend(args);
    let done = signet(folder, &all);
    assert!(done.status.success(), "{}", text(&done));
    let json = std::fs::read_to_string(folder.join("numbers.json")).expect("numbers");
    serde_json::from_str::<Value>(&json).expect("JSON").as_array().expect("a list").clone()
}

/// Runs `eval` that must be refused; what it says.
fn refused(folder: &Path, args: &[&str]) -> String {
    let mut all = vec!["eval", "--device", "cpu", "--size", "16"];
    all.extend(args);
    let done = signet(folder, &all);
    assert!(!done.status.success(), "{}", text(&done));
    text(&done)
}

fn number(rows: &[Value], metric: &str) -> f64 {
    let row = rows.iter().find(|row| row["metric"] == metric);
    row.and_then(|row| row["value"].as_f64()).unwrap_or_else(|| panic!("no {metric} in {rows:?}"))
}

/// Uniform noise of the same size and number as the sets.
fn write_noise(folder: &Path) {
    std::fs::create_dir(folder.join("noise")).expect("a folder");
    let mut state = 1u32;
    for i in 0..300 {
        let picture = image::RgbImage::from_fn(16, 16, |_, _| {
            image::Rgb([0; 3].map(|_: u8| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            }))
        });
        picture.save(folder.join(format!("noise/{i:03}.png"))).expect("a picture");
    }
}

#[test]
fn sets_of_one_kind_are_near_and_noise_is_far() {
    let folder = with_sets();
    write_noise(folder.path());
    let all = ["--features", "pixel", "--features", "random", "--metrics", "fd,kid,pr,energy", "--n", "300"];
    let against = |images: &str| {
        let mut args = vec!["--images", images, "--data", "a.zip"];
        args.extend(all);
        eval(folder.path(), &args)
    };
    let (near, far) = (against("b.zip"), against("noise"));
    for features in ["pixel", "random-0"] {
        for metric in ["fd", "kid", "energy"] {
            let name = format!("{metric}_{features}");
            let (near, far) = (number(&near, &name), number(&far, &name));
            assert!(far > 5.0 * near, "{name}: {near} for the same kind, {far} for noise");
        }
        // Recall says little here: the balls around noise are wide enough to hold everything.
        let name = format!("precision_{features}");
        let (among, outside) = (number(&near, &name), number(&far, &name));
        assert!(among > 0.3 && outside < 0.05, "{name}: {among} for the same kind, {outside} for noise");
        assert!(number(&near, &format!("recall_{features}")) > 0.3);
    }
    // Each number says what it depends on.
    for row in near.iter().chain(&far) {
        for key in ["subject", "subject_hash", "images", "sampling", "data", "conditions", "features", "secs"]
        {
            assert!(!row[key].is_null(), "{row} has no {key}");
        }
        assert_eq!(row["data"]["images"], 300);
    }
    // 300 images do not fill 768 directions, and the number says so.
    let marked = near.iter().find(|row| row["metric"] == "fd_pixel").expect("a row");
    assert!(marked["cautions"][0].as_str().is_some_and(|c| c.contains("singular")), "{marked}");
}

#[test]
fn statistics_stand_in_for_their_set_and_for_no_other() {
    let folder = with_sets();
    let direct = eval(folder.path(), &["--images", "b.zip", "--data", "a.zip", "--save-statistics", "a.npz"]);
    let again = eval(folder.path(), &["--images", "b.zip", "--data", "a.npz"]);
    let (direct, again) = (number(&direct, "fd_pixel"), number(&again, "fd_pixel"));
    assert!((direct - again).abs() < 1e-9 * direct, "{direct} and {again}");

    let said = refused(folder.path(), &["--images", "b.zip", "--data", "a.npz", "--features", "random"]);
    assert!(said.contains("a.npz") && said.contains("features"), "{said}");
    let said = refused(folder.path(), &["--images", "b.zip", "--data", "a.npz", "--metrics", "kid"]);
    assert!(said.contains("one by one"), "{said}");
    let said = refused(folder.path(), &["--data", "a.npz"]);
    assert!(said.contains("nothing to measure"), "{said}");
    std::fs::write(folder.path().join("cut.npz"), b"PK\x03\x04").expect("a file");
    let said = refused(folder.path(), &["--images", "b.zip", "--data", "cut.npz"]);
    assert!(said.contains("cut.npz") && said.contains("mu and sigma"), "{said}");
}

#[test]
fn what_cannot_be_had_is_told_in_words() {
    let folder = with_sets();
    let said = refused(folder.path(), &["--images", "b.zip", "--data", "a.zip", "--metrics", "fid"]);
    assert!(said.contains("pt_inception-2015-12-05-6726825d.pth"), "{said}");
    let said = refused(folder.path(), &["--images", "b.zip", "--data", "a.zip", "--metrics", "is"]);
    assert!(said.contains("classifier"), "{said}");
    let said = refused(folder.path(), &["--images", "b.zip", "--data", "a.zip", "--metrics", "idem"]);
    assert!(said.contains("no SIGN model here"), "{said}");
    let said = refused(folder.path(), &["--data", "a.zip", "--metrics", "fod"]);
    assert!(said.contains("kid, is"), "{said}");
    let said = refused(folder.path(), &["--data", "a.zip", "--features", "a.zip"]);
    assert!(said.contains("a.zip"), "{said}");
    for bad in [["--n", "1"], ["--seeds", "0"], ["--batch", "0"]] {
        let said = refused(folder.path(), &[&["--data", "a.zip"], &bad[..]].concat());
        assert!(said.contains("give"), "{said}");
    }
}

/// A recipe of a second, and its model in every role.
#[test]
fn models_are_measured_from_their_runs() {
    let folder = with_sets();
    let recipe = tiny(0.016, 0.016).replace("size = 8\nlimit = 64", "path = \"a.zip\"\nsize = 16");
    write_recipe(folder.path(), &recipe);
    train(folder.path(), &[]);

    let rows = eval(
        folder.path(),
        &[
            RUN,
            "--images",
            "b.zip",
            "--data",
            "a.zip",
            "--metrics",
            "fd,idem",
            "--n",
            "40",
            "--seeds",
            "3",
            "--sheet",
            "sheet.png",
            "--nearest",
            "nearest.png",
            "--nearest-samples",
            "4",
        ],
    );
    let of_model: Vec<&Value> = rows.iter().filter(|row| row["subject"] == RUN).collect();
    let fd = of_model.iter().find(|row| row["metric"] == "fd_pixel").expect("a distance");
    let repeats: Vec<f64> =
        fd["repeats"].as_array().expect("repeats").iter().filter_map(Value::as_f64).collect();
    assert_eq!(repeats.len(), 3, "{fd}");
    assert!((repeats.iter().sum::<f64>() / 3.0 - fd["value"].as_f64().expect("a mean")).abs() < 1e-9);
    assert!(repeats[0] != repeats[1] && fd["std"].as_f64().is_some_and(|std| std > 0.0), "{fd}");
    assert!(of_model.iter().any(|row| row["metric"] == "idem_rms"), "{rows:?}");
    for file in ["sheet.png", "nearest.png", "nearest-1.png"] {
        let picture = image::open(folder.path().join(file)).expect("a picture");
        assert!(picture.width() > 64, "{file}");
    }
    // What the run kept as its best is a model too.
    let best: Value = serde_json::from_str(
        &std::fs::read_to_string(folder.path().join(RUN).join("best.json")).expect("best.json"),
    )
    .expect("JSON");
    let kept = format!("{RUN}/{}", best["checkpoint"].as_str().expect("a checkpoint"));
    let rows = eval(folder.path(), &[&kept, "--data", "a.zip", "--n", "20"]);
    assert!(number(&rows, "fd_pixel").is_finite());
}
