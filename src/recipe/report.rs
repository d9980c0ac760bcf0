//! What a run leaves behind, and how often.

use std::path::PathBuf;

use super::limits::{MAX_GRID, MAX_METRIC_SAMPLES};
use super::setting::{REPORT, table};

table! {
    /// What a run leaves behind, and how often.
    pub struct Report in "report" {
        /// Thousand images between two sample grids.
        sample_every_kimg: f64 = 2.0, REPORT.above(0.0);
        /// Thousand images between two checkpoints.
        checkpoint_every_kimg: f64 = 10.0, REPORT.above(0.0);
        /// Thousand images between two measurements.
        metric_every_kimg: f64 = 10.0, REPORT.above(0.0);
        /// Pictures in a sample grid (its seeds are 0, 1, …).
        grid: usize = 36, REPORT.whole().from(1.0).to(MAX_GRID);
        /// Samples behind every metric.
        metric_samples: usize = 512, REPORT.whole().from(2.0).to(MAX_METRIC_SAMPLES);
        /// Checkpoints kept per run.
        keep_checkpoints: usize = 2, REPORT.whole().from(0.0);
        /// The student's checkpoint with the lowest of this number is kept in the run's `best`; none is kept
        /// where nothing of this name is measured.
        best: String = "fd_pixel".into(), REPORT;
        /// Weights of a network (as `signet eval --features` takes them) whose features are compared beside
        /// pixels.
        features: Option<PathBuf> = None, REPORT;
    }
}
