//! The grids of a run over time: those of this session, and before them those that lie in the run's folder.

use std::path::{Path, PathBuf};

use super::place::Place;
use crate::error::Result;
use crate::run::message::Pictures;
use crate::watch;

/// Memory for pictures, bytes: 64 grids of 64 pictures of 64 × 64 pixels.
const MAX_BYTES: usize = 48 << 20;

/// Where a grid's pictures are.
pub enum Held {
    Here(Pictures),
    /// In the grid's file.
    OnDisk,
    /// Why they cannot be had.
    Broken(String),
}

/// What was drawn at one moment.
pub struct Grid {
    /// Stays the same while others come and go.
    id: u64,
    pub place: Place,
    pub path: Option<PathBuf>,
    pub held: Held,
}

impl Grid {
    fn bytes(&self) -> usize {
        match &self.held {
            Held::Here(pictures) => pictures.iter().map(|picture| picture.as_raw().len()).sum(),
            Held::OnDisk | Held::Broken(_) => 0,
        }
    }
}

/// Grids in the order of training; one of them is looked at.
#[derive(Default)]
pub struct Album {
    grids: Vec<Grid>,
    next_id: u64,
    /// The past grid that is looked at; none follows the newest.
    past: Option<u64>,
}

impl Album {
    /// Adds the newest grid.
    pub fn add(&mut self, place: Place, pictures: Pictures, path: Option<PathBuf>) {
        // Whole kimg name a file: the next grid within one takes the file of the last.
        let overwritten = |grid: &Grid| path.is_some() && grid.path == path;
        self.grids.retain(|grid| match (grid.place.step, &grid.held) {
            // What an earlier session drew from here on comes again.
            (None, _) => !overwritten(grid) && grid.place.is_before(&place),
            (Some(_), held) => !overwritten(grid) || matches!(held, Held::Here(_)),
        });
        self.grids.iter_mut().filter(|grid| overwritten(grid)).for_each(|grid| grid.path = None);
        self.push(self.grids.len(), place, path, Held::Here(pictures));
        self.spare_memory();
    }

    /// Puts the files of earlier sessions before what this session has drawn.
    pub fn earlier(&mut self, files: Vec<watch::Pictures>) {
        let first = self.grids.first().map(|grid| grid.place);
        let mut end = 0;
        for file in files {
            let place = Place { stage: file.stage, kimg: file.kimg, step: None };
            // This session's first grid may have been written before the files were looked for.
            let drawn = self.grids.iter().any(|grid| grid.path.as_deref() == Some(&*file.path));
            if !drawn && first.is_none_or(|first| place.is_before(&first)) {
                self.push(end, place, Some(file.path), Held::OnDisk);
                end += 1;
            }
        }
    }

    fn push(&mut self, index: usize, place: Place, path: Option<PathBuf>, held: Held) {
        self.grids.insert(index, Grid { id: self.next_id, place, path, held });
        self.next_id += 1;
    }

    pub fn len(&self) -> usize {
        self.grids.len()
    }

    /// Which grid is looked at, of all.
    pub fn index(&self) -> Option<usize> {
        let newest = self.grids.len().checked_sub(1)?;
        let past = self.past.and_then(|id| self.grids.iter().position(|grid| grid.id == id));
        Some(past.unwrap_or(newest))
    }

    pub fn shown(&self) -> Option<&Grid> {
        self.grids.get(self.index()?)
    }

    /// Looks at the grid with this index; at the last one, follows the newest.
    pub fn choose(&mut self, index: usize) {
        let last = index + 1 >= self.grids.len();
        self.past = self.grids.get(index).filter(|_| !last).map(|grid| grid.id);
    }

    /// The file to read so that the grid that is looked at can be shown.
    pub fn wanted(&self) -> Option<&Path> {
        let grid = self.shown()?;
        matches!(grid.held, Held::OnDisk).then_some(grid.path.as_deref()).flatten()
    }

    /// Takes what was read from the file `path`.
    pub fn read(&mut self, path: &Path, outcome: Result<Pictures>) {
        let waits =
            |grid: &&mut Grid| grid.path.as_deref() == Some(path) && matches!(grid.held, Held::OnDisk);
        if let Some(grid) = self.grids.iter_mut().find(waits) {
            grid.held = match outcome {
                Ok(pictures) => Held::Here(pictures),
                Err(error) => Held::Broken(error.to_string()),
            };
        }
        self.spare_memory();
    }

