//! Autodiff's part: the gradients that go either way.

use burn::backend::TensorMetadata;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;

use super::super::differentiable::{Slopes, record};
use super::JointOps;

impl<B: JointOps, C: CheckpointStrategy> JointOps for Autodiff<B, C> {
    fn scaled_sum(a: FloatTensor<Self>, b: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        let ((a, a_node), (b, b_node)) = (a.into_parts(), b.into_parts());
        record::<B, C, _, 2>([a_node, b_node], B::scaled_sum(a, b, scale), ScaledSum { scale })
    }

    fn shifted(x: FloatTensor<Self>, shift: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((x, x_node), (shift, shift_node)) = (x.into_parts(), shift.into_parts());
        record::<B, C, _, 2>([x_node, shift_node], B::shifted(x, shift), Shifted)
    }

    fn joined(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((a, a_node), (b, b_node)) = (a.into_parts(), b.into_parts());
        let kept = Joined { channels: a.shape()[1] };
        record::<B, C, _, 2>([a_node, b_node], B::joined(a, b), kept)
    }

    // The slopes themselves stay differentiable, burn's own: the trait's default bodies.
}

#[derive(Clone, Debug)]
struct ScaledSum {
    scale: f64,
}

impl<B: JointOps> Slopes<B, 2> for ScaledSum {
    fn slopes(self, gradient: FloatTensor<B>, wanted: [bool; 2]) -> [Option<FloatTensor<B>>; 2] {
        let slope = B::scaled(gradient, self.scale);
        wanted.map(|wanted| wanted.then(|| slope.clone()))
    }
}

#[derive(Clone, Debug)]
struct Shifted;

impl<B: JointOps> Slopes<B, 2> for Shifted {
    fn slopes(self, gradient: FloatTensor<B>, wanted: [bool; 2]) -> [Option<FloatTensor<B>>; 2] {
        let sums = wanted[1].then(|| B::channel_sums(gradient.clone()));
        [Some(gradient), sums]
    }
}

#[derive(Clone, Debug)]
struct Joined {
    /// Those of the first image.
    channels: usize,
}

impl<B: JointOps> Slopes<B, 2> for Joined {
    fn slopes(self, gradient: FloatTensor<B>, _wanted: [bool; 2]) -> [Option<FloatTensor<B>>; 2] {
        let (a, b) = B::parted(gradient, self.channels);
        [Some(a), Some(b)]
    }
}
