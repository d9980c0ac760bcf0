//! What a run says of its precision.

use signet::recipe::Precision;

use super::*;

/// What was said of it, stage by stage.
fn words(said: &[Message]) -> Vec<&str> {
    let notes =
        said.iter().filter_map(|m| if let Message::Note(text) = m { Some(text.as_str()) } else { None });
    notes.filter(|text| text.starts_with("precision ")).collect()
}

/// A CPU trains in single precision, says so where more is asked, and trains as it always does. It is another run all
/// the same: on a GPU it would have other weights.
#[test]
fn a_cpu_that_is_asked_for_mixed_precision_says_no_and_trains() {
    let folder = tempfile::tempdir().expect("a folder");
    let single = tiny(Method::Sid);
    let mixed = Recipe { precision: Precision::Mixed, ..single.clone() };
    let [single, mixed] = [single, mixed].map(|recipe| follow(&recipe, options(folder.path(), None), quiet));
    for said in [&single, &mixed] {
        assert_eq!(ending(said), Ending::Finished);
    }
    assert_eq!(words(&single), Vec::<&str>::new());
    let word = "precision f32 instead of mixed: the CPU calculates in single precision only";
    assert_eq!(words(&mixed), [word; 2]);
    assert_ne!(run_dir(&single), run_dir(&mixed));
    assert!(state(run_dir(&single)) == state(run_dir(&mixed)), "other weights");
    let log = std::fs::read_to_string(run_dir(&mixed).join("log.jsonl")).expect("a log");
    assert_eq!(log.matches(word).count(), 2, "{log}");
    let kept = recipe::read(&run_dir(&mixed).join("recipe.toml")).expect("a recipe");
    assert_eq!(kept.precision, Precision::Mixed);
}
