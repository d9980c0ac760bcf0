//! Opens pictures on a thread of its own, so that a large one does not hold up the window.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use eframe::egui::Context;

use super::decode::{self, Kept, Source};
use crate::app::thread;
use crate::error::Result;

/// A picture, or why there is none.
pub struct Opened {
    /// The file's name, for people.
    pub name: String,
    pub outcome: Result<Kept>,
}

pub struct Opener {
    jobs: Sender<Source>,
    results: Receiver<Opened>,
    /// Files that are being read.
    pub pending: usize,
}

impl Opener {
    /// # Errors
    /// The operating system has no thread left.
    pub fn new(ctx: Context) -> Result<Self> {
        let (jobs, queue) = channel::<Source>();
        let (answer, results) = channel();
        let worker = move || {
            for source in queue {
                let opened = Opened { name: name_of(source.path()), outcome: decode::open(&source) };
                if answer.send(opened).is_err() {
                    return;
                }
                ctx.request_repaint();
            }
        };
        thread::start("signet-open", "opens the editor's pictures", worker)?;
        Ok(Self { jobs, results, pending: 0 })
    }

    pub fn open(&mut self, source: Source) {
        if self.jobs.send(source).is_ok() {
            self.pending += 1;
        }
    }

    /// The next picture that is ready.
    pub fn next(&mut self) -> Option<Opened> {
        let opened = self.results.try_recv().ok()?;
        self.pending = self.pending.saturating_sub(1);
        Some(opened)
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}
