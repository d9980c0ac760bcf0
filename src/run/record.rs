//! Numbers and pictures of a run go into its folder: lines for programs, events for TensorBoard.

use std::path::PathBuf;

use image::RgbImage;

use super::grid::Grid;
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
        let kimg = (at.kimg * 1000.0).round() as u64 / 1000;
        let name = format!("samples-{}-{kimg:06}.png", at.stage.name());
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