    /// Lets go of old pictures: first of those that can be read again.
    fn spare_memory(&mut self) {
        while self.grids.iter().map(Grid::bytes).sum::<usize>() > MAX_BYTES {
            let (shown, newest) = (self.index(), self.grids.len().saturating_sub(1));
            let spare = |(index, grid): &(usize, &Grid)| {
                Some(*index) != shown && *index != newest && grid.bytes() > 0
            };
            let all = self.grids.iter().enumerate().filter(spare);
            let Some((index, _)) = all.min_by_key(|(index, grid)| (grid.path.is_none(), *index)) else {
                return;
            };
            if self.grids[index].path.is_some() {
                self.grids[index].held = Held::OnDisk;
            } else {
                self.grids.remove(index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;
    use crate::run::message::Stage;

    fn place(kimg: f64) -> Place {
        Place { stage: Stage::Sign, kimg, step: Some((kimg * 100.0) as u64) }
    }

    /// One picture that takes a third of the memory there is.
    fn large(value: u8) -> Pictures {
        let side = ((MAX_BYTES / 9) as f64).sqrt() as u32;
        vec![RgbImage::from_pixel(side, side, image::Rgb([value; 3]))].into()
    }

    fn small() -> Pictures {
        vec![RgbImage::new(4, 4)].into()
    }

    fn file(kimg: u64) -> watch::Pictures {
        let path = format!("samples-sign-{kimg:06}.png").into();
        watch::Pictures { stage: Stage::Sign, kimg: kimg as f64, path }
    }

    fn kimgs(album: &Album) -> Vec<f64> {
        album.grids.iter().map(|grid| grid.place.kimg).collect()
    }

    #[test]
    fn files_of_earlier_sessions_come_first_and_what_is_drawn_again_replaces_them() {
        let mut album = Album::default();
        album.earlier(vec![file(2), file(4), file(6)]);
        assert_eq!(album.wanted(), Some(Path::new("samples-sign-000006.png")), "the newest is looked at");
        album.choose(0);
        album.add(place(4.3), small(), Some("samples-sign-000004.png".into()));
        assert_eq!(kimgs(&album), [2.0, 4.3], "the run went on from before the file at 6");
        assert_eq!(album.index(), Some(0), "the slider stays where it was");
        let mut album = Album::default();
        album.add(place(4.3), small(), Some("samples-sign-000004.png".into()));
        album.earlier(vec![file(2), file(4), file(6)]);
        assert_eq!(kimgs(&album), [2.0, 4.3], "the file at 4 is the one that was just drawn");
    }

    #[test]
    fn memory_is_bounded_and_files_are_read_again() {
        let mut album = Album::default();
        for kimg in 1..=5_u8 {
            let path = (kimg != 2).then(|| format!("{kimg}.png").into());
            album.add(place(f64::from(kimg)), large(kimg), path);
            assert!(album.grids.iter().map(Grid::bytes).sum::<usize>() <= MAX_BYTES);
        }
        // The one without a file is kept as long as there are others to let go of.
        assert_eq!(kimgs(&album), [1.0, 2.0, 3.0, 4.0, 5.0]);
        let on_disk = |grid: &Grid| matches!(grid.held, Held::OnDisk);
        assert_eq!(album.grids.iter().map(on_disk).collect::<Vec<_>>(), [true, false, true, false, false]);
        album.choose(0);
        assert_eq!(album.wanted(), Some(Path::new("1.png")));
        album.read(Path::new("1.png"), Ok(large(1)));
        assert!(matches!(album.shown().map(|grid| &grid.held), Some(Held::Here(_))));
        assert_eq!(album.wanted(), None);
    }

    /// Grids within one kimg share a file, which is the last one's.
    #[test]
    fn a_file_that_was_overwritten_is_not_shown_as_an_older_grid() {
        let mut album = Album::default();
        for kimg in [1.1, 1.4, 1.7, 1.9] {
            album.add(place(kimg), large(9), Some("samples-sign-000001.png".into()));
        }
        assert_eq!(kimgs(&album), [1.4, 1.7, 1.9], "the oldest could not be read again and is gone");
        assert!(album.grids[0].path.is_none());
    }
}
