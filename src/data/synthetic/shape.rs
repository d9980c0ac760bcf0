//! Shapes as signed distances: negative inside, positive outside, in the units of their place.

/// A place: x to the right, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

pub const fn at(x: f32, y: f32) -> Point {
    Point { x, y }
}

/// Smallest and largest corner of an upright rectangle.
pub type Bounds = (Point, Point);

#[derive(Clone, Debug)]
pub enum Shape {
    /// Centre, half the width, half the height.
    Oval(Point, f32, f32),
    /// Centre, half the width, half the height, radius of the corners.
    Slab(Point, f32, f32, f32),
    /// Corners of a convex polygon in clockwise order, as seen with y down.
    Convex(Vec<Point>),
    /// Ends and radius of a line with round ends.
    Stroke(Point, Point, f32),
    /// What lies in either shape.
    Either(Box<Shape>, Box<Shape>),
    /// What lies in both shapes.
    Both(Box<Shape>, Box<Shape>),
    /// The first shape without the second.
    Without(Box<Shape>, Box<Shape>),
}

pub fn disc(centre: Point, radius: f32) -> Shape {
    Shape::Oval(centre, radius, radius)
}

pub fn convex<const N: usize>(corners: [(f32, f32); N]) -> Shape {
    Shape::Convex(corners.into_iter().map(|(x, y)| at(x, y)).collect())
}

impl Shape {
    pub fn or(self, other: Shape) -> Shape {
        Shape::Either(Box::new(self), Box::new(other))
    }

    pub fn and(self, other: Shape) -> Shape {
        Shape::Both(Box::new(self), Box::new(other))
    }

    pub fn without(self, other: Shape) -> Shape {
        Shape::Without(Box::new(self), Box::new(other))
    }

    /// Signed distance of `p`: exact near the edge, where it decides how much of a pixel is covered.
    pub fn distance(&self, p: Point) -> f32 {
        match self {
            Shape::Oval(c, rx, ry) => {
                let (x, y) = ((p.x - c.x) / rx, (p.y - c.y) / ry);
                let inside = length(x, y);
                if inside < 1e-3 {
                    // The slope vanishes in the middle.
                    return -rx.min(*ry);
                }
                // First order: value over slope.
                (inside - 1.0) * inside / length(x / rx, y / ry)
            }
            Shape::Slab(c, w, h, round) => {
                let (x, y) = ((p.x - c.x).abs() - w + round, (p.y - c.y).abs() - h + round);
                length(x.max(0.0), y.max(0.0)) + x.max(y).min(0.0) - round
            }
            Shape::Convex(corners) => {
                let next = corners.iter().cycle().skip(1);
                corners.iter().zip(next).fold(f32::MIN, |most, (a, b)| {
                    let (x, y) = (b.x - a.x, b.y - a.y);
                    most.max(((p.x - a.x) * y - (p.y - a.y) * x) / length(x, y).max(1e-6))
                })
            }
            Shape::Stroke(a, b, radius) => {
                let (x, y) = (b.x - a.x, b.y - a.y);
                let along = ((p.x - a.x) * x + (p.y - a.y) * y) / (x * x + y * y).max(1e-6);
                let along = along.clamp(0.0, 1.0);
                length(p.x - a.x - along * x, p.y - a.y - along * y) - radius
            }
            Shape::Either(one, other) => one.distance(p).min(other.distance(p)),
            Shape::Both(one, other) => one.distance(p).max(other.distance(p)),
            Shape::Without(one, other) => one.distance(p).max(-other.distance(p)),
        }
    }

    /// A rectangle around the shape.
    pub fn bounds(&self) -> Bounds {
        match self {
            Shape::Oval(c, w, h) | Shape::Slab(c, w, h, _) => (at(c.x - w, c.y - h), at(c.x + w, c.y + h)),
            Shape::Convex(corners) => {
                corners.iter().map(|p| (*p, *p)).reduce(around).unwrap_or((at(0.0, 0.0), at(0.0, 0.0)))
            }
            Shape::Stroke(a, b, r) => {
                let (low, high) = around((*a, *a), (*b, *b));
                (at(low.x - r, low.y - r), at(high.x + r, high.y + r))
            }
            Shape::Either(one, other) => around(one.bounds(), other.bounds()),
            Shape::Both(one, _) | Shape::Without(one, _) => one.bounds(),
        }
    }
}

fn around(a: Bounds, b: Bounds) -> Bounds {
    (at(a.0.x.min(b.0.x), a.0.y.min(b.0.y)), at(a.1.x.max(b.1.x), a.1.y.max(b.1.y)))
}

fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_negative_inside_and_true_near_the_edge() {
        let shapes = [
            disc(at(0.0, 0.0), 0.5),
            Shape::Slab(at(0.0, 0.0), 0.5, 0.3, 0.1),
            convex([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]),
            Shape::Stroke(at(-0.3, 0.0), at(0.3, 0.0), 0.2),
        ];
        for shape in shapes {
            assert!(shape.distance(at(0.0, 0.0)) < 0.0, "{shape:?}");
            assert!((shape.distance(at(0.5, 0.0))).abs() < 1e-5, "{shape:?}");
            assert!((shape.distance(at(0.6, 0.0)) - 0.1).abs() < 0.03, "{shape:?}");
            let (low, high) = shape.bounds();
            assert!((low.x + 0.5).abs() < 1e-6 && (high.x - 0.5).abs() < 1e-6);
        }
    }

    #[test]
    fn shapes_combine() {
        let (left, right) = (disc(at(-0.2, 0.0), 0.4), disc(at(0.2, 0.0), 0.4));
        let [only_left, middle] = [at(-0.5, 0.0), at(0.0, 0.0)];
        assert!(left.clone().or(right.clone()).distance(only_left) < 0.0);
        assert!(left.clone().and(right.clone()).distance(only_left) > 0.0);
        assert!(left.clone().and(right.clone()).distance(middle) < 0.0);
        assert!(left.without(right).distance(middle) > 0.0);
    }
}
