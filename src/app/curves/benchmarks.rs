//! The window's curves: what appending a million values costs, and what drawing them costs in a frame.

use std::hint::black_box;

use eframe::egui::{Context, Pos2, RawInput, Rect, vec2};

use super::Curves;
use super::measure::Measure;
use super::moment::{Moment, XAxis};
use super::series::Series;
use super::sketch::Frame;
use crate::bench::{Benchmark, Build, Member};
use crate::random::{Random, Stream};
use crate::run::message::{Left, Message, Progress, Stage};

/// Values of the curve.
const VALUES: usize = 1_000_000;

/// Pixel columns of a chart that fills half a large screen.
const COLUMNS: usize = 1280;

/// Share of the curve that each point of the average covers.
const AVERAGE_OVER: f64 = 0.03;

/// A value in so many is not a number.
const GAP_EVERY: usize = 99_991;

/// The losses of the pane that is measured whole, and their sizes: curves that do not cover each other.
const LOSSES: [(&str, f64); 3] = [("rec", 1.0), ("flow", 0.1), ("idem", 10.0)];

/// Frames that one reading of the clock covers.
const FRAMES: usize = 32;

/// Frames of a part of the curve: its name, and which share of it is seen.
const ZOOMS: [(&str, [f64; 2]); 3] = [("whole", [0.0, 1.0]), ("tenth", [0.45, 0.55]), ("few", [0.5, 0.5005])];

/// What `signet bench` measures of the window: `curves/WHAT/PART`.
pub fn benchmarks() -> Vec<Benchmark> {
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
                    black_box(frame.average(black_box(&series), AVERAGE_OVER * kimg));
                }
                Ok(())
            }))
        });
        benchmark(&format!("curves/frame/{name}"), FRAMES, build)
    });
    let append = benchmark("curves/append/whole", 1, append);
    let pane = benchmark("curves/pane/whole", 1, pane());
    std::iter::once(append).chain(frames).chain(std::iter::once(pane)).collect()
}

/// The whole pane for one frame, from its widgets to triangles: what the window's thread spends before the
/// graphics card begins.
fn pane() -> Build {
    Box::new(|_| {
        let values = noise();
        let mut curves = Curves::new();
        for (step, value) in (1..).zip(&values) {
            let at = Progress {
                stage: Stage::Sign,
                step,
                kimg: step as f64 * KIMG_A_STEP,
                stage_kimg: VALUES as f64 * KIMG_A_STEP,
                elapsed_secs: step as f64 * 0.1,
            };
            let losses = LOSSES.map(|(name, factor)| (name, (value * factor) as f32)).to_vec();
            curves.receive(&Message::Step { at, losses, images_per_sec: 640.0, left: Left::alone(1.0) });
        }
        let ctx = Context::default();
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(COLUMNS as f32, 720.0));
        Ok(Box::new(move || {
            let input = RawInput { screen_rect: Some(screen), ..Default::default() };
            let output = ctx.run_ui(input, |ui| curves.show(ui));
            black_box(ctx.tessellate(output.shapes, output.pixels_per_point));
            Ok(())
        }))
    })
}

fn benchmark(name: &str, times_a_pass: usize, build: Build) -> Benchmark {
    Benchmark {
        name: name.to_owned(),
        images: None,
        shape: format!("{VALUES} values, {COLUMNS} columns"),
        large: false,
        torch: None,
        moved_bytes: None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{self, Event, Options};
    use crate::gpu::{self, DeviceSpec};

    /// The curves are drawn. How fast is for the table to say: a test would judge the machine's load.
    #[test]
    fn curves_are_measured_at_a_million_values() {
        let opened = gpu::open(&DeviceSpec::Cpu).expect("the CPU is always there");
        let options = Options { only: vec!["curves".into()], repeats: 2, max_secs: 10.0, batch: None };
        let mut measured = Vec::new();
        bench::run(&opened, &options, benchmarks(), &mut |event| {
            if let Event::Measured(measurement) = event {
                measured.push(*measurement);
            }
        })
        .expect("it runs");
        for name in ["append/whole", "frame/whole", "frame/tenth", "frame/few", "pane/whole"] {
            let name = format!("curves/{name}");
            let one = measured.iter().find(|m| m.name == name).unwrap_or_else(|| panic!("{name} is missing"));
            assert!(one.shape.starts_with("1000000 values") && one.images_per_sec.is_none(), "{}", one.shape);
            assert!(one.median_secs > 0.0, "{name}");
        }
    }
}
