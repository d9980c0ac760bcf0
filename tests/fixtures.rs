//! Run folders of every released version, as they were left then: each goes on, is trained longer, samples and
//! edits.

#[allow(dead_code, reason = "each kind of test uses a part of it")]
mod program;

use std::path::{Path, PathBuf};

use program::{copy, signet, text};

/// `tests/fixtures/version-N`: a SIGN run that was stopped half-way in its student, and its pictures.
fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut versions: Vec<_> =
        std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    versions.sort();
    versions
}

/// Does it in `folder`, and gives what was said.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = signet(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    text(&output)
}

fn newest(run: &Path) -> String {
    let entries = std::fs::read_dir(run.join("checkpoints")).expect("checkpoints");
    entries
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .max()
        .expect("a checkpoint")
}

#[test]
fn runs_of_every_version_go_on() {
    let versions = versions();
    assert!(!versions.is_empty());
    for version in versions {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path();
        copy(&version, folder);
        let run = folder.join("run");
        let train = |more: &[&str]| {
            let always = ["train", "run", "--data", "pictures", "--device", "cpu", "--headless"];
            done(folder, &[&always, more].concat())
        };
        // It was stopped at 40 of the student's 64 images.
        assert_eq!(newest(&run), "step-00000013-sign");
        done(folder, &["sample", "run", "--seeds", "0-3", "--device", "cpu", "--out", "samples"]);
        done(folder, &["edit", "run", "pictures/03.png", "--device", "cpu", "--out", "edits"]);
        let said = train(&[]);
        assert!(said.contains("resumed from") && said.contains("step-00000013-sign"), "{said}");
        assert_eq!(newest(&run), "step-00000016-sign", "{said}");
        let said = train(&["--student-kimg", "0.096"]);
        assert!(said.contains("student.kimg changed from 0.064 to 0.096"), "{said}");
        assert_eq!(newest(&run), "step-00000020-sign");
        done(folder, &["sample", "run", "--seeds", "0-3", "--device", "cpu", "--out", "samples"]);
        done(folder, &["edit", "run", "pictures/03.png", "--device", "cpu", "--out", "edits"]);
        // From its teacher on, with what the student was kept aside.
        let said = train(&["--teacher-kimg", "0.096"]);
        assert!(said.contains("earlier/000") && newest(&run) == "step-00000024-sign", "{said}");
        let recipe = std::fs::read_to_string(run.join("recipe.toml")).expect("a recipe");
        assert!(recipe.starts_with("version = 2\n"), "{recipe}");
    }
}

/// The first version's manifests have no hash of their own; what they say twice must agree.
#[test]
fn a_changed_number_in_a_manifest_of_version_1_is_noticed() {
    let version = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1");
    let file = "run/checkpoints/step-00000013-sign/manifest.json";
    let manifest = std::fs::read_to_string(version.join(file)).expect("a manifest");
    let place = tempfile::tempdir().expect("a folder");
    for (from, to) in [
        ("\"step\": 5", "\"step\": 4"),
        ("\"images\": 40", "\"images\": 48"),
        ("\"total_steps\": 13", "\"total_steps\": 12"),
        ("\"images_before\": 64", "\"images_before\": 24"),
        ("\"student.adam_steps\": 5", "\"student.adam_steps\": 7"),
        ("\"fake_score.bad_steps\": 0", "\"fake_score.bad_steps\": 1"),
        ("student.adam_steps", "student.adam_stepz"),
        ("\"recipe_hash\": \"", "\"recipe_hash\": \"0"),
        ("\"data_hash\": \"", "\"data_hash\": \"0"),
        ("\"format\": 1", "\"format\": 3"),
        ("\"dropout\": 0.0", "\"dropout\": 0.9"),
        ("\"head_sigma_max\": 5.0", "\"head_sigma_max\": 6.0"),
    ] {
        let folder = place.path().join("copy");
        copy(&version, &folder);
        let changed = manifest.replacen(from, to, 1);
        assert_ne!(changed, manifest, "{from} is not in it");
        std::fs::write(folder.join(file), changed).expect("writes");
        let train =
            ["train", "run", "--data", "pictures", "--device", "cpu", "--headless", "--max-kimg", "0.001"];
        let said = done(&folder, &train);
        assert!(said.contains("warning") && said.contains("step-00000008-teacher"), "{from}: {said}");
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}

/// Before and after this release has opened it.
#[test]
fn a_recipe_of_version_1_that_was_edited_is_noticed() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1"), folder);
    let file = folder.join("run/recipe.toml");
    let train =
        ["train", "run", "--data", "pictures", "--device", "cpu", "--headless", "--max-kimg", "0.001"];
    let refused = || {
        let text = std::fs::read_to_string(&file).expect("a recipe");
        std::fs::write(&file, text.replace("alpha = 1.2", "alpha = 3.0")).expect("writes");
        let output = signet(folder, &train);
        let said = program::text(&output);
        assert!(!output.status.success() && said.contains("recipe"), "{said}");
        std::fs::write(&file, text).expect("writes");
    };
    refused();
    done(folder, &train);
    refused();
}
