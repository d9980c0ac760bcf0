//! Which curves are drawn on which axis.

use std::collections::BTreeSet;

use eframe::egui::Color32;

use super::measure::{Group, Measure};
use super::moment::XAxis;
use super::run::Run;
use super::series::Series;
use crate::app::theme::Palette;

/// What the chooser stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    Group(Group),
    /// What the user has picked from all groups.
    Pinned,
}

impl Chart {
    pub fn name(self) -> &'static str {
        match self {
            Chart::Group(group) => group.name(),
            Chart::Pinned => "pinned",
        }
    }

    pub fn shows(self, measure: &Measure, pins: &BTreeSet<Measure>) -> bool {
        match self {
            Chart::Group(group) => measure.group() == group,
            Chart::Pinned => pins.contains(measure),
        }
    }
}

/// A curve in its colour.
pub struct Curve<'a> {
    pub run: &'a Run,
    pub run_index: usize,
    pub series: &'a Series,
    pub colour: Color32,
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

/// The visible curves of `chart` on as few axes as they can be compared on, in the order they came.
pub fn panels<'a>(
    runs: &'a [Run],
    chart: Chart,
    pins: &BTreeSet<Measure>,
    palette: &Palette,
) -> Vec<Panel<'a>> {
    let mut panels: Vec<Panel<'a>> = Vec::new();
    for (run_index, run) in runs.iter().enumerate().filter(|(_, run)| run.visible) {
        for (index, series) in run.series.iter().enumerate() {
            if !series.visible || !chart.shows(&series.measure, pins) {
                continue;
            }
            let curve = Curve { run, run_index, series, colour: colour(run, run_index, index, palette) };
            let axis = series.measure.axis();
            let fits = |panel: &&mut Panel<'a>| {
                let clashes = |other: &Curve<'a>| other.series.measure.clashes(&series.measure);
                panel.axis == axis && !panel.curves.iter().any(clashes)
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
    /// What its first curve measures, which no other chart in sight begins with.
    pub fn first(&self) -> Option<&Measure> {
        self.curves.first().map(|curve| &curve.series.measure)
    }

    /// What all its numbers were measured under, if that is one thing.
    pub fn conditions(&self) -> Option<&str> {
        let first = self.curves.first().map(|curve| curve.series.measure.conditions.as_str())?;
        let same = self.curves.iter().all(|curve| curve.series.measure.conditions == first);
        (same && !first.is_empty()).then_some(first)
    }
}

/// First and last place of any curve.
pub fn extent(panels: &[Panel<'_>], axis: XAxis) -> Option<[f64; 2]> {
    let curves = panels.iter().flat_map(|panel| &panel.curves);
    let extents = curves.filter_map(|curve| curve.series.extent(axis));
    extents.reduce(|[a, b], [c, d]| [a.min(c), b.max(d)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::curves::moment::Moment;
    use crate::app::theme;

    fn run(metrics: &[(&'static str, &str)]) -> Run {
        let mut run = Run::new("demo".to_owned(), None);
        let at = Moment { step: 1, kimg: 1.0, secs: 1.0 };
        for (name, conditions) in metrics {
            let measure = Measure { name: (*name).into(), conditions: (*conditions).to_owned() };
            run.record("sign", measure, at, 1.0);
        }
        run
    }

    #[test]
    fn a_dozen_metrics_need_few_axes() {
        let metrics = [
            ("rec_rms", "a"),
            ("idem_rms", "b"),
            ("drift_rms", "c"),
            ("fixed_data", "d"),
            ("fixed_noise", "e"),
            ("fixed_samples", "f"),
            ("fixed_noisy", "g"),
        ];
        let runs = [run(&metrics)];
        let pins = BTreeSet::new();
        let panels = panels(&runs, Chart::Group(Group::Idempotence), &pins, &theme::DARK);
        let shape: Vec<_> = panels.iter().map(|panel| (panel.axis.as_str(), panel.curves.len())).collect();
        assert_eq!(shape, [("rms", 3), ("share", 4)]);
        assert_eq!(panels[0].conditions(), None);
    }

    #[test]
    fn other_conditions_stand_on_another_axis_in_other_runs_too() {
        let runs = [run(&[("fid", "n=10"), ("fid", "n=20")]), run(&[("fid", "n=20")])];
        let pins = BTreeSet::new();
        let panels = panels(&runs, Chart::Group(Group::Distances), &pins, &theme::DARK);
        let shape: Vec<_> = panels.iter().map(|panel| (panel.conditions(), panel.curves.len())).collect();
        assert_eq!(shape, [(Some("n=10"), 1), (Some("n=20"), 2)]);
        let [first, second] = [&panels[1].curves[0], &panels[1].curves[1]];
        assert_ne!(first.colour, second.colour, "two runs of one curve differ");
    }

    #[test]
    fn charts_of_mixed_conditions_are_told_apart_by_their_first_curve() {
        let runs = [run(&[("rec_rms", "a"), ("idem_rms", "b"), ("rec_rms", "c"), ("idem_rms", "d")])];
        let pins = BTreeSet::new();
        let panels = panels(&runs, Chart::Group(Group::Idempotence), &pins, &theme::DARK);
        assert!(panels.len() == 2 && panels.iter().all(|panel| panel.conditions().is_none()));
        assert_ne!(panels[0].first(), panels[1].first());
    }

    #[test]
    fn pins_and_visibility_decide_what_is_drawn() {
        let mut runs = [run(&[("fid", "n=10"), ("rec_rms", "a")]), run(&[("fid", "n=10")])];
        let pins: BTreeSet<_> = runs[0].series.iter().map(|series| series.measure.clone()).collect();
        assert_eq!(panels(&runs, Chart::Pinned, &pins, &theme::DARK).len(), 2);
        runs[1].visible = false;
        runs[0].series[1].visible = false;
        let left = panels(&runs, Chart::Pinned, &pins, &theme::DARK);
        assert_eq!((left.len(), left[0].curves.len()), (1, 1));
        assert_eq!(extent(&left, XAxis::Kimg), Some([1.0, 1.0]));
    }
}
