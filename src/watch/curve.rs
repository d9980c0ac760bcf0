//! One number of one stage over its images, in bounded memory.

use crate::recipe::Stage;

/// Points that are kept: more than a chart has columns.
const MOST_POINTS: usize = 1024;

/// Largest by smallest value from which on powers of ten show more than the values.
const WIDE: f64 = 30.0;

/// Every value that was read, neighbours averaged where there are too many.
#[derive(Clone, Debug)]
pub struct Curve {
    pub stage: Stage,
    pub name: String,
    /// What it was last measured under; none for a loss. Conditions may say something of each
    /// measurement, so they do not tell curves apart.
    pub conditions: Option<String>,
    /// The last value, NaN where it was not finite.
    pub latest: f64,
    pub latest_kimg: f64,
    points: Vec<[f64; 2]>,
    /// Values behind each point, and those of the point in the making.
    stride: usize,
    bin: Vec<[f64; 2]>,
}

impl Curve {
    pub fn new(stage: Stage, name: &str) -> Self {
        Self {
            stage,
            name: name.to_string(),
            conditions: None,
            latest: f64::NAN,
            latest_kimg: 0.0,
            points: Vec::new(),
            stride: 1,
            bin: Vec::new(),
        }
    }

    pub fn push(&mut self, kimg: f64, value: f64) {
        (self.latest, self.latest_kimg) = (value, kimg);
        self.bin.push([kimg, value]);
        if self.bin.len() < self.stride {
            return;
        }
        self.points.push(mean(&self.bin));
        self.bin.clear();
        if self.points.len() >= MOST_POINTS {
            self.points = self.points.chunks(2).map(mean).collect();
            self.stride *= 2;
        }
    }

    /// kimg and value; a value that was not finite makes its whole point NaN, so that it stays visible.
    pub fn points(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        let last = (!self.bin.is_empty()).then(|| mean(&self.bin));
        self.points.iter().copied().chain(last)
    }

    /// Smallest and largest value; none where no value is finite.
    pub fn range(&self) -> Option<(f64, f64)> {
        let finite = self.points().map(|[_, y]| y).filter(|y| y.is_finite());
        finite.fold(None, |range, y| {
            let (low, high) = range.unwrap_or((y, y));
            Some((y.min(low), y.max(high)))
        })
    }

    /// Whether a logarithmic axis fits.
    pub fn is_wide(&self) -> bool {
        self.range().is_some_and(|(low, high)| low > 0.0 && high / low >= WIDE)
    }
}

fn mean(points: &[[f64; 2]]) -> [f64; 2] {
    let of = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64;
    let value = of(1);
    [of(0), if value.is_finite() { value } else { f64::NAN }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_stays_small_and_loses_nothing() {
        let mut curve = Curve::new(Stage::Sid, "sid");
        let count = 1_000_003;
        for i in 0..count {
            curve.push(f64::from(i), f64::from(i % 10));
        }
        let points: Vec<_> = curve.points().collect();
        assert!(points.len() <= MOST_POINTS && points.len() > MOST_POINTS / 4, "{}", points.len());
        let mean = points.iter().map(|p| p[1]).sum::<f64>() / points.len() as f64;
        assert!((mean - 4.5).abs() < 0.02, "mean {mean}");
        assert!(points.windows(2).all(|pair| pair[0][0] < pair[1][0]), "kimg must rise");
        assert_eq!((curve.latest, curve.latest_kimg), (2.0, f64::from(count - 1)));
    }

    #[test]
    fn a_bad_value_stays_a_gap() {
        let mut curve = Curve::new(Stage::Sid, "sid");
        for i in 0..3 * MOST_POINTS {
            curve.push(i as f64, if i == 10 { f64::NAN } else { 1.0 });
        }
        assert_eq!(curve.points().filter(|p| p[1].is_nan()).count(), 1);
        assert_eq!(curve.range(), Some((1.0, 1.0)));
        assert!(!curve.is_wide());
        curve.push(1e9, f64::INFINITY);
        assert!(curve.points().all(|p| p[1].is_nan() || p[1] == 1.0));
    }
}
