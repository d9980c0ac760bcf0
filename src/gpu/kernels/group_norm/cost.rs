//! What a norm has to do for each of its values, as `rows` does it.

use super::{Activation, Plan};
use crate::gpu::tally::{Clock, Cost, clock};

/// Mean, variance and normalisation of a value, and the sums and the slope of its gradient.
const FORWARD: usize = 7;
const BACKWARD: usize = 9;
/// z · sigmoid(z), of which the exponential is 22; its slope, for which z is made anew.
const SILU: usize = 25;
const SILU_BACKWARD: usize = 32;

impl Plan {
    /// A clock on the norm itself: images read and written.
    pub(super) fn forward_clock(&self) -> Clock {
        match self.activation {
            Activation::None => clock("group norm", self.cost(FORWARD, 2)),
            Activation::Silu => clock("group norm + SiLU", self.cost(FORWARD + SILU, 2)),
        }
    }

    /// A clock on its gradients: images and gradients read, slopes written.
    pub(super) fn backward_clock(&self) -> Clock {
        match self.activation {
            Activation::None => clock("group norm gradient", self.cost(BACKWARD, 3)),
            Activation::Silu => clock("group norm + SiLU gradient", self.cost(BACKWARD + SILU_BACKWARD, 3)),
        }
    }

    fn cost(&self, flops: usize, numbers: usize) -> Cost {
        Cost::each(self.rows() * self.row(), flops, numbers)
    }
}
