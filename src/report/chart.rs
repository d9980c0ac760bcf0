//! Curves as SVG: one small chart a number, all of one size, so that a page of them can be compared.

use super::markup::{escape, section};
use crate::watch::Curve;
use crate::words;

/// Sizes in SVG's own units; the page scales them.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;

pub fn show(curves: &[Curve]) -> String {
    let drawn: Vec<String> = curves.iter().filter_map(figure).collect();
    if drawn.is_empty() {
        return String::new();
    }
    section("Curves", &format!("<div class=\"charts\">\n{}</div>\n", drawn.concat()))
}

/// A chart with its name; none where no value is finite.
fn figure(curve: &Curve) -> Option<String> {
    let axes = Axes::of(curve)?;
    let name = escape(&format!("{}/{}", curve.stage.name(), curve.name));
    let latest = if curve.latest.is_finite() { words::value(curve.latest) } else { "not finite".into() };
    let conditions =
        curve.conditions.as_deref().map(|c| format!(" <span class=\"quiet\">{}</span>", escape(c)));
    Some(format!(
        "<figure>\n<figcaption><b>{name}</b> {latest}{}</figcaption>\n\
         <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{name} over kimg, last {latest}\">\n{}{}</svg>\n</figure>\n",
        conditions.unwrap_or_default(),
        axes.draw(),
        axes.trace(curve)
    ))
}

/// What the sides of a chart stand for.
struct Axes {
    kimg: (f64, f64),
    /// Of the logarithms, if `log`.
    value: (f64, f64),
    log: bool,
}

impl Axes {
    fn of(curve: &Curve) -> Option<Self> {
        let log = curve.is_wide();
        let scale = |y: f64| if log { y.log10() } else { y };
        let (low, high) = curve.range()?;
        let places = curve
            .points()
            .map(|[x, _]| x)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        Some(Self { kimg: widened(places.0, places.1), value: widened(scale(low), scale(high)), log })
    }

    fn x(&self, kimg: f64) -> f64 {
        LEFT + (kimg - self.kimg.0) / (self.kimg.1 - self.kimg.0) * (WIDTH - LEFT - RIGHT)
    }

    /// Of a value as the axis counts it: its logarithm, if `log`.
    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (value - self.value.0) / (self.value.1 - self.value.0) * (HEIGHT - TOP - BOTTOM)
    }

    fn draw(&self) -> String {
        let lines = ticks(self.value, self.log).into_iter().map(|at| {
            let (y, right) = (self.y(at), WIDTH - RIGHT);
            let words = words::short(if self.log { 10_f64.powf(at) } else { at });
            format!(
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/><text class=\"left\" x=\"{:.1}\" y=\"{:.1}\">{words}</text>\n",
                LEFT - 5.0,
                y + 3.5
            )
        });
        let below = ticks(self.kimg, false).into_iter().map(|at| {
            let (x, y) = (self.x(at), HEIGHT - BOTTOM + 14.0);
            format!("<text class=\"below\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n", words::short(at))
        });
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        let kimg = if self.log { "kimg (logarithmic values)" } else { "kimg" };
        let name =
            format!("<text class=\"below\" x=\"{middle:.1}\" y=\"{:.1}\">{kimg}</text>\n", HEIGHT - 4.0);
        lines.chain(below).chain([name]).collect()
    }

    /// The unbroken stretches as lines, and a lone point as a dot.
    fn trace(&self, curve: &Curve) -> String {
        let scaled = curve.points().map(|[x, y]| [x, if self.log { y.log10() } else { y }]);
        let points: Vec<[f64; 2]> = scaled.collect();
        let stretches = points.split(|[_, y]| !y.is_finite()).filter(|stretch| !stretch.is_empty());
        let draw = |stretch: &[[f64; 2]]| {
            let place = |[x, y]: &[f64; 2]| format!("{:.1} {:.1}", self.x(*x), self.y(*y));
            match stretch {
                [[x, y]] => {
                    format!(
                        "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>\n",
                        self.x(*x),
                        self.y(*y)
                    )
                }
                _ => {
                    let places: Vec<String> = stretch.iter().map(place).collect();
                    format!("<path class=\"curve\" d=\"M{}\"/>\n", places.join("L"))
                }
            }
        };
        stretches.map(draw).collect()
    }
}

