//! The samples pane: what the network in training makes of the run's seeds, now and before, beside training
//! images, the teacher's samples and another run's.

mod album;
mod beside;
mod column;
mod export;
mod foot;
mod keep;
pub(super) mod origin;
mod other_run;
mod pane;
mod place;
mod plan;
mod single;
mod view;
mod worker;
mod zoom;

use std::path::{Path, PathBuf};

use eframe::egui::{Context, Ui};
use image::RgbImage;

use self::album::{Album, Held};
use self::beside::Beside;
use self::column::{Column, Kind};
use self::foot::Said;
use self::origin::Origin;
use self::single::Open;
use self::view::Sheets;
use self::worker::{Done, Job, Worker};
use self::zoom::Zoom;
use crate::error::Result;
use crate::run::message::{Averaging, Command, Message, Pictures};

pub(super) use self::export::latin_1;

/// A picture that the user sends to the editor.
pub struct Picked {
    pub name: String,
    pub picture: RgbImage,
}

pub struct Samples {
    /// Of the averaged weights, and of the raw ones.
    albums: [Album; 2],
    averaging: Averaging,
    beside: Beside,
    origin: Origin,
    zoom: Zoom,
    /// The picture that is looked at alone.
    open: Option<Open>,
    /// The tile under the pointer.
    marked: Option<usize>,
    sheets: Sheets,
    worker: Worker,
    /// The grid file that is being read.
    reading: Option<PathBuf>,
    /// Whether another run is being read.
    opening: bool,
    /// What was shown last: it stays until the next grid has been read.
    last: Option<Pictures>,
    /// Whether the samples that are shown are those of an earlier choice, because the chosen grid is being read.
    stale: bool,
    said: Said,
    /// Whether the pane was in sight in this frame.
    seen: bool,
    /// Whether the trainer has been told to draw the raw weights' grids too.
    raw: bool,
}

impl Samples {
    /// # Errors
    /// The operating system has no thread left.
    pub fn new(ctx: Context) -> Result<Self> {
        Ok(Self {
            albums: Default::default(),
            averaging: Averaging::Ema,
            beside: Beside::default(),
            origin: Origin::default(),
            zoom: Zoom::default(),
            open: None,
            marked: None,
            sheets: Default::default(),
            worker: Worker::new(ctx)?,
            reading: None,
            opening: false,
            last: None,
            stale: false,
            said: None,
            seen: false,
            raw: false,
        })
    }

    pub fn receive(&mut self, message: &Message) {
        self.origin.receive(message);
        self.beside.receive(message);
        match message {
            Message::Started { run_dir, .. } => self.worker.start(Job::List(run_dir.clone())),
            Message::Samples { at, averaging, pictures, path } if !pictures.is_empty() => {
                self.albums[index(*averaging)].add(at.into(), pictures.clone(), path.clone());
                self.said = None;
                // Nobody takes the answers while the pane is hidden: one waits at most.
                if let Some(run) = self.beside.run().filter(|_| !self.opening) {
                    let folder = run.folder.clone();
                    self.open_run(folder, true);
                }
            }
            _ => {}
        }
    }

    /// Has the newest grid of another run read.
    fn open_run(&mut self, folder: PathBuf, again: bool) {
        self.opening = true;
        self.worker.start(Job::Open { folder, again });
    }

    /// Shows the pane; returns the picture that the user sends to the editor, if any.
    pub fn show(&mut self, ui: &mut Ui, live: bool) -> Option<Picked> {
        self.seen = true;
        self.collect();
        self.pane(ui, live)
    }

    /// Asks the trainer for what is looked at, and only for as long; to be called after every frame.
    pub fn ask(&mut self, live: bool, commands: &mut Vec<Command>) {
        let raw = std::mem::take(&mut self.seen) && self.averaging == Averaging::Raw;
        if live && raw != self.raw {
            self.raw = raw;
            commands.push(Command::SampleRaw(raw));
        }
        if live && self.beside.asks_teacher() {
            commands.push(Command::ShowTeacher);
        }
    }

