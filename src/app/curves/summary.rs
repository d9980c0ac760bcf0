//! What a stretch of values comes to: all that drawing needs to know of it.

/// Extremes, sum and counts of some values. What is not finite is a gap: it counts in `len` alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    pub min: f64,
    pub max: f64,
    /// Smallest value above zero: where a logarithmic axis begins.
    pub min_positive: f64,
    /// Of the finite values.
    pub sum: f64,
    pub len: usize,
    pub finite: usize,
    pub positive: usize,
}

impl Summary {
    pub const EMPTY: Self = Self {
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
        min_positive: f64::INFINITY,
        sum: 0.0,
        len: 0,
        finite: 0,
        positive: 0,
    };

    pub fn of(value: f64) -> Self {
        if !value.is_finite() {
            return Self { len: 1, ..Self::EMPTY };
        }
        let above = value > 0.0;
        Self {
            min: value,
            max: value,
            min_positive: if above { value } else { f64::INFINITY },
            sum: value,
            len: 1,
            finite: 1,
            positive: usize::from(above),
        }
    }

    pub fn and(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            min_positive: self.min_positive.min(other.min_positive),
            sum: self.sum + other.sum,
            len: self.len + other.len,
            finite: self.finite + other.finite,
            positive: self.positive + other.positive,
        }
    }

    /// Least and greatest value that an axis can show; none where every value is a gap there.
    pub fn extremes(&self, log: bool) -> Option<[f64; 2]> {
        match log {
            true => (self.positive > 0).then_some([self.min_positive, self.max]),
            false => (self.finite > 0).then_some([self.min, self.max]),
        }
    }

    /// Whether some value has no place on the axis.
    pub fn has_gap(&self, log: bool) -> bool {
        self.len > if log { self.positive } else { self.finite }
    }

    /// Mean of the finite values.
    pub fn mean(&self) -> Option<f64> {
        (self.finite > 0).then(|| self.sum / self.finite as f64)
    }
}
