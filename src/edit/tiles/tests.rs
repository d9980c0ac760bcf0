use super::sweep::{Sheet, Sweep};
use super::*;
use crate::data::Shape;
use crate::edit::rows::Rows;
use crate::edit::{Canvas, Direct, Fit, Mode, Progress, Projector, Settings, Task, Work};

/// Adds a number of its own to every tile, 0 for the identity.
struct Shift(f32, Shape);

impl Projector for Shift {
    fn shape(&self) -> Shape {
        self.1
    }

    fn project(&self, u: &[f32]) -> Result<Vec<f32>> {
        let tiles = u.chunks(self.1.numbers()).enumerate();
        Ok(tiles.flat_map(|(i, t)| t.iter().map(move |v| v + self.0 * (i % 2) as f32)).collect())
    }
}

/// A picture that takes what f made of it as it is.
struct Plain(Vec<f32>, Vec<usize>);

impl Sheet for Plain {
    fn read(&self, rows: &Rows) -> Vec<f32> {
        rows.of(&self.0)
    }

    fn write(&mut self, rows: &Rows, made: Vec<f32>) {
        rows.put(&made, &mut self.0);
        self.1.push(rows.range.end);
    }
}

fn waves(shape: Shape) -> Vec<f32> {
    (0..shape.numbers()).map(|i| (i as f32 * 0.37).sin()).collect()
}

/// One application of `f`, in place.
fn applied(f: &Shift, shape: Shape, picture: Vec<f32>, group: usize) -> Plain {
    let mut sheet = Plain(picture, Vec::new());
    let mut sweep = Sweep::new(f.shape(), [shape.height, shape.width], group);
    let mut parts = 1;
    while !sweep.advance(f, &mut sheet).expect("it runs") {
        parts += 1;
    }
    assert_eq!(parts, sweep.parts());
    sheet
}

#[test]
fn the_identity_reproduces_pictures_of_every_size() {
    let f = Shift(0.0, Shape::square(3, 8));
    for (height, width) in [(8, 8), (9, 8), (23, 41), (3, 30), (5, 4), (64, 1), (17, 400)] {
        for group in [1, 3] {
            let shape = Shape { channels: 3, height, width };
            let picture = waves(shape);
            let Plain(out, ends) = applied(&f, shape, picture.clone(), group);
            let worst = picture.iter().zip(&out).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(out.len() == picture.len() && worst < 1e-5, "{width}×{height}: {worst}");
            assert_eq!(ends.last(), Some(&height));
            assert!(ends.iter().all(|end| end % group == 0 || *end == height), "{ends:?}");
        }
    }
}

/// Neighbouring tiles that disagree by 1 make slopes, not steps.
#[test]
fn seams_are_blended() {
    let f = Shift(1.0, Shape::square(1, 16));
    let shape = Shape { channels: 1, height: 16, width: 40 };
    let Plain(out, _) = applied(&f, shape, vec![0.0; 640], 1);
    assert!(out.iter().any(|v| *v < 0.05) && out.iter().any(|v| *v > 0.95));
    for row in out.chunks(40) {
        let steepest = row.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(steepest < 0.25, "{steepest}: {row:?}");
    }
}

#[test]
fn huge_pictures_are_refused_with_a_remedy() {
    for (height, width) in [(MOST_PIXELS / 2048 + 1, 2048), (0, 8), (usize::MAX, 2)] {
        let error = check_size(height, width).expect_err("too large");
        assert!(error.remedy.is_some_and(|r| r.contains("--fit resize")));
    }
    check_size(9000, 12_000).expect("a large photograph");
}

/// A picture of one tile is the same whether it is taken as a whole or in place, in every way to edit.
#[test]
fn one_tile_in_place_is_the_whole_picture() {
    let own = Shape::square(3, 8);
    let picture = image::RgbImage::from_fn(8, 8, |x, y| image::Rgb([x as u8 * 30, y as u8 * 30, 99]));
    let holes = image::GrayImage::from_fn(8, 8, |x, _| image::Luma([if x < 3 { 255 } else { 0 }]));
    let canvas = || Canvas::new(&picture, Some(&holes), own, Fit::Tiles).expect("it fits");
    let sigmas = vec![2.0, 0.5, 0.002];
    let constrained = |task| Mode::Constrained { task, sigmas: sigmas.clone() };
    for mode in [
        Mode::Direct(Direct { steps: 2, noise_sigma: 0.0, strength_sigma: 0.0 }),
        Mode::Direct(Direct { steps: 3, noise_sigma: 0.2, strength_sigma: 0.7 }),
        constrained(Task::Inpaint),
        constrained(Task::Colourise),
        constrained(Task::SuperResolve { patch: 3 }),
    ] {
        let settings = Settings { mode, fit: Fit::Tiles, seed: 3, picture: 1, class: None };
        let f = Half(own);
        let mut whole = Work::new(canvas(), &settings, own).expect("it begins");
        let want = made(|| whole.advance(&f));
        let mut in_tiles = InTiles::new(canvas(), &settings, own).expect("it begins");
        let got = made(|| in_tiles.advance(&f));
        let worst = got.numbers.iter().zip(&want.numbers).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "{settings:?}: {worst}");
        assert_eq!(got.projection.moved_rms.len(), want.projection.moved_rms.len());
        let pairs = got.projection.moved_rms.iter().zip(&want.projection.moved_rms);
        assert!(pairs.clone().all(|(a, b)| (a - b).abs() < 1e-5), "{settings:?}: {pairs:?}");
        let again = got.projection.idempotence_rms - want.projection.idempotence_rms;
        assert!(again.abs() < 1e-5 && got.projection.idempotence_rms > 0.0, "{settings:?}");
        assert_eq!(got.projection.before, want.projection.before);
        assert_eq!(got.given.iter().collect::<Vec<_>>(), want.given.iter().collect::<Vec<_>>());
    }
}

/// Halves every number.
struct Half(Shape);

impl Projector for Half {
    fn shape(&self) -> Shape {
        self.0
    }

    fn project(&self, u: &[f32]) -> Result<Vec<f32>> {
        Ok(u.iter().map(|v| v / 2.0).collect())
    }
}

fn made(mut advance: impl FnMut() -> Result<Progress>) -> crate::edit::Made {
    loop {
        if let Progress::Result(made) = advance().expect("it runs") {
            return made;
        }
    }
}
