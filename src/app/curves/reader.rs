//! Reads a run folder's numbers on a thread of its own, and reads on while the run goes on.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::time::Duration;

use eframe::egui::Context;

use super::stats_file::Row;
use crate::app::thread;
use crate::error::{Error, Kind, Result};
use crate::plain_file;
use crate::run::STATS_FILE;
use crate::watch::{self, Tail};

/// How often a run that may be going on is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Rows that are handed over at once: few enough that taking them in holds up no frame.
const BATCH: usize = 2_000;

/// Batches that may wait; a reader that is ahead of the window waits for it.
const QUEUE: usize = 4;

pub enum News {
    Rows(Vec<Row>),
    /// The file was written anew: what was read before no longer holds.
    Restarted,
    /// Everything that there is has been read.
    CaughtUp,
    Failed(Error),
}

/// A thread that reads one run; it ends when this is dropped.
pub struct Reader {
    news: Receiver<News>,
    _alive: Sender<()>,
}

impl Reader {
    /// # Errors
    /// The operating system has no thread left.
    pub fn start(folder: &Path, follow: bool, ctx: Context) -> Result<Self> {
        let (say, news) = sync_channel(QUEUE);
        let (alive, hangs_up) = channel::<()>();
        let path = folder.join(STATS_FILE);
        let work = move || {
            let mut position = Position::new(path);
            loop {
                let outcome = position.read_on(&say, &ctx);
                let failed = outcome.is_err();
                let last = match outcome {
                    Ok(()) => News::CaughtUp,
                    Err(error) => News::Failed(error),
                };
                if say.send(last).is_err() {
                    return;
                }
                ctx.request_repaint();
                let over =
                    hangs_up.recv_timeout(LOOK_AGAIN) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected);
                if failed || !follow || over {
                    return;
                }
            }
        };
        thread::start("signet-curves", "reads runs", work)?;
        Ok(Self { news, _alive: alive })
    }

    /// What was read since the last call, but no more than a frame has time for; none when the thread has
    /// ended and everything was taken.
    pub fn next(&self) -> Option<Vec<News>> {
        let mut all = Vec::new();
        while all.len() < QUEUE {
            match self.news.try_recv() {
                Ok(news) => all.push(news),
                Err(TryRecvError::Disconnected) if all.is_empty() => return None,
                Err(_) => break,
            }
        }
        Some(all)
    }
}

struct Position {
    tail: Tail,
}

impl Position {
    fn new(path: PathBuf) -> Self {
        Self { tail: Tail::new(path) }
    }

    /// Hands over the rows that have come since the last time.
    fn read_on(&mut self, say: &SyncSender<News>, ctx: &Context) -> Result<()> {
        let path = self.tail.path();
        if !plain_file::exists(path) {
            return Err(Error::new(Kind::Io, "there are no numbers here")
                .at(path)
                .hint("give the folder of a run, one that `signet train` printed"));
        }
        let mut rows = Vec::new();
        let hand_over = |rows: &mut Vec<Row>| {
            // A window that is gone hears nothing, and that is fine.
            let heard = say.send(News::Rows(std::mem::take(rows)));
            ctx.request_repaint();
            if heard.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        self.tail.poll(&mut |news| match news {
            watch::News::Anew => {
                rows.clear();
                let _ = say.send(News::Restarted);
                ControlFlow::Continue(())
            }
            watch::News::Line(line) => {
                rows.extend(Row::parse(line));
                if rows.len() < BATCH { ControlFlow::Continue(()) } else { hand_over(&mut rows) }
            }
        })?;
        if !rows.is_empty() {
            let _ = hand_over(&mut rows);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use super::*;

    const LINE: &str = r#"{"stage":"sign","step":1,"kimg":0.5,"elapsed_secs":2.5,"rec":0.25}"#;

    /// Rows that one more look finds, and how often the file was found to be new.
    fn look(position: &mut Position) -> (usize, usize) {
        let (say, news) = sync_channel(100);
        position.read_on(&say, &Context::default()).expect("it reads");
        drop(say);
        news.iter().fold((0, 0), |(rows, restarts), news| match news {
            News::Rows(more) => (rows + more.len(), restarts),
            News::Restarted => (rows, restarts + 1),
            News::CaughtUp | News::Failed(_) => (rows, restarts),
        })
    }

    #[test]
    fn only_whole_new_lines_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(STATS_FILE);
        let append = |text: &str| {
            let mut file = File::options().create(true).append(true).open(&path).expect("a file");
            file.write_all(text.as_bytes()).expect("it writes");
        };
        let mut position = Position::new(path.clone());
        let (head, tail) = LINE.split_at(20);
        append(&format!("{LINE}\nnot a row\n{LINE}\n{head}"));
        assert_eq!(look(&mut position), (2, 0));
        assert_eq!(look(&mut position), (0, 0));
        append(&format!("{tail}\n"));
        assert_eq!(look(&mut position), (1, 0));
        std::fs::write(&path, format!("{LINE}\n")).expect("it writes");
        assert_eq!(look(&mut position), (1, 1));
    }

    #[test]
    fn a_folder_without_numbers_is_an_error_in_words() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut position = Position::new(folder.path().join(STATS_FILE));
        let (say, _news) = sync_channel(100);
        let error = position.read_on(&say, &Context::default()).expect_err("no file");
        assert!(error.to_string().contains("signet train"), "{error}");
    }
}
