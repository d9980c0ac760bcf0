//! Checkpoints of which something was changed on the disk.

use super::program::copy;
use super::*;

/// Bytes of a manifest that are changed in the test command; `SIGNET_FLIP=all` changes each.
const HANDFUL: usize = 8;

/// A run that was stopped half-way in its student, and the state it should end in.
fn half_way(folder: &Path) -> (Recipe, PathBuf, Vec<u8>) {
    let mut recipe = tiny(Method::Sid);
    recipe.network.model_channels = 4;
    recipe.network.channel_mult = vec![1];
    recipe.network.attn_resolutions = Vec::new();
    recipe.report.checkpoint_every_kimg = 0.016;
    let whole = follow(&recipe, options(&folder.join("whole"), None), quiet);
    let half = follow(&recipe, options(&folder.join("half"), Some(0.096)), quiet);
    (recipe, run_dir(&half).to_path_buf(), state(run_dir(&whole)))
}

fn newest(run: &Path) -> PathBuf {
    let all = train::checkpoints(&run.join("checkpoints")).expect("checkpoints");
    all.into_iter().next().expect("a checkpoint")
}

/// Whatever byte of a manifest is another one: the weights are those of a run that nobody touched.
#[test]
fn a_changed_manifest_changes_no_weights() {
    let folder = tempfile::tempdir().expect("a folder");
    let (recipe, half, want) = half_way(folder.path());
    let manifest = std::fs::read(newest(&half).join("manifest.json")).expect("a manifest");
    let every = std::env::var_os("SIGNET_FLIP").is_some_and(|all| all == "all");
    let places: Vec<usize> = if every {
        (0..manifest.len()).collect()
    } else {
        (0..HANDFUL).map(|i| (2 * i + 1) * manifest.len() / (2 * HANDFUL)).collect()
    };
    for place in places {
        let run = folder.path().join("flipped");
        copy(&half, &run);
        let mut flipped = manifest.clone();
        // A digit becomes another digit.
        flipped[place] ^= 1;
        std::fs::write(newest(&run).join("manifest.json"), flipped).expect("writes");
        let resume = Options { resume: Some(run.clone()), ..options(folder.path(), None) };
        let said = follow(&recipe, resume, quiet);
        assert_eq!(ending(&said), Ending::Finished, "byte {place}");
        assert!(state(&run) == want, "byte {place}: other weights");
        let told = |m: &Message| matches!(m, Message::Warning(text) if text.contains("manifest"));
        assert!(said.iter().any(told), "byte {place}: no word of it");
        std::fs::remove_dir_all(&run).expect("removed");
    }
}

/// A newest checkpoint whose manifest is damaged is passed over by whoever reads models, too, with a word.
#[test]
fn a_model_behind_a_changed_manifest_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, half, _) = half_way(folder.path());
    let (damaged, file) = (newest(&half), newest(&half).join("manifest.json"));
    let manifest = std::fs::read_to_string(&file).expect("a manifest");
    std::fs::write(&file, manifest.replacen("\"step\": ", "\"step\": 1", 1)).expect("writes");
    let device = burn::tensor::Device::flex();
    let found = train::find_generator(&half, None, &device).expect("an older one");
    assert_ne!(found.path, damaged);
    let told = found.passed_over.expect("a word of the newest").to_string();
    assert!(told.contains("hash") && told.contains("manifest.json"), "{told}");
}

/// A copy that somebody made among the checkpoints is not a checkpoint of another step.
#[test]
fn a_checkpoint_under_another_name_is_not_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let (recipe, half, want) = half_way(folder.path());
    let newest = newest(&half);
    copy(&newest, &half.join("checkpoints/step-00000098-sid"));
    let found = train::find_generator(&half, None, &burn::tensor::Device::flex()).expect("a model");
    assert_eq!(found.path, newest);
    let resume = Options { resume: Some(half.clone()), ..options(folder.path(), None) };
    let said = follow(&recipe, resume, quiet);
    assert_eq!(ending(&said), Ending::Finished);
    let told = |m: &Message| matches!(m, Message::Warning(text) if text.contains("step-00000098-sid"));
    assert!(said.iter().any(told), "no word of the copy");
    std::fs::remove_dir_all(half.join("checkpoints/step-00000098-sid")).expect("removed");
    assert!(state(&half) == want);
}