    /// Takes what has been read and written, and has the next grid read.
    fn collect(&mut self) {
        while let Some(done) = self.worker.next() {
            match done {
                Done::Listed(files) => self.albums[index(Averaging::Ema)].earlier(files),
                Done::Read(path, outcome) => {
                    self.reading = None;
                    self.albums[index(Averaging::Ema)].read(&path, outcome);
                }
                Done::Opened { run, again } => {
                    self.opening = false;
                    self.beside.opened(run, again);
                }
                Done::Saved(outcome) => {
                    self.said = Some(match outcome {
                        Ok(path) => (true, format!("saved {}", path.display())),
                        Err(error) => (false, error.to_string()),
                    });
                }
            }
        }
        // One at a time: a slider that is dragged passes many.
        let wanted = self.album().wanted().map(Path::to_path_buf);
        if let Some(path) = wanted.filter(|_| self.reading.is_none()) {
            self.reading = Some(path.clone());
            self.worker.start(Job::Read(path));
        }
    }

    fn album(&self) -> &Album {
        &self.albums[index(self.averaging)]
    }

    /// What is shown beside each other, the samples first; none before the first grid.
    fn columns(&mut self, live: bool) -> Option<Vec<Column>> {
        let empty = self.albums.iter().all(|album| album.len() == 0);
        if empty {
            return None;
        }
        let mut stale = false;
        let (title, pictures) = match self.album().shown() {
            None => {
                let why = if live {
                    "The trainer draws the raw weights after this step"
                } else {
                    "The run has ended before it drew the raw weights"
                };
                ("raw weights".to_owned(), Err(why.to_owned()))
            }
            Some(grid) => {
                let pictures = match &grid.held {
                    Held::Here(pictures) => Ok(pictures.clone()),
                    Held::OnDisk => {
                        stale = true;
                        self.last.clone().ok_or_else(|| "reading the grid's file…".to_owned())
                    }
                    Held::Broken(why) => Err(why.clone()),
                };
                (grid.place.words(), pictures)
            }
        };
        self.last = pictures.as_ref().ok().cloned();
        self.stale = stale;
        let samples = Column { kind: Kind::Samples, title, pictures };
        Some(std::iter::once(samples).chain(self.beside.columns(live)).collect())
    }
}

fn index(averaging: Averaging) -> usize {
    match averaging {
        Averaging::Ema => 0,
        Averaging::Raw => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::other_run::OtherRun;
    use super::*;
    use crate::run::message::{Progress, Stage};

    #[test]
    fn another_run_is_read_once_while_nobody_takes_the_answer() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut samples = Samples::new(Context::default()).expect("a thread");
        let run = OtherRun {
            folder: folder.path().to_path_buf(),
            title: "another".to_owned(),
            labelled: false,
            pictures: Vec::new().into(),
        };
        samples.beside.opened(Ok(run), false);
        let grid = |step: u64| {
            let kimg = step as f64;
            let at = Progress { stage: Stage::Sign, step, kimg, stage_kimg: 9.0, elapsed_secs: 1.0 };
            let pictures: Pictures = vec![RgbImage::new(4, 4)].into();
            Message::Samples { at, averaging: Averaging::Ema, pictures, path: None }
        };
        (1..=50).for_each(|step| samples.receive(&grid(step)));
        // Jobs are done in their order: all answers lie before this one.
        samples.worker.start(Job::List(folder.path().to_path_buf()));
        let (mut opened, start) = (0, Instant::now());
        loop {
            assert!(start.elapsed() < Duration::from_secs(20), "the thread does not answer");
            match samples.worker.next() {
                Some(Done::Opened { .. }) => opened += 1,
                Some(Done::Listed(_)) => break,
                _ => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        assert_eq!(opened, 1);
    }
}
