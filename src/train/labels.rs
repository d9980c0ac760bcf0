//! Class labels as networks take them.

use burn::tensor::Tensor;

use crate::model::Condition;

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
