//! Which curves are drawn on which axis.

use eframe::egui::Color32;

use super::measure::Measure;
use super::moment::XAxis;
use super::run::Run;
use super::scales::Scales;
use super::series::Series;
use super::settings::Settings;
use crate::app::theme::Palette;

/// A curve in its colour.
pub struct Curve<'a> {
    pub run: &'a Run,
    pub run_index: usize,
    pub series: &'a Series,
    pub colour: Color32,
    /// Where its stage begins on the horizontal axis.
    pub start: f64,
}

/// Curves that share an axis.
pub struct Panel<'a> {
    pub axis: String,
    pub curves: Vec<Curve<'a>>,
}

/// Colours that each further run is ahead of the one before it, so that two runs of one curve differ.
const COLOURS_A_RUN: usize = 4;

/// The colour of curve `series_index` of run `run_index`: the user's, or the palette's by the curve's place
/// in its group.
pub fn colour(run: &Run, run_index: usize, series_index: usize, palette: &Palette) -> Color32 {
    let Some(series) = run.series.get(series_index) else { return palette.faint };
    let group = series.measure.group();
    let place = run.series.iter().take(series_index).filter(|other| other.measure.group() == group).count();
    let index = (place + COLOURS_A_RUN * run_index) % palette.curves.len();
    series.colour.unwrap_or_else(|| palette.curves.get(index).copied().unwrap_or(palette.faint))
}

/// The visible curves of the chosen chart on as few axes as they can be compared on, in the order they came.
pub fn panels<'a>(runs: &'a [Run], settings: &Settings, palette: &Palette) -> Vec<Panel<'a>> {
    let visible = |series: &&Series| series.visible && settings.chart.shows(&series.measure, &settings.pins);
    let all = runs.iter().filter(|run| run.visible).flat_map(|run| run.series.iter().filter(visible));
    let scales = Scales::of(all);
    let mut panels: Vec<Panel<'a>> = Vec::new();
    for (run_index, run) in runs.iter().enumerate().filter(|(_, run)| run.visible) {
        for (index, series) in run.series.iter().enumerate().filter(|(_, series)| visible(series)) {
            let start = if settings.apart { 0.0 } else { run.begins(&series.stage, settings.axis) };
            let colour = colour(run, run_index, index, palette);
            let curve = Curve { run, run_index, series, colour, start };
            let axis = series.measure.axis();
            let fits = |panel: &&mut Panel<'a>| {
                let goes_with = |other: &Curve<'a>| {
                    !other.series.measure.clashes(&series.measure)
                        && (settings.log || scales.share(other.series, series))
                        && (!settings.apart || other.series.stage == series.stage)
                };
                panel.axis == axis && panel.curves.iter().all(goes_with)
            };
            match panels.iter_mut().find(fits) {
                Some(panel) => panel.curves.push(curve),
                None => panels.push(Panel { axis: axis.to_owned(), curves: vec![curve] }),
            }
        }
    }
    panels
}

impl Panel<'_> {
    /// Its first curve's stage and measure, which no other chart in sight begins with.
    pub fn first(&self) -> Option<(&str, &Measure)> {
        self.curves.first().map(|curve| (curve.series.stage.as_str(), &curve.series.measure))
    }

    /// What all its numbers were measured under, if that is one thing.
    pub fn conditions(&self) -> Option<&str> {
        let first = self.curves.first().map(|curve| curve.series.measure.conditions.as_str())?;
        let same = self.curves.iter().all(|curve| curve.series.measure.conditions == first);
        (same && !first.is_empty()).then_some(first)
    }

    /// What tells it from others of its quantity: the names of its curves.
    pub fn names(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for curve in &self.curves {
            let name = &*curve.series.measure.name;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// Least and greatest value within a part of the horizontal axis, as the vertical one has them.
    pub fn heights(&self, axis: XAxis, x: [f64; 2], log: bool) -> Option<[f64; 2]> {
        let of = |curve: &Curve<'_>| {
            let range = curve.series.between(axis, x.map(|end| end - curve.start));
            curve.series.pyramid().summary(range).extremes(log)
        };
        let all = self.curves.iter().filter_map(of).reduce(|[a, b], [c, d]| [a.min(c), b.max(d)]);
        all.map(|ends| if log { ends.map(f64::log10) } else { ends })
    }
}

/// First and last place of any curve; around a single place there is room on both sides.
pub fn extent(panels: &[Panel<'_>], axis: XAxis) -> Option<[f64; 2]> {
    let curves = panels.iter().flat_map(|panel| &panel.curves);
    let placed = |curve: &Curve<'_>| Some(curve.series.extent(axis)?.map(|place| place + curve.start));
    let [first, last] = curves.filter_map(placed).reduce(|[a, b], [c, d]| [a.min(c), b.max(d)])?;
    if last > first {
        return Some([first, last]);
    }
    Some(if first > 0.0 { [0.0, 2.0 * first] } else { [first, first + 1.0] })
}

#[cfg(test)]
mod tests;
