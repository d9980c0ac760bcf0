//! From a curve of any length to the few points that a screen can show: its extremes, pixel column by pixel
//! column, and a running average. The work grows with the columns, not with the curve.

use std::ops::Range;

use super::moment::XAxis;
use super::series::Series;

/// Points of an unbroken piece of a curve, `[x, y]` in the axes' own units.
pub type Stretch = Vec<[f64; 2]>;

/// The part of a chart that is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub axis: XAxis,
    /// First and last place on the horizontal axis.
    pub x: [f64; 2],
    /// Pixel columns between them.
    pub columns: usize,
    /// Values are drawn as their logarithm to base 10; those that have none are gaps.
    pub log: bool,
}

/// A curve as it is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    pub stretches: Vec<Stretch>,
    /// Places where a measured number was not finite.
    pub gaps: Vec<f64>,
}

impl Frame {
    /// The same part for a curve whose own places begin at place `start`.
    pub fn behind(self, start: f64) -> Self {
        Self { x: self.x.map(|end| end - start), ..self }
    }

    fn y(&self, value: f64) -> f64 {
        if self.log { value.log10() } else { value }
    }

    /// The curve between its extremes. Where a column holds no more than two values they are drawn as
    /// they are; elsewhere its least and its greatest value are, at the places of its first and last.
    pub fn sketch(&self, series: &Series) -> Sketch {
        let mut sketch = Sketch::default();
        let mut stretch = Stretch::new();
        for column in self.columns(series) {
            let summary = series.pyramid().summary(column.clone());
            let x = |i: usize| series.moments().get(i).map_or(f64::NAN, |moment| self.axis.of(moment));
            if summary.has_gap(false) {
                sketch.gaps.push(x(column.start));
            }
            if let Some([low, high]) = summary.extremes(self.log).map(|ends| ends.map(|end| self.y(end))) {
                // Whichever end is nearer comes first, so that the line runs on without a detour.
                let rising =
                    stretch.last().is_none_or(|last| (last[1] - low).abs() <= (last[1] - high).abs());
                let ends = if rising { [low, high] } else { [high, low] };
                stretch.push([x(column.start), ends[0]]);
                if low < high {
                    stretch.push([x(column.end - 1), ends[1]]);
                }
            }
            // A broken column belongs to the stretch before it, and ends it.
            if summary.has_gap(self.log) && !stretch.is_empty() {
                sketch.stretches.push(std::mem::take(&mut stretch));
            }
        }
        if !stretch.is_empty() {
            sketch.stretches.push(stretch);
        }
        sketch
    }

    /// The mean of the values that lie within `width` of the axis around the middle of every column, and of
    /// the column itself; nearer to its end or a gap, of those that there are. Near the first value fewer are taken
    /// on both sides: the mean of what follows alone would begin far from it.
    pub fn average(&self, series: &Series, width: f64) -> Vec<Stretch> {
        let mut stretches = vec![Stretch::new()];
        let first = series.moments().first().map_or(f64::NEG_INFINITY, |moment| self.axis.of(moment));
        for column in self.columns(series) {
            if series.pyramid().summary(column.clone()).has_gap(false) {
                stretches.push(Stretch::new());
                continue;
            }
            let middle = column.start.midpoint(column.end);
            let Some(x) = series.moments().get(middle).map(|moment| self.axis.of(moment)) else { continue };
            let half = (width / 2.0).min(x - first);
            let around = series.between(self.axis, [x - half, x + half]);
            let window = around.start.min(column.start)..around.end.max(column.end);
            let window = series.pyramid().unbroken(window, middle);
            let mean = series.pyramid().summary(window).mean().map(|mean| self.y(mean));
            if let (Some(stretch), Some(mean)) = (stretches.last_mut(), mean)
                && mean.is_finite()
            {
                stretch.push([x, mean]);
            }
        }
        stretches.retain(|stretch| !stretch.is_empty());
        stretches
    }

    /// Indices of the values of each column that has any, with one more value beyond either edge so that
    /// the line runs out of the picture.
    fn columns(&self, series: &Series) -> Vec<Range<usize>> {
        let inside = series.between(self.axis, self.x);
        let start = inside.start.saturating_sub(1);
        let end = (inside.end + 1).min(series.len());
        let columns = self.columns.max(1);
        if inside.len() <= 2 * columns {
            return (start..end).map(|i| i..i + 1).collect();
        }
        let mut ranges = Vec::with_capacity(columns + 2);
        let mut next = inside.start;
        ranges.extend((start < next).then_some(start..next));
        let [from, to] = self.x;
        for column in 1..=columns {
            // The last edge is the frame's own, whatever the rounding.
            let edge = from + (to - from) * column as f64 / columns as f64;
            let until = match column == columns {
                true => inside.end,
                false => {
                    let rest = series.moments().get(next..inside.end).unwrap_or_default();
                    next + rest.partition_point(|moment| self.axis.of(moment) < edge)
                }
            };
            ranges.extend((next < until).then_some(next..until));
            next = until;
        }
        ranges.extend((next < end).then_some(next..end));
        ranges
    }
}

#[cfg(test)]
mod tests;
