//! All runs in sight: the one in training first, then those that were opened beside it.

use std::path::{Path, PathBuf};

use eframe::egui::Context;

use super::live::Live;
use super::reader::{News, Reader};
use super::run::Run;
use crate::error::Error;
use crate::run::STATS_FILE;
use crate::run::message::Message;

pub struct Book {
    pub runs: Vec<Run>,
    live: Live,
    /// What reads the first run where another process trains it.
    followed: Followed,
    /// The reader of each run but the first, in the same order; none where it could not start.
    readers: Vec<Option<Reader>>,
    history: History,
}

/// Earlier sessions of the run in training.
enum History {
    None,
    Wanted(PathBuf),
    Reading(Reader, Box<Run>),
}

/// The first run, as its folder has it, while another process trains it.
enum Followed {
    No,
    Wanted(PathBuf),
    Read(Reader),
}

impl Book {
    pub fn new() -> Self {
        Self {
            runs: vec![Run::new(String::new(), None)],
            live: Live::default(),
            followed: Followed::No,
            readers: Vec::new(),
            history: History::None,
        }
    }

    pub fn receive(&mut self, message: &Message) {
        match message {
            // It is trained here from now on, or followed anew: its folder is read from the beginning.
            Message::Started { .. } if !matches!(self.followed, Followed::No) => {
                (self.followed, self.live) = (Followed::No, Live::default());
                if let Some(run) = self.runs.first_mut() {
                    *run = Run::new(String::new(), None);
                }
            }
            Message::Followed(_) if matches!(self.followed, Followed::No) => {
                let folder = self.runs.first().and_then(|run| run.folder.clone());
                self.followed = folder.map_or(Followed::No, Followed::Wanted);
            }
            // Its numbers come from its folder.
            Message::Step { .. } | Message::Metric { .. } if !matches!(self.followed, Followed::No) => return,
            _ => {}
        }
        // A run that is trained longer has its past here already.
        if let Message::Started { run_dir, resumed_from: Some(_), .. } = message
            && !self.live.has_begun()
        {
            self.history = History::Wanted(run_dir.clone());
        }
        if let Some(run) = self.runs.first_mut() {
            self.live.receive(run, message);
        }
    }

    /// Whether there is more to show than the run in training has said of itself: another run, or its own past
    /// that is being read.
    pub fn reads(&self) -> bool {
        self.runs.len() > 1
            || matches!(self.history, History::Reading(..))
            || !matches!(self.followed, Followed::No)
    }

