//! Shapes as rows of pixels. A pixel belongs to a shape that its centre lies in; on an edge it belongs to the
//! one to its left and above, so that shapes side by side leave no gap and share no pixel.

use std::ops::Range;

/// Pixels of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub y: u32,
    pub x: Range<u32>,
}

/// Those of `len` pixels in a line whose centres lie between `from` and `to`.
pub fn between(from: f64, to: f64, len: u32) -> Range<u32> {
    let after = |edge: f64| (edge + 0.5).floor().clamp(0.0, f64::from(len)) as u32;
    after(from)..after(to).max(after(from))
}

/// A line with round ends; the pixels under its ends are part of it however thin it is. Of `size` = [width,
/// height] pixels; nothing where a number is not finite.
pub fn line(from: [f32; 2], to: [f32; 2], radius: f32, size: [u32; 2]) -> Vec<Run> {
    if !all_finite(&[from, to]) || !radius.is_finite() {
        return Vec::new();
    }
    let (from, to, radius) = (from.map(f64::from), to.map(f64::from), f64::from(radius.max(0.0)));
    let [width, height] = size;
    let body = body(from, to, radius);
    let rows = between(from[1].min(to[1]) - radius - 1.0, from[1].max(to[1]) + radius + 1.0, height);
    let in_row = |y: u32| {
        let centre = f64::from(y) + 0.5;
        let ends = [from, to].into_iter().filter_map(|end| across_disc(end, radius, centre));
        // All three are convex, and so is what they make together.
        let (left, right) = ends.chain(across(&body, centre)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        Some(Run { y, x: between(left, right, width) })
    };
    let under = |[x, y]: [f64; 2]| {
        let inside = |at: f64, len: u32| (0.0..f64::from(len)).contains(&at);
        let (column, row) = (x as u32, y as u32);
        (inside(x, width) && inside(y, height)).then_some(Run { y: row, x: column..column + 1 })
    };
    rows.filter_map(in_row).chain(under(from)).chain(under(to)).collect()
}

/// What lies within an odd number of the loops of a closed line through `points`; nothing where a number is
/// not finite.
pub fn polygon(points: &[[f32; 2]], size: [u32; 2]) -> Vec<Run> {
    if !all_finite(points) {
        return Vec::new();
    }
    let [width, height] = size;
    let points: Vec<[f64; 2]> = points.iter().map(|point| point.map(f64::from)).collect();
    let mut crossings = vec![Vec::new(); height as usize];
    for [from, to] in edges(&points) {
        for y in between(from[1].min(to[1]), from[1].max(to[1]), height) {
            crossings[y as usize].push(at_height([from, to], f64::from(y) + 0.5));
        }
    }
    let mut runs = Vec::new();
    for (y, mut crossings) in (0..).zip(crossings) {
        crossings.sort_by(f64::total_cmp);
        let inside = crossings.chunks_exact(2).map(|pair| between(pair[0], pair[1], width));
        runs.extend(inside.map(|x| Run { y, x }));
    }
    runs
}

/// The four corners of a line `2 * radius` wide, without its round ends.
fn body(from: [f64; 2], to: [f64; 2], radius: f64) -> [[f64; 2]; 4] {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    // A point has no direction, and no body.
    let stretch = radius / dx.hypot(dy).max(f64::MIN_POSITIVE);
    let side = [-dy * stretch, dx * stretch];
    let corner = |at: [f64; 2], sign: f64| [at[0] + sign * side[0], at[1] + sign * side[1]];
    [corner(from, 1.0), corner(to, 1.0), corner(to, -1.0), corner(from, -1.0)]
}

/// Left and right end of a convex polygon at height `y`.
fn across(points: &[[f64; 2]], y: f64) -> Option<(f64, f64)> {
    let crossed = edges(points).filter(|[from, to]| (from[1] < y) != (to[1] < y));
    let x = crossed.map(|edge| at_height(edge, y));
    x.map(|x| (x, x)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Left and right end of a disc at height `y`.
fn across_disc(centre: [f64; 2], radius: f64, y: f64) -> Option<(f64, f64)> {
    let half = (radius.powi(2) - (y - centre[1]).powi(2)).sqrt();
    (half >= 0.0).then_some((centre[0] - half, centre[0] + half))
}

fn edges(points: &[[f64; 2]]) -> impl Iterator<Item = [[f64; 2]; 2]> {
    points.iter().zip(points.iter().cycle().skip(1)).map(|(from, to)| [*from, *to])
}

/// Where an edge that is not level is at height `y`.
fn at_height([from, to]: [[f64; 2]; 2], y: f64) -> f64 {
    from[0] + (to[0] - from[0]) * ((y - from[1]) / (to[1] - from[1]))
}

fn all_finite(points: &[[f32; 2]]) -> bool {
    points.iter().flatten().all(|number| number.is_finite())
}
