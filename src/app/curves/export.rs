//! Writes what is shown into files, on threads of their own.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use eframe::egui::{Context, Rect};

use super::csv::{self, Column};
use super::picture;
use crate::app::{fresh_file, thread};
use crate::error::{Error, Kind, Result};

/// Frames between the click and the screenshot: the menu that was clicked in is gone from the second on.
const FRAMES_TO_SETTLE: u8 = 2;

/// Longest wait for the window's next picture; a minimised window has none.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Export {
    /// What the user calls the file; empty for the chart's own name.
    pub name: String,
    /// How the last export ended, in words, and whether well.
    pub said: Option<(bool, String)>,
    jobs: Vec<Receiver<Result<PathBuf>>>,
    /// A picture that is to be taken once so many frames have passed.
    picture: Option<(u8, PathBuf)>,
}

impl Export {
    /// Writes a table.
    pub fn csv(&mut self, ctx: &Context, path: PathBuf, columns: Vec<Column>) {
        self.start(ctx, move || fresh_file::write(&path, csv::text(&columns).as_bytes()));
    }

    /// Takes a picture of the charts when nothing lies above them any more.
    pub fn png(&mut self, ctx: &Context, path: PathBuf) {
        self.picture = Some((FRAMES_TO_SETTLE, path));
        ctx.request_repaint();
    }

    /// Whether a picture is about to be taken: nothing shall lie above the charts.
    pub fn waits_for_picture(&self) -> bool {
        self.picture.is_some()
    }

    /// Takes the picture if its time has come, and hears of files that are finished; `area` (points) is where
    /// the charts are in this frame.
    pub fn step(&mut self, ctx: &Context, area: Rect) {
        match self.picture.take() {
            Some((0, path)) => {
                let (shot, density) = (picture::request(ctx), ctx.pixels_per_point());
                self.start(ctx, move || {
                    let none = |_| Error::new(Kind::Device, "the window gave no picture of itself");
                    let shot = shot.recv_timeout(PATIENCE).map_err(none)?;
                    fresh_file::write(&path, &picture::png(&shot, area, density)?)
                });
            }
            Some((frames, path)) => {
                self.picture = Some((frames - 1, path));
                ctx.request_repaint();
            }
            None => {}
        }
        let said = &mut self.said;
        self.jobs.retain(|job| match job.try_recv() {
            Ok(Ok(path)) => {
                *said = Some((true, format!("saved {}", path.display())));
                false
            }
            Ok(Err(error)) => {
                *said = Some((false, error.to_string()));
                false
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => true,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => false,
        });
    }

    fn start(&mut self, ctx: &Context, work: impl FnOnce() -> Result<PathBuf> + Send + 'static) {
        let (say, outcome) = channel();
        let ctx = ctx.clone();
        let started = thread::start("signet-export", "writes the file", move || {
            // A window that is gone hears nothing; the file is written all the same.
            let _ = say.send(work());
            ctx.request_repaint();
        });
        match started {
            Ok(()) => self.jobs.push(outcome),
            Err(error) => self.said = Some((false, error.to_string())),
        }
    }
}
