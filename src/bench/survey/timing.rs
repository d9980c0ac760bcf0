//! Seconds of something that was repeated.

use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::bench::Spread;
use crate::error::{Error, Kind, Result};
use crate::gpu;

/// Repeats that are not counted: kernels are compiled and tuned, memory comes to the pool.
const WARM_UP: usize = 2;

/// The middle and the ends of the repeats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    pub median_seconds: f64,
    pub min_seconds: f64,
    pub max_seconds: f64,
    pub repeats: usize,
}

impl Timing {
    /// Of one repeat or more.
    pub fn of(secs: &[f64]) -> Self {
        let Spread { median, min, max } = Spread::of(secs);
        Self { median_seconds: median, min_seconds: min, max_seconds: max, repeats: secs.len() }
    }

    /// So many of something that was done once in the median time, a second.
    pub fn rate(&self, amount: f64) -> f64 {
        amount / self.median_seconds
    }
}

/// How often something is repeated at the most, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Repeats {
    pub most: usize,
    /// No further repeat begins after so many seconds of them.
    pub secs: f64,
}

/// Times `work`, which ends when the device has done it and does the same `times` times; `prepare` is not timed. At
/// least one repeat.
pub fn timed<T>(
    repeats: Repeats,
    times: usize,
    mut prepare: impl FnMut() -> Result<T>,
    mut work: impl FnMut(T) -> Result<()>,
) -> Result<Timing> {
    for _ in 0..WARM_UP {
        work(prepare()?)?;
    }
    let (clock, mut secs) = (Instant::now(), Vec::new());
    while secs.is_empty() || secs.len() < repeats.most && clock.elapsed().as_secs_f64() < repeats.secs {
        let prepared = prepare()?;
        let began = Instant::now();
        work(prepared)?;
        // A clock of coarse steps must not make a rate infinite.
        secs.push(began.elapsed().as_secs_f64().max(1e-9) / times as f64);
    }
    Ok(Timing::of(&secs))
}

/// Varied numbers of about 1, which cost little to make: no rate depends on which they are.
pub fn numbers<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> =
        (0..shape.iter().product::<usize>()).map(|i| (i % 13) as f32 * 0.15 - 0.9).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// What a driver said when it refused something.
pub fn refused(words: &str) -> Error {
    gpu::device_error(words)
        .unwrap_or_else(|| Error::new(Kind::Device, format!("the device did not do it: {words}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn warm_up_and_preparing_are_not_counted() {
        let (prepared, worked) = (Cell::new(0usize), Cell::new(0usize));
        let prepare = || {
            prepared.set(prepared.get() + 1);
            Ok(prepared.get())
        };
        let work = |number: usize| {
            worked.set(worked.get() + 1);
            assert_eq!(number, worked.get(), "prepared just before");
            Ok(())
        };
        let timing = timed(Repeats { most: 3, secs: 60.0 }, 4, prepare, work).expect("it works");
        assert_eq!((timing.repeats, worked.get()), (3, 3 + WARM_UP));
        assert!(0.0 < timing.min_seconds && timing.min_seconds <= timing.median_seconds);
        assert!(timing.median_seconds <= timing.max_seconds && timing.rate(1.0) > 0.0);
        let once = timed(Repeats { most: 3, secs: 0.0 }, 1, || Ok(()), |()| Ok(())).expect("it works");
        assert_eq!(once.repeats, 1);
    }
}
