//! How the curves are looked at.

use std::collections::BTreeSet;

use super::chosen::Chart;
use super::measure::{Group, Measure};
use super::moment::XAxis;

/// Width of the average at first, percent.
const AVERAGE_PERCENT: f64 = 3.0;

/// A place to go to in the next frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Go {
    Whole,
    To([f64; 2]),
}

pub struct Settings {
    pub chart: Chart,
    pub pins: BTreeSet<Measure>,
    pub axis: XAxis,
    /// Whether each stage begins at 0, on axes of its own; else the student's stands behind the teacher's.
    pub apart: bool,
    pub log: bool,
    pub smooth: bool,
    /// What the bold line averages over, percent of all that the horizontal axis has: curves of runs that
    /// report more or less often are then alike.
    pub average_percent: f64,
    pub markers: bool,
    /// Whether the runs and their curves stand beside the chart.
    pub list: bool,
    /// Nothing is shown above the charts: a picture is being taken.
    pub quiet: bool,
    pub go: Option<Go>,
    /// The part of the horizontal axis that was chosen; none shows all there is.
    pub zoomed: Option<[f64; 2]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            chart: Chart::Group(Group::Losses),
            pins: BTreeSet::new(),
            axis: XAxis::default(),
            apart: false,
            log: false,
            smooth: true,
            average_percent: AVERAGE_PERCENT,
            markers: true,
            list: true,
            quiet: false,
            go: None,
            zoomed: None,
        }
    }
}
