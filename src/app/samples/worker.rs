//! Reads and writes the pane's files on a thread of its own.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use eframe::egui::Context;

use super::export::Export;
use super::other_run::OtherRun;
use crate::app::thread;
use crate::error::Result;
use crate::run::message::Pictures;
use crate::watch;

/// What is to be done.
pub enum Job {
    /// Find the grid files in a run's folder.
    List(PathBuf),
    /// Read one of them.
    Read(PathBuf),
    /// Find and read the newest of another run: one that the user has named, or one that is looked at and read
    /// again.
    Open {
        folder: PathBuf,
        again: bool,
    },
    Save(Export),
}

/// What has been done.
pub enum Done {
    Listed(Vec<watch::Pictures>),
    Read(PathBuf, Result<Pictures>),
    Opened { run: Result<OtherRun>, again: bool },
    Saved(Result<PathBuf>),
}

pub struct Worker {
    jobs: Sender<Job>,
    done: Receiver<Done>,
}

impl Worker {
    /// # Errors
    /// The operating system has no thread left.
    pub fn new(ctx: Context) -> Result<Self> {
        let (jobs, queue) = channel::<Job>();
        let (answer, done) = channel();
        let work = move || {
            for job in queue {
                let outcome = match job {
                    Job::List(run_dir) => Done::Listed(watch::pictures(&run_dir)),
                    Job::Read(path) => {
                        let pictures = watch::grid(&path);
                        Done::Read(path, pictures)
                    }
                    Job::Open { folder, again } => Done::Opened { run: OtherRun::open(&folder), again },
                    Job::Save(export) => Done::Saved(export.write()),
                };
                if answer.send(outcome).is_err() {
                    return;
                }
                ctx.request_repaint();
            }
        };
        thread::start("signet-samples", "reads grids", work)?;
        Ok(Self { jobs, done })
    }

    pub fn start(&self, job: Job) {
        // The thread lives as long as this does.
        let _ = self.jobs.send(job);
    }

    pub fn next(&self) -> Option<Done> {
        self.done.try_recv().ok()
    }
}
