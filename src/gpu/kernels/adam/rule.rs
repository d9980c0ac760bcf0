//! A step's arithmetic, the same on all devices.

use super::AdamNumbers;

/// The step's numbers, rounded as burn rounds them, and its arithmetic in the composition's order: the two
/// give the same bits.
#[derive(Clone, Copy)]
pub struct Rule {
    pub beta1: f32,
    pub rest1: f32,
    pub beta2: f32,
    pub rest2: f32,
    pub eps: f32,
    pub rate: f32,
    pub correction2: f32,
}

impl Rule {
    pub fn of(numbers: AdamNumbers) -> Self {
        let AdamNumbers { beta1, beta2, eps, rate, correction2, bad: _ } = numbers;
        let [rest1, rest2] = [beta1, beta2].map(|beta| (1.0 - beta) as f32);
        let [beta1, beta2, eps, rate] = [beta1, beta2, eps, rate].map(|number| number as f32);
        Self { beta1, rest1, beta2, rest2, eps, rate, correction2: correction2 as f32 }
    }

    /// Moves one weight, its mean and its square by its gradient.
    #[inline(always)]
    pub fn apply(self, w: &mut f32, m: &mut f32, v: &mut f32, g: f32) {
        *m = *m * self.beta1 + g * self.rest1;
        *v = *v * self.beta2 + g * g * self.rest2;
        *w -= *m / ((*v / self.correction2).sqrt() + self.eps) * self.rate;
    }
}
