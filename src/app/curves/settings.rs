//! How the curves are looked at.

use std::collections::BTreeSet;

use super::measure::{Group, Measure};
use super::moment::XAxis;
use super::panels::Chart;

/// Values behind each point of the average, at first.
const AVERAGE_OVER: usize = 30;

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
    pub log: bool,
    pub smooth: bool,
    /// Values behind each point of the bold line.
    pub average_over: usize,
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
            log: false,
            smooth: true,
            average_over: AVERAGE_OVER,
            markers: true,
            list: true,
            quiet: false,
            go: None,
            zoomed: None,
        }
    }
}
