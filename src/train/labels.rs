//! Class labels as networks take them.

use burn::tensor::{Device, Tensor, TensorData};

use crate::model::Condition;

/// Rows with a 1 at the place of their class, `[batch, classes]`; a class beyond the last has none.
pub fn one_hot(of: &[u32], classes: usize, device: &Device) -> Tensor<2> {
    let mut rows = vec![0.0f32; of.len() * classes];
    for (row, class) in rows.chunks_exact_mut(classes.max(1)).zip(of) {
        if let Some(place) = row.get_mut(*class as usize) {
            *place = 1.0;
        }
    }
    Tensor::from_data(TensorData::new(rows, [of.len(), classes]), device)
}

/// The same labels for a pass that is differentiated.
pub fn tracked(condition: &Condition) -> Condition {
    let lift = |t: &Option<Tensor<2>>| t.clone().map(Tensor::from_inner);
    Condition { labels: lift(&condition.labels), augment: lift(&condition.augment) }
}

/// Labels of several batches that go through a network as one.
pub fn joined(conditions: &[&Condition]) -> Condition {
    let join = |pick: fn(&Condition) -> &Option<Tensor<2>>| {
        let all: Option<Vec<Tensor<2>>> = conditions.iter().map(|c| pick(c).clone()).collect();
        all.map(|all| Tensor::cat(all, 0))
    };
    Condition { labels: join(|c| &c.labels), augment: join(|c| &c.augment) }
}
