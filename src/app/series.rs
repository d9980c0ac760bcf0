//! A curve of any length in bounded memory: when it is full, neighbours are averaged two by two.

/// Points a curve keeps: more than a screen has columns, and few enough to draw in every frame.
pub const MAX_POINTS: usize = 4096;

/// One named curve over kimg. A value that is not finite is kept as a gap.
#[derive(Clone, Debug)]
pub struct Series {
    pub name: String,
    points: Vec<[f64; 2]>,
    /// Measured values behind each point.
    stride: usize,
    /// The point in the making.
    bin: Bin,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    x_sum: f64,
    y_sum: f64,
    count: usize,
}

impl Series {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), points: Vec::new(), stride: 1, bin: Bin::default() }
    }

    /// Adds the value `y` measured at `x`; an `x` that is not finite has no place and is left out.
    pub fn push(&mut self, x: f64, y: f64) {
        if !x.is_finite() {
            return;
        }
        self.bin.x_sum += x;
        // An infinity counts as a gap like NaN; either makes the whole bin a gap, so that a bad step
        // stays visible however long the run.
        self.bin.y_sum += if y.is_finite() { y } else { f64::NAN };
        self.bin.count += 1;
        if self.bin.count < self.stride {
            return;
        }
        let count = self.bin.count as f64;
        self.points.push([self.bin.x_sum / count, self.bin.y_sum / count]);
        self.bin = Bin::default();
        if self.points.len() >= MAX_POINTS {
            self.halve();
        }
    }

    /// Averages the points two by two.
    fn halve(&mut self) {
        let mean = |pair: &[[f64; 2]]| {
            let count = pair.len() as f64;
            [0, 1].map(|axis| pair.iter().map(|point| point[axis]).sum::<f64>() / count)
        };
        self.points = self.points.chunks(2).map(mean).collect();
        self.stride *= 2;
    }

    /// The last finite value.
    pub fn latest(&self) -> Option<f64> {
        self.points.iter().rev().map(|point| point[1]).find(|y| y.is_finite())
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The unbroken stretches of the curve, on a base 10 logarithmic scale if `log` (values that are
    /// not positive are gaps there).
    pub fn stretches(&self, log: bool) -> Vec<Vec<[f64; 2]>> {
        let scaled = self.points.iter().map(|&[x, y]| [x, if log { y.log10() } else { y }]);
        let mut stretches = vec![Vec::new()];
        for point in scaled {
            if !point[1].is_finite() {
                stretches.push(Vec::new());
            } else if let Some(stretch) = stretches.last_mut() {
                stretch.push(point);
            }
        }
        stretches.retain(|stretch| !stretch.is_empty());
        stretches
    }
}

/// Exponential moving average of a stretch over about `window` points.
pub fn smooth(stretch: &[[f64; 2]], window: f64) -> Vec<[f64; 2]> {
    let keep = (-1.0 / window.max(1.0)).exp();
    let (mut sum, mut weight) = (0.0, 0.0);
    let average = |&[x, y]: &[f64; 2]| {
        // Dividing by the summed weights takes out the pull towards the start.
        (sum, weight) = (keep * sum + (1.0 - keep) * y, keep * weight + (1.0 - keep));
        [x, sum / weight]
    };
    stretch.iter().map(average).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_stays_small_and_keeps_its_mean() {
        let mut series = Series::new("loss");
        for i in 0..100_000 {
            series.push(f64::from(i), f64::from(i % 10));
        }
        let points = &series.stretches(false)[0];
        assert!(points.len() < MAX_POINTS && points.len() > MAX_POINTS / 4, "{} points", points.len());
        let mean = points.iter().map(|point| point[1]).sum::<f64>() / points.len() as f64;
        assert!((mean - 4.5).abs() < 0.02, "mean {mean}");
        assert!(points.windows(2).all(|pair| pair[0][0] < pair[1][0]), "kimg must rise");
    }

    #[test]
    fn what_is_not_finite_is_a_gap() {
        let mut series = Series::new("loss");
        for (x, y) in [(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (f64::NAN, 9.0), (3.0, f64::INFINITY)] {
            series.push(x, y);
        }
        assert_eq!(series.stretches(false), vec![vec![[0.0, 1.0]], vec![[2.0, 3.0]]]);
        assert_eq!(series.latest(), Some(3.0));
    }

    #[test]
    fn a_gap_survives_averaging() {
        let mut series = Series::new("loss");
        for i in 0..3 * MAX_POINTS {
            series.push(i as f64, if i == 10 { f64::NAN } else { 1.0 });
        }
        assert_eq!(series.stretches(false).len(), 2);
    }

    #[test]
    fn a_logarithmic_scale_leaves_out_what_has_no_logarithm() {
        let mut series = Series::new("loss");
        for (x, y) in [(0.0, 100.0), (1.0, -1.0), (2.0, 0.0), (3.0, 0.1)] {
            series.push(x, y);
        }
        assert_eq!(series.stretches(true), vec![vec![[0.0, 2.0]], vec![[3.0, -1.0]]]);
    }

    #[test]
    fn smoothing_keeps_a_constant() {
        let smoothed = smooth(&[[0.0, 2.0], [1.0, 2.0], [2.0, 2.0]], 50.0);
        assert!(smoothed.iter().all(|point| (point[1] - 2.0).abs() < 1e-12));
    }
}