    /// Opens the run in the folder `given`, or at the stats file that is named instead. One that is open
    /// already, or is in training, is not opened twice.
    pub fn open(&mut self, given: &Path, ctx: &Context) {
        let folder = match given.file_name() {
            Some(name) if name == STATS_FILE => given.parent().unwrap_or(given),
            _ => given,
        };
        let is_it = |run: &Run| run.folder.as_deref().is_some_and(|open| same(open, folder));
        if let Some(index) = self.runs.iter().position(is_it) {
            return self.read_again(index, ctx);
        }
        let name = folder
            .file_name()
            .map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned());
        let mut run = Run::new(name, Some(folder.to_path_buf()));
        let reader = Reader::start(folder, true, ctx.clone());
        run.problem = reader.as_ref().err().cloned();
        self.runs.push(run);
        self.readers.push(reader.ok());
    }

    /// Reads a run that could not be read once more, from its beginning.
    fn read_again(&mut self, index: usize, ctx: &Context) {
        let slot = index.checked_sub(1).and_then(|reader| self.readers.get_mut(reader));
        let (Some(run), Some(slot)) = (self.runs.get_mut(index), slot) else { return };
        let Some(folder) = run.folder.clone().filter(|_| run.problem.is_some()) else { return };
        run.clear();
        let reader = Reader::start(&folder, true, ctx.clone());
        run.problem = reader.as_ref().err().cloned();
        *slot = reader.ok();
    }

    /// Takes the run with this index from the window; the first stays.
    pub fn close(&mut self, index: usize) {
        if let Some(reader) = index.checked_sub(1).filter(|reader| *reader < self.readers.len()) {
            self.runs.remove(index);
            self.readers.remove(reader);
        }
    }

    /// Takes in what was read since the last frame.
    pub fn read(&mut self, ctx: &Context) {
        self.read_history(ctx);
        self.read_followed(ctx);
        for (run, slot) in self.runs.iter_mut().skip(1).zip(&mut self.readers) {
            let Some(reader) = slot else { continue };
            match reader.next() {
                Some(news) => take_in(run, news, ctx),
                None => *slot = None,
            }
        }
    }

    /// The curves of a run that another process trains.
    fn read_followed(&mut self, ctx: &Context) {
        let Some(run) = self.runs.first_mut() else { return };
        if let Followed::Wanted(folder) = &self.followed {
            match Reader::start(folder, true, ctx.clone()) {
                Ok(reader) => self.followed = Followed::Read(reader),
                Err(error) => (self.followed, run.problem) = (Followed::No, Some(error)),
            }
        }
        if let Followed::Read(reader) = &self.followed
            && let Some(news) = reader.next()
        {
            take_in(run, news, ctx);
        }
    }

    /// The curves of a run that goes on begin where the run did, not where the window opened.
    fn read_history(&mut self, ctx: &Context) {
        if let History::Wanted(folder) = &self.history {
            self.history = match Reader::start(folder, false, ctx.clone()) {
                Ok(reader) => History::Reading(reader, Box::new(Run::new(String::new(), None))),
                Err(error) => self.give_up(error),
            };
        }
        let History::Reading(reader, earlier) = &mut self.history else { return };
        let mut over = None;
        match reader.next() {
            None => over = Some(None),
            Some(news) => {
                for news in news {
                    match news {
                        News::Rows(rows) => rows.into_iter().for_each(|row| row.record_in(earlier)),
                        News::Restarted => **earlier = Run::new(String::new(), None),
                        News::CaughtUp => over = Some(None),
                        News::Failed(error) => over = Some(Some(error)),
                    }
                }
            }
        }
        let Some(problem) = over else { return };
        let History::Reading(_, earlier) = std::mem::replace(&mut self.history, History::None) else {
            return;
        };
        match (problem, self.runs.first_mut()) {
            (Some(error), _) => self.history = self.give_up(error),
            (None, Some(run)) => run.continue_from(*earlier),
            (None, None) => {}
        }
    }

    fn give_up(&mut self, error: Error) -> History {
        if let Some(run) = self.runs.first_mut() {
            run.problem = Some(error);
        }
        History::None
    }
}

/// Adds to the curves of `run` what was read of it.
fn take_in(run: &mut Run, all: Vec<News>, ctx: &Context) {
    if !all.is_empty() {
        // More may be waiting than one frame takes in.
        ctx.request_repaint();
    }
    for news in all {
        match news {
            News::Rows(rows) => rows.into_iter().for_each(|row| row.record_in(run)),
            News::Restarted => run.clear(),
            News::CaughtUp => {}
            News::Failed(error) => run.problem = Some(error),
        }
    }
}

