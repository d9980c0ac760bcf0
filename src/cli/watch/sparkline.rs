//! A curve as one word of block characters.

use crate::watch::Curve;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The curve in at most `columns` characters, equal stretches of kimg each: means of values (of
/// logarithms where those fit better). A stretch with a value that is not finite is `×`, one without
/// values continues the one before.
pub fn sparkline(curve: &Curve, columns: usize) -> String {
    let log = curve.is_wide();
    let points: Vec<[f64; 2]> = curve.points().map(|[x, y]| [x, if log { y.log10() } else { y }]).collect();
    let finite = || points.iter().map(|point| point[1]).filter(|y| y.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), y| (a.min(y), b.max(y)));
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    let columns = columns.min(points.len());
    let width = (last[0] - first[0]) / columns as f64;
    let column = |x: f64| if width > 0.0 { (((x - first[0]) / width) as usize).min(columns - 1) } else { 0 };
    let mut sums = vec![(0.0, 0_u32); columns];
    for [x, y] in &points {
        if let Some((sum, count)) = sums.get_mut(column(*x)) {
            *sum += y;
            *count += 1;
        }
    }
    let mut word = String::new();
    for (sum, count) in sums {
        let mean = sum / f64::from(count);
        let before = word.chars().last().unwrap_or('×');
        word.push(match count {
            0 => before,
            _ if !mean.is_finite() => '×',
            _ => block((mean - low) / (high - low)),
        });
    }
    word
}

/// The block for a share of the range; a range without width is in the middle.
fn block(share: f64) -> char {
    let share = if share.is_finite() { share } else { 0.5 };
    BLOCKS[((share * BLOCKS.len() as f64) as usize).min(BLOCKS.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Stage;

    fn curve(points: impl IntoIterator<Item = (f64, f64)>) -> Curve {
        let mut curve = Curve::new(Stage::Sid, "sid");
        points.into_iter().for_each(|(x, y)| curve.push(x, y));
        curve
    }

    #[test]
    fn a_line_rises_block_by_block() {
        assert_eq!(sparkline(&curve((0..8).map(|i| (i.into(), i.into()))), 8), "▁▂▃▄▅▆▇█");
        // Over six powers of ten, logarithms rise evenly.
        assert_eq!(sparkline(&curve((0..8).map(|i| (i.into(), 10_f64.powi(i - 3)))), 8), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&curve((0..800).map(|i| (i.into(), (799 - i).into()))), 4), "█▆▃▁");
    }

    #[test]
    fn gaps_and_constants_are_shown_as_such() {
        let nan = f64::NAN;
        assert_eq!(sparkline(&curve([(0.0, 1.0), (1.0, nan), (2.0, 3.0)]), 9), "▁×█");
        assert_eq!(sparkline(&curve([(0.0, 5.0), (1.0, 5.0)]), 9), "▅▅");
        // Nothing was measured in the middle.
        assert_eq!(sparkline(&curve([(0.0, 1.0), (0.1, 1.0), (0.2, 1.0), (9.0, 2.0)]), 4), "▁▁▁█");
        assert_eq!(sparkline(&curve([]), 9), "");
        assert_eq!(sparkline(&curve([(3.0, nan)]), 9), "×");
    }
}
