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

/// A `.npy` of this type, order and shape.
fn npy(descr: &str, is_fortran: bool, shape: &str, data: Vec<u8>) -> Vec<u8> {
    let order = if is_fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({shape}), }}\n");
    let len = u16::try_from(header.len()).expect("short").to_le_bytes();
    [b"\x93NUMPY\x01\x00", &len[..], header.as_bytes(), &data].concat()
}

fn write_npz(file: &Path, arrays: &[(&str, Vec<u8>)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(file).expect("a file"));
    for (name, bytes) in arrays {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("{name}.npy"), options).expect("an entry");
        std::io::Write::write_all(&mut zip, bytes).expect("written");
    }
    zip.finish().expect("written");
}

/// Statistics as other programs write them: of pixels of 8×8, which are 192 numbers.
#[test]
fn statistics_of_other_programs_are_read_or_say_what_to_do() {
    const DIM: usize = 192;
    let folder = with_sets();
    let against = |arrays: &[(&str, Vec<u8>)]| {
        write_npz(&folder.path().join("other.npz"), arrays);
        let all = ["eval", "--device", "cpu", "--size", "8", "--n", "100", "--json", "numbers.json"];
        let done = signet(folder.path(), &[&all[..], &["--images", "b.zip", "--data", "other.npz"]].concat());
        let said = text(&done);
        assert!(!said.contains("panicked"), "{said}");
        done.status
            .success()
            .then(|| {
                let json = std::fs::read_to_string(folder.path().join("numbers.json")).expect("numbers");
                let rows: Vec<Value> = serde_json::from_str(&json).expect("JSON");
                (number(&rows, "fd_pixel"), rows[0]["cautions"].to_string())
            })
            .ok_or(said)
    };
    let mean: Vec<f64> = (0..DIM).map(|i| (i as f64 / 40.0).sin() / 4.0).collect();
    let at = |i: usize, j: usize| if i == j { 0.25 } else { 0.125 / (1.0 + i.abs_diff(j) as f64) };
    let sigma = |skew: f64| -> Vec<f64> {
        let skewed = |i: usize, j: usize| at(i, j) + if (i, j) == (3, 5) { skew } else { 0.0 };
        (0..DIM * DIM).map(|k| skewed(k / DIM, k % DIM)).collect()
    };
    let le = |values: &[f64]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let be = |values: &[f64]| values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<u8>>();
    let single = |values: &[f64]| values.iter().flat_map(|v| (*v as f32).to_le_bytes()).collect::<Vec<u8>>();
    let half = |values: &[f64]| {
        values.iter().flat_map(|v| burn::tensor::f16::from_f64(*v).to_le_bytes()).collect::<Vec<u8>>()
    };
    let square = format!("{DIM}, {DIM}");
    let vector = format!("{DIM},");
    let plain = |mu: Vec<u8>, sigma: Vec<u8>| [("mu", mu), ("sigma", sigma)];
    let (want, _) =
        against(&plain(npy("<f8", false, &vector, le(&mean)), npy("<f8", false, &square, le(&sigma(0.0)))))
            .expect("read");
    for (what, mu, sigma, near) in [
        (
            "big-endian",
            npy(">f8", false, &vector, be(&mean)),
            npy(">f8", false, &square, be(&sigma(0.0))),
            1e-9,
        ),
        (
            "f32",
            npy("<f4", false, &vector, single(&mean)),
            npy("<f4", false, &square, single(&sigma(0.0))),
            1e-3,
        ),
        ("f16", npy("<f2", false, &vector, half(&mean)), npy("<f2", false, &square, half(&sigma(0.0))), 0.1),
        (
            "a row",
            npy("<f8", false, &format!("1, {DIM}"), le(&mean)),
            npy("<f8", true, &square, le(&sigma(0.0))),
            1e-9,
        ),
        (
            "a column",
            npy("<f8", true, &format!("{DIM}, 1"), le(&mean)),
            npy("<f8", false, &square, le(&sigma(0.0))),
            1e-9,
        ),
        (
            "rounding",
            npy("<f8", false, &vector, le(&mean)),
            npy("<f8", false, &square, le(&sigma(1e-6))),
            1e-4,
        ),
    ] {
        let (got, cautions) = against(&plain(mu, sigma)).unwrap_or_else(|said| panic!("{what}: {said}"));
        assert!((got - want).abs() < near * want, "{what}: {got} instead of {want}");
        assert_eq!(cautions.contains("16 bits"), what == "f16", "{what}: {cautions}");
        assert_eq!(cautions.contains("mean is taken"), what == "rounding", "{what}: {cautions}");
    }
    let with = |number: f64| {
        let mut values = sigma(0.0);
        values[7] = number;
        values
    };
    let mu = || npy("<f8", false, &vector, le(&mean));
    let square_of = |values: &[f64]| npy("<f8", false, &square, le(values));
    for (arrays, word) in [
        (plain(mu(), square_of(&sigma(0.1))).to_vec(), "not symmetric"),
        (plain(mu(), square_of(&with(f64::NAN))).to_vec(), "1 NaN of"),
        (plain(mu(), square_of(&with(f64::INFINITY))).to_vec(), "1 infinite of"),
        (plain(npy("|i1", false, &vector, vec![0; DIM]), square_of(&sigma(0.0))).to_vec(), "rounded away"),
        (
            plain(
                npy("<f8", false, "3,", le(&mean[..3])),
                npy("<f8", false, "3, 3", le(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0])),
            )
            .to_vec(),
            "3 numbers",
        ),
        (vec![("arr_0", npy("|u1", false, "4, 8, 8, 3", vec![0; 768]))], "fromarray"),
        (vec![("features", npy("<f4", false, "4, 192", vec![0; 3072]))], "rowvar=False"),
    ] {
        let said = against(&arrays).expect_err(word);
        assert!(
            said.contains(word) && said.contains("what to do") && said.contains("other.npz"),
            "{word}: {said}"
        );
    }
    // A length that other features have names them.
    let wide = |dim: usize| {
        let covariance: Vec<f64> = (0..dim * dim).map(|k| f64::from(u8::from(k / dim == k % dim))).collect();
        plain(
            npy("<f8", false, &format!("{dim},"), le(&vec![0.0; dim])),
            npy("<f8", false, &format!("{dim}, {dim}"), le(&covariance)),
        )
    };
    let said = against(&wide(768)).expect_err("768 numbers");
    assert!(said.contains("RGB images of 16 pixels") && said.contains("--size"), "{said}");
}

