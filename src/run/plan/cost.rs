//! What one kind of work costs.

/// After so many seconds of the work itself half of what a mean remembers is forgotten: it follows a machine that
/// others use too.
const HALF_LIFE_SECS: f64 = 60.0;

/// Seconds that a piece of work takes: the mean of late. The first of several is left out, for in it kernels are
/// chosen and memory is found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    pieces: u64,
    first: f64,
    secs: f64,
    weight: f64,
}

impl Cost {
    /// One more piece has taken `secs`.
    pub fn took(&mut self, secs: f64) {
        if self.pieces == 0 {
            self.first = secs;
        } else {
            let keep = (-secs / HALF_LIFE_SECS).exp2();
            self.secs = self.secs * keep + secs;
            self.weight = self.weight * keep + 1.0;
        }
        self.pieces += 1;
    }

    /// None before the first.
    pub fn mean(&self) -> Option<f64> {
        match self.pieces {
            0 => None,
            1 => Some(self.first),
            _ => Some(self.secs / self.weight),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_piece_counts_only_until_there_is_another() {
        let mut cost = Cost::default();
        assert_eq!(cost.mean(), None);
        cost.took(90.0);
        assert_eq!(cost.mean(), Some(90.0));
        cost.took(1.0);
        assert_eq!(cost.mean(), Some(1.0));
    }

    #[test]
    fn what_is_long_past_is_forgotten() {
        let mut cost = Cost::default();
        (0..1000).for_each(|_| cost.took(0.1));
        assert!(cost.mean().is_some_and(|mean| (mean - 0.1).abs() < 1e-9));
        // The machine is slower now, for ten half-lives.
        (0..1000).for_each(|_| cost.took(0.6));
        assert!(cost.mean().is_some_and(|mean| (mean - 0.6).abs() < 0.01), "{cost:?}");
    }
}
