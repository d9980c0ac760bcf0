//! The window's curves: what appending a million values costs, and what drawing them costs in a frame.

use std::hint::black_box;

use super::benchmark::{Benchmark, Member};
use super::clock::Build;
use crate::app::curves::measure::Measure;
use crate::app::curves::moment::{Moment, XAxis};
use crate::app::curves::series::Series;
use crate::app::curves::sketch::Frame;
use crate::random::{Random, Stream};

/// Values of the curve.
const VALUES: usize = 1_000_000;

/// Pixel columns of a chart that fills half a large screen.
const COLUMNS: usize = 1280;

/// Values behind each point of the average.
const AVERAGE_OVER: usize = 1000;

/// A value in so many is not a number.
const GAP_EVERY: usize = 99_991;

/// Frames that one reading of the clock covers.
const FRAMES: usize = 32;

/// Frames of a part of the curve: its name, and which share of it is seen.
const ZOOMS: [(&str, [f64; 2]); 3] = [("whole", [0.0, 1.0]), ("tenth", [0.45, 0.55]), ("few", [0.5, 0.5005])];

pub fn benchmarks() -> impl Iterator<Item = Benchmark> {
    let append: Build = Box::new(|_| {
        let values = noise();
        Ok(Box::new(move || {
            black_box(series(&values));
            Ok(())
        }))
    });
    let frames = ZOOMS.into_iter().map(|(name, share)| {
        let build: Build = Box::new(move |_| {
            let series = series(&noise());
            let kimg = VALUES as f64 * KIMG_A_STEP;
            let frame =
                Frame { axis: XAxis::Kimg, x: share.map(|share| share * kimg), columns: COLUMNS, log: true };
            Ok(Box::new(move || {
                for _ in 0..FRAMES {
                    black_box(frame.sketch(black_box(&series)));
                    black_box(frame.average(black_box(&series), AVERAGE_OVER));
                }
                Ok(())
            }))
        });
        benchmark(&format!("curves/frame/{name}"), FRAMES, build)
    });
    std::iter::once(benchmark("curves/append/whole", 1, append)).chain(frames)
}

fn benchmark(name: &str, times_a_pass: usize, build: Build) -> Benchmark {
    Benchmark {
        name: name.to_owned(),
        images: None,
        shape: format!("{VALUES} values, {COLUMNS} columns"),
        large: false,
        torch: None,
        times_a_pass,
        members: vec![Member { variant: None, build }],
    }
}

const KIMG_A_STEP: f64 = 0.064;

fn noise() -> Vec<f64> {
    let normals = Random::new(0, Stream::SelfTest).normals(0, 0, VALUES);
    let value = |(i, v): (usize, f32)| if i % GAP_EVERY == 7 { f64::NAN } else { f64::from(v).exp() };
    normals.into_iter().enumerate().map(value).collect()
}

fn series(values: &[f64]) -> Series {
    let mut series = Series::new("sign", Measure::of_step("rec"));
    for (step, value) in values.iter().enumerate() {
        let kimg = step as f64 * KIMG_A_STEP;
        series.push(Moment { step: step as u64, kimg, secs: step as f64 * 0.1 }, *value);
    }
    series
}