/// Forty times one picture: it is said, and no number is infinite or beyond reading.
#[test]
fn pictures_that_are_all_the_same_are_told() {
    let folder = with_sets();
    for (name, colour) in [("black", [0; 3]), ("red", [200, 10, 10])] {
        std::fs::create_dir(folder.path().join(name)).expect("a folder");
        for i in 0..40 {
            let picture = image::RgbImage::from_pixel(16, 16, image::Rgb(colour));
            picture.save(folder.path().join(format!("{name}/{i}.png"))).expect("a picture");
        }
        let metrics = ["--metrics", "fd,kid,pr,energy", "--nearest", "nearest.png", "--json", "numbers.json"];
        for sides in [
            ["--images", name, "--data", "b.zip"],
            ["--images", "b.zip", "--data", name],
            ["--images", name, "--data", name],
        ] {
            let all = ["eval", "--device", "cpu", "--size", "16", "--n", "40"];
            let done = signet(folder.path(), &[&all[..], &sides, &metrics].concat());
            let said = text(&done);
            assert!(done.status.success() && said.contains("all 40 pictures are the same"), "{said}");
            // No word is as long as an infinite number, or one that is divided by next to nothing.
            assert!(
                said.split_whitespace().all(|word| word.len() < 100 && word != "inf" && word != "NaN"),
                "{said}"
            );
            let json = std::fs::read_to_string(folder.path().join("numbers.json")).expect("numbers");
            let rows: Vec<Value> = serde_json::from_str(&json).expect("JSON");
            assert!(!rows.is_empty() && rows.iter().all(|row| row["value"].is_f64()), "{json}");
        }
        let recipe =
            tiny(0.016, 0.016).replace("size = 8\nlimit = 64", &format!("path = \"{name}\"\nsize = 16"));
        write_recipe(folder.path(), &recipe);
        let trained =
            signet(folder.path(), &[&program::TRAIN[..], &["--fresh"], &["--out", "runs-same"]].concat());
        let said = text(&trained);
        assert!(trained.status.success(), "{said}");
        assert_eq!(said.matches("all 40 pictures are the same").count(), 1, "{said}");
        assert!(said.contains("std_ratio is not measured") && !said.contains("grainy"), "{said}");
    }
    let runs = std::fs::read_dir(folder.path().join("runs-same")).expect("runs").flatten();
    let stats: Vec<_> =
        runs.map(|run| run.path().join("stats.jsonl")).filter(|file| file.is_file()).collect();
    assert_eq!(stats.len(), 2);
    for file in stats {
        let stats = std::fs::read_to_string(file).expect("stats");
        for line in stats.lines() {
            let entry: serde_json::Map<String, Value> = serde_json::from_str(line).expect("JSON");
            assert!(entry.values().all(|value| !value.is_null()), "{line}");
            assert!(entry.values().filter_map(Value::as_f64).all(|value| value.abs() < 1e9), "{line}");
        }
    }
}

#[test]
fn the_table_has_words_and_says_more_on_request() {
    let folder = with_sets();
    let said = |more: &[&str]| {
        let args =
            ["eval", "--device", "cpu", "--size", "16", "--images", "b.zip", "--data", "a.zip", "--n", "100"];
        let done = signet(folder.path(), &[&args[..], &["--metrics", "fd,kid"], more].concat());
        assert!(done.status.success(), "{}", text(&done));
        text(&done)
    };
    let short = said(&[]);
    for part in [
        "Fréchet distance on pixels",
        "kernel distance on pixels",
        "on 100 images (images of",
        "--conditions",
    ] {
        assert!(short.contains(part), "{part} is not in {short}");
    }
    assert!(!short.contains("fd_pixel") && !short.contains("unbiased"), "{short}");
    let long = said(&["--conditions"]);
    assert!(long.contains("kid_pixel of b.zip: kernel (a·b/d + 1)³, unbiased"), "{long}");
}
