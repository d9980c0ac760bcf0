//! A canvas that shapes are painted on, one over the other, with smooth edges.

use super::colour::{Colour, mix};
use super::shape::{Point, Shape, at};

/// Samples along a pixel's side; each also softens its own edge.
const SAMPLES: usize = 2;

/// A square from (-1, -1), top left, to (1, 1), bottom right.
pub struct Canvas {
    /// Samples along the side.
    side: usize,
    samples: Vec<Colour>,
}

/// Where a thing stands: its own (0, 0), size, tilt and whether it looks to the left.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    origin: Point,
    scale: f32,
    cos: f32,
    sin: f32,
    mirror: f32,
}

impl Frame {
    /// The canvas itself.
    pub const CANVAS: Frame = Frame { origin: at(0.0, 0.0), scale: 1.0, cos: 1.0, sin: 0.0, mirror: 1.0 };

    pub fn new(origin: Point, scale: f32) -> Self {
        Self { origin, scale, ..Self::CANVAS }
    }

    /// Turned clockwise by the angle whose half has the tangent `t` (no sine needed).
    pub fn tilted(self, t: f32) -> Self {
        Self { cos: (1.0 - t * t) / (1.0 + t * t), sin: 2.0 * t / (1.0 + t * t), ..self }
    }

    /// Mirrored if `side` is -1.
    pub fn facing(self, side: f32) -> Self {
        Self { mirror: side, ..self }
    }

    /// -1 where left and right are exchanged, otherwise 1.
    pub fn mirror(&self) -> f32 {
        self.mirror
    }

    fn to_local(self, p: Point) -> Point {
        let (x, y) = ((p.x - self.origin.x) / self.scale, (p.y - self.origin.y) / self.scale);
        at((self.cos * x + self.sin * y) * self.mirror, self.cos * y - self.sin * x)
    }

    fn to_canvas(self, p: Point) -> Point {
        let (x, y) = (p.x * self.mirror * self.scale, p.y * self.scale);
        at(self.cos * x - self.sin * y + self.origin.x, self.sin * x + self.cos * y + self.origin.y)
    }
}

impl Canvas {
    /// A black canvas of `size`×`size` pixels.
    pub fn new(size: usize) -> Self {
        let side = size * SAMPLES;
        Self { side, samples: vec![[0.0; 3]; side * side] }
    }

    /// Paints everywhere.
    pub fn flood(&mut self, ink: impl Fn(Point) -> Colour) {
        for i in 0..self.samples.len() {
            self.samples[i] = ink(self.place(i % self.side, i / self.side));
        }
    }

    /// Paints `shape`, standing in `frame`, with an ink that knows the place within the frame.
    pub fn fill(&mut self, frame: &Frame, shape: &Shape, ink: impl Fn(Point) -> Colour) {
        self.blend(frame, shape, |p| (ink(p), 1.0));
    }

    /// Paints `shape` with an ink that is a colour and how much of it hides what is below.
    pub fn blend(&mut self, frame: &Frame, shape: &Shape, ink: impl Fn(Point) -> (Colour, f32)) {
        let texel = 2.0 / self.side as f32;
        let ((left, right), (top, bottom)) = self.reach(frame, shape);
        for row in top..bottom {
            for column in left..right {
                let p = frame.to_local(self.place(column, row));
                let covered = 0.5 - shape.distance(p) * frame.scale / texel;
                if covered > 0.0 {
                    let (colour, opacity) = ink(p);
                    let sample = &mut self.samples[row * self.side + column];
                    *sample = mix(*sample, colour, covered.min(1.0) * opacity);
                }
            }
        }
    }

    /// The picture as bytes, 3×H×W.
    pub fn into_planes(self) -> Vec<u8> {
        let size = self.side / SAMPLES;
        let mut planes = Vec::with_capacity(3 * size * size);
        for c in 0..3 {
            for (y, x) in (0..size).flat_map(|y| (0..size).map(move |x| (y, x))) {
                let mut sum = 0.0;
                for (j, i) in (0..SAMPLES).flat_map(|j| (0..SAMPLES).map(move |i| (j, i))) {
                    sum += self.samples[(y * SAMPLES + j) * self.side + x * SAMPLES + i][c];
                }
                planes.push((sum * 255.0 / (SAMPLES * SAMPLES) as f32 + 0.5) as u8);
            }
        }
        planes
    }

    /// Middle of a sample.
    fn place(&self, column: usize, row: usize) -> Point {
        let along = |i: usize| (2 * i + 1) as f32 / self.side as f32 - 1.0;
        at(along(column), along(row))
    }

    /// Columns and rows that a shape can touch.
    fn reach(&self, frame: &Frame, shape: &Shape) -> ((usize, usize), (usize, usize)) {
        let (low, high) = shape.bounds();
        let corners = [low, at(high.x, low.y), high, at(low.x, high.y)].map(|corner| frame.to_canvas(corner));
        let span = |of: fn(&Point) -> f32| {
            let least = corners.iter().map(of).fold(f32::MAX, f32::min);
            let most = corners.iter().map(of).fold(f32::MIN, f32::max);
            let sample = |v: f32| ((v + 1.0) * 0.5 * self.side as f32).clamp(0.0, self.side as f32);
            // One sample more on each side, for the soft edge.
            ((sample(least) - 1.0).max(0.0) as usize, (sample(most) as usize + 2).min(self.side))
        };
        (span(|p| p.x), span(|p| p.y))
    }
}

#[cfg(test)]
mod tests {
    use super::super::colour::WHITE;
    use super::super::shape::{convex, disc};
    use super::*;

    fn red(canvas: Canvas) -> Vec<u8> {
        let planes = canvas.into_planes();
        planes[..planes.len() / 3].to_vec()
    }

    #[test]
    fn a_pixel_is_as_bright_as_it_is_covered() {
        // The left half of an 8×8 canvas and a quarter of the next column.
        let mut canvas = Canvas::new(8);
        let half = convex([(-2.0, -2.0), (0.0625, -2.0), (0.0625, 2.0), (-2.0, 2.0)]);
        canvas.fill(&Frame::CANVAS, &half, |_| WHITE);
        let row = &red(canvas)[..8];
        assert_eq!((row[3], row[5]), (255, 0));
        assert!((60..=68).contains(&row[4]), "{row:?}");
    }

    #[test]
    fn a_frame_moves_scales_and_mirrors() {
        let dot = disc(at(0.5, 0.0), 0.1);
        let painted = |frame: &Frame| {
            let mut canvas = Canvas::new(16);
            canvas.fill(frame, &dot, |_| WHITE);
            red(canvas).iter().position(|value| *value == 255).unwrap()
        };
        // Row 8 lies just below the middle; a tilt of t = 1 is a quarter turn clockwise.
        let base = Frame::new(at(0.0625, 0.0625), 1.0);
        let (right, left, down) = (painted(&base), painted(&base.facing(-1.0)), painted(&base.tilted(1.0)));
        assert_eq!((right % 16, right / 16), (12, 8));
        assert_eq!((left % 16, left / 16), (4, 8));
        assert_eq!((down % 16, down / 16), (8, 12));
    }
}