/// A range that has a width.
fn widened(low: f64, high: f64) -> (f64, f64) {
    if high - low > f64::EPSILON * high.abs().max(low.abs()) {
        return (low, high);
    }
    let room = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
    (low - room, high + room)
}

/// Two to seven round numbers within a range; whole ones (powers of ten) on a logarithmic axis.
fn ticks((low, high): (f64, f64), log: bool) -> Vec<f64> {
    let rough = (high - low) / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let step = if log { step.ceil().max(1.0) } else { step };
    let first = (low / step).ceil();
    // Counted, not added up: 0.1 three times is not 0.3.
    (0..=8).map(|i| (first + f64::from(i)) * step).take_while(|at| *at <= high + step * 1e-9).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Stage;

    fn curve(points: &[[f64; 2]]) -> Curve {
        let mut curve = Curve::new(Stage::Sign, "a<b");
        curve.conditions = Some("c&d".into());
        points.iter().for_each(|[x, y]| curve.push(*x, *y));
        curve
    }

    #[test]
    fn axes_have_a_few_round_numbers() {
        let close = |ticks: Vec<f64>, want: &[f64]| {
            assert_eq!(ticks.len(), want.len(), "{ticks:?}");
            assert!(ticks.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-9), "{ticks:?}");
        };
        close(ticks((0.0, 1.0), false), &[0.0, 0.5, 1.0]);
        close(ticks((0.13, 0.87), false), &[0.2, 0.4, 0.6, 0.8]);
        close(ticks((-2.3, 1.2), true), &[-2.0, -1.0, 0.0, 1.0]);
        for i in 1..200 {
            let (low, wide) = (f64::from(i) - 100.0, f64::from(i).powi(3) / 1e4);
            let ticks = ticks((low, low + wide), false);
            assert!((2..=7).contains(&ticks.len()), "{low} {wide} {ticks:?}");
            assert!(ticks.iter().all(|t| (low..=low + wide * 1.001).contains(t)), "{ticks:?}");
        }
    }

    #[test]
    fn every_point_lies_within_its_chart() {
        let points: Vec<_> = (0..50).map(|i| [f64::from(i), 1000.0 / f64::from(i + 1)]).collect();
        let axes = Axes::of(&curve(&points)).expect("axes");
        assert!(axes.log);
        let ends = [axes.y(1000.0_f64.log10()), axes.y(20.0_f64.log10())];
        assert!((ends[0] - TOP).abs() < 1e-9 && (ends[1] - (HEIGHT - BOTTOM)).abs() < 1e-9, "{ends:?}");
        assert!((axes.x(0.0) - LEFT).abs() < 1e-9 && (axes.x(49.0) - (WIDTH - RIGHT)).abs() < 1e-9);
    }

    #[test]
    fn gaps_break_a_line_and_lone_values_are_dots() {
        let nan = f64::NAN;
        let svg = show(&[curve(&[[0.0, 1.0], [1.0, 2.0], [2.0, nan], [3.0, 1.0], [4.0, nan]])]);
        assert_eq!((svg.matches("class=\"curve\"").count(), svg.matches("<circle").count()), (1, 1), "{svg}");
        assert!(
            svg.contains("sign/a&lt;b") && svg.contains("c&amp;d") && svg.contains("not finite"),
            "{svg}"
        );
        assert!(!svg.contains("NaN"), "{svg}");
        assert_eq!(show(&[curve(&[[0.0, nan]])]), "");
        // A constant, even 0, has a chart.
        for value in [0.0, 5.0, -1e-30] {
            let svg = show(&[curve(&[[0.0, value], [1.0, value]])]);
            assert!(svg.contains("class=\"curve\"") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
