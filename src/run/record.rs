//! Numbers and pictures of a run go into its folder: lines for programs, events for TensorBoard.

use std::path::PathBuf;

use image::RgbImage;

use super::grid::{Grid, SAMPLES_PREFIX};
use super::message::Progress;
use super::session::Session;
use crate::error::Result;

impl Session {
    /// Adds `numbers`, and what they were measured under, after `total_steps` steps of all stages.
    pub(super) fn record(
        &mut self,
        at: &Progress,
        total_steps: u64,
        numbers: &[(&str, f64)],
        conditions: Option<&str>,
    ) -> Result<()> {
        let line = self.stats.write(at, total_steps, numbers, conditions);
        self.tolerate(line)?;
        let events = self.events.as_mut().map(|e| e.scalars(at.stage, total_steps, numbers));
        self.tolerate(events.unwrap_or(Ok(())))
    }

    /// Writes a sample grid; gives its path if there was room for it.
    pub(super) fn record_samples(
        &mut self,
        at: &Progress,
        total_steps: u64,
        pictures: &[RgbImage],
    ) -> Result<Option<PathBuf>> {
        let name = grid_name(at, self.recipe.report.sample_every_kimg);
        let grid = match Grid::of(pictures) {
            Ok(grid) => grid,
            Err(error) => return self.tolerate(Err(error)).map(|()| None),
        };
        let written = self.folder.write(&name, &grid.png);
        let path = written.as_ref().ok().cloned();
        self.tolerate(written.map(|_| ()))?;
        let events = self.events.as_mut().map(|e| e.samples(at.stage, total_steps, &grid));
        self.tolerate(events.unwrap_or(Ok(())))?;
        Ok(path)
    }
}

/// Whole kimg name a grid where every grid has its own.
fn grid_name(at: &Progress, every_kimg: f64) -> String {
    let stage = at.stage.name();
    if every_kimg.fract() == 0.0 && at.stage_kimg.fract() == 0.0 {
        format!("{SAMPLES_PREFIX}{stage}-{:06}.png", (at.kimg * 1000.0).round() as u64 / 1000)
    } else {
        format!("{SAMPLES_PREFIX}{stage}-{:010.3}.png", at.kimg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::message::Stage;

    #[test]
    fn grids_within_a_kimg_have_names_of_their_own() {
        let at =
            |kimg, stage_kimg| Progress { stage: Stage::Sid, step: 1, kimg, stage_kimg, elapsed_secs: 0.0 };
        // A batch of 48 images goes a little beyond.
        assert_eq!(grid_name(&at(2.016, 60.0), 2.0), "samples-sid-000002.png");
        assert_eq!(grid_name(&at(0.25, 60.0), 0.25), "samples-sid-000000.250.png");
        assert_eq!(grid_name(&at(0.5, 0.5), 2.0), "samples-sid-000000.500.png");
    }
}
