//! What a case tells its networks of the classes.

use burn::tensor::{Device, Tensor, TensorData};
use signet::diffusion::Denoiser;
use signet::model::Condition;

use crate::case::Case;

/// Where a case keeps class labels: those of a step ("fake", "gen"), or the ones of all.
fn key(case: &Case, step: &str) -> Option<String> {
    let ways =
        [format!("in.class_labels.{step}"), format!("in.{step}.class_labels"), "in.class_labels".into()];
    ways.into_iter().find(|key| case.has(key))
}

/// A row of `classes` numbers for each of `samples`, which a case has as such or as the class's number.
fn rows(case: &Case, key: &str, classes: usize, samples: usize) -> Vec<f32> {
    let numbers = case.floats(key);
    if numbers.len() == samples * classes {
        return numbers;
    }
    assert!(numbers.len() == samples, "{key} is {:?} for {samples} samples", case.shape(key));
    let row = |class: &f32| (0..classes).map(|k| f32::from(u8::from(k as f32 == *class))).collect::<Vec<_>>();
    numbers.iter().flat_map(row).collect()
}

/// What a network is told of `samples`; nothing of the classes where the case does not name them.
pub fn condition(case: &Case, step: &str, denoiser: &Denoiser, samples: usize, device: &Device) -> Condition {
    let classes = denoiser.config().label_dim;
    let labels = key(case, step).map(|key| {
        let rows = TensorData::new(rows(case, &key, classes, samples), [samples, classes]);
        Tensor::from_data(rows, device)
    });
    let augment = "in.augment_labels";
    Condition { labels, augment: case.has(augment).then(|| case.tensor::<2>(augment, device)) }
}

/// The class of each of `samples`; None where the case does not name them.
pub fn classes(case: &Case, step: &str, classes: usize, samples: usize) -> Option<Vec<u32>> {
    let key = key(case, step)?;
    let rows = rows(case, &key, classes, samples);
    let class = |row: &[f32]| {
        let one =
            row.iter().position(|v| *v == 1.0).filter(|_| row.iter().filter(|v| **v != 0.0).count() == 1);
        one.unwrap_or_else(|| panic!("{key} has a row that names no class: {row:?}")) as u32
    };
    Some(rows.chunks(classes).map(class).collect())
}