/// Whether two paths are one folder.
fn same(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    real(a) == real(b)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::run::message::{Elsewhere, Left, Progress, Stage};

    fn folder(lines: &[(u64, f64)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let line = |(step, rec): &(u64, f64)| {
            let kimg = *step as f64 * 0.5;
            format!(
                "{{\"stage\":\"sign\",\"step\":{step},\"kimg\":{kimg},\"elapsed_secs\":{step},\"rec\":{rec}}}\n"
            )
        };
        let text: String = lines.iter().map(line).collect();
        std::fs::write(folder.path().join(STATS_FILE), text).expect("it writes");
        folder
    }

    fn read_until(book: &mut Book, done: impl Fn(&Book) -> bool) {
        let start = Instant::now();
        while !done(book) {
            book.read(&Context::default());
            assert!(start.elapsed() < Duration::from_secs(20), "nothing was read");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn values(book: &Book, run: usize) -> Vec<f64> {
        book.runs[run].series.first().map(|series| series.values().to_vec()).unwrap_or_default()
    }

    #[test]
    fn a_run_that_goes_on_shows_its_past() {
        let past = folder(&[(2, 2.0), (4, 4.0), (6, 6.0)]);
        let mut book = Book::new();
        book.receive(&Message::Started {
            run_dir: past.path().to_path_buf(),
            recipe: "demo".to_owned(),
            device: "none".to_owned(),
            resolution: 16,
            resumed_from: Some("checkpoints/step-4".into()),
        });
        let at = Progress { stage: Stage::Sign, step: 5, kimg: 2.5, stage_kimg: 9.0, elapsed_secs: 5.0 };
        book.receive(&Message::Step {
            at,
            losses: vec![("rec", 5.0)],
            images_per_sec: 10.0,
            left: Left::alone(1.0),
        });
        read_until(&mut book, |book| values(book, 0).len() == 3);
        assert_eq!(values(&book, 0), [2.0, 4.0, 5.0], "what is measured anew replaces what was");
    }

    #[test]
    fn another_run_is_read_and_read_on() {
        let other = folder(&[(2, 2.0), (4, 4.0)]);
        let mut book = Book::new();
        book.open(other.path(), &Context::default());
        book.open(&other.path().join(STATS_FILE), &Context::default());
        assert_eq!(book.runs.len(), 2, "one run is opened once");
        read_until(&mut book, |book| values(book, 1) == [2.0, 4.0]);
        let line = "{\"stage\":\"sign\",\"step\":6,\"kimg\":3,\"elapsed_secs\":6,\"rec\":6}\n";
        let mut file = std::fs::File::options().append(true).open(other.path().join(STATS_FILE)).expect("it");
        std::io::Write::write_all(&mut file, line.as_bytes()).expect("it writes");
        read_until(&mut book, |book| values(book, 1) == [2.0, 4.0, 6.0]);
        book.close(0);
        assert_eq!(book.runs.len(), 2, "the run in training stays");
        book.close(1);
        assert_eq!(book.runs.len(), 1);
    }

    #[test]
    fn a_run_of_another_process_is_read_from_its_folder() {
        let run = folder(&[(2, 2.0), (4, 4.0)]);
        let mut book = Book::new();
        let started = Message::Started {
            run_dir: run.path().to_path_buf(),
            recipe: "demo".to_owned(),
            device: "none".to_owned(),
            resolution: 16,
            resumed_from: None,
        };
        book.receive(&started);
        book.receive(&Message::Followed(Elsewhere { process: None }));
        let at = Progress { stage: Stage::Sign, step: 6, kimg: 3.0, stage_kimg: 9.0, elapsed_secs: 6.0 };
        let left = Left::alone(1.0);
        book.receive(&Message::Step { at, losses: Vec::new(), images_per_sec: 10.0, left });
        read_until(&mut book, |book| values(book, 0) == [2.0, 4.0]);
        assert_eq!(book.runs[0].series.len(), 1, "the step stands in the folder already");
        // It goes on here.
        let resumed = "checkpoints/step-4".into();
        let Message::Started { run_dir, recipe, device, resolution, .. } = started else { unreachable!() };
        let resumed_from = Some(resumed);
        book.receive(&Message::Started { run_dir, recipe, device, resolution, resumed_from });
        book.receive(&Message::Step { at, losses: vec![("rec", 6.0)], images_per_sec: 10.0, left });
        read_until(&mut book, |book| values(book, 0) == [2.0, 4.0, 6.0]);
    }

    #[test]
    fn a_folder_that_is_no_run_says_so() {
        let mut book = Book::new();
        book.open(Path::new("/nowhere/at all"), &Context::default());
        read_until(&mut book, |book| book.runs[1].problem.is_some());
        let words = book.runs[1].problem.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(words.contains("/nowhere/at all") && words.contains("signet train"), "{words}");
    }

    #[test]
    fn a_run_that_could_not_be_read_is_read_when_it_is_named_again() {
        let runs = tempfile::tempdir().expect("a folder");
        let later = runs.path().join("later");
        let mut book = Book::new();
        book.open(&later, &Context::default());
        read_until(&mut book, |book| book.runs[1].problem.is_some());
        std::fs::create_dir(&later).expect("a folder");
        let now = folder(&[(2, 2.0)]);
        std::fs::copy(now.path().join(STATS_FILE), later.join(STATS_FILE)).expect("its numbers");
        book.open(&later, &Context::default());
        read_until(&mut book, |book| values(book, 1) == [2.0]);
        assert!(book.runs.len() == 2 && book.runs[1].problem.is_none());
    }
}
