//! SiD with class labels: cases of our own, computed in PyTorch with networks that agree with EDM's.

use std::path::Path;

use burn::tensor::Device;

use crate::case::Case;
use crate::walk::{Outcome, cases, run, walk};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/conditional");

#[test]
fn sid_is_told_the_classes() {
    let Outcome { kinds, failures, .. } = walk(Path::new(FOLDER), &Device::flex(), false);
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(kinds, ["sid_networks", "sid_training_trace"]);
}

/// Each tensor of labels counts, on its own.
#[test]
fn other_classes_give_other_results() {
    let mut changed = 0;
    for file in cases(Path::new(FOLDER)) {
        let labels: Vec<String> =
            Case::open(&file, 1.0).names().filter(|n| n.contains("class_labels")).cloned().collect();
        for key in labels {
            let mut case = Case::open(&file, 1.0);
            let classes = case.usize("label_dim");
            case.change(&key, |labels| labels.chunks_mut(classes).for_each(<[f64]>::reverse));
            let report = run(&case, &Device::flex(), false).expect("a report");
            assert!(!report.failures.is_empty(), "{} with other {key} comes out the same", case.kind());
            changed += 1;
        }
    }
    assert_eq!(changed, 3, "labels of the networks, of the fake score's step and of the generator's");
}

/// Without its labels a case fails in words, and nothing takes their place.
#[test]
#[should_panic(expected = "no numbers are recorded of FakeClass")]
fn a_trace_without_its_classes_is_refused() {
    let file = Path::new(FOLDER).join("sid_trace_cond10.json");
    let mut case = Case::open(&file, 1.0);
    case.remove("in.class_labels.fake");
    let _ = run(&case, &Device::flex(), false);
}
