//! What the chosen pictures are: how many, how large, of which classes, and a few of them to see. Read in the
//! background, from a sample: a set may have a million files.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::native::Native;
use crate::app::thread;
use crate::data::{self, Dataset, Report};
use crate::error::{Error, Kind, Result};
use crate::plain_file;
use crate::recipe;
use crate::run::message::Pictures;

/// Pictures that are read.
const SAMPLE: usize = 16;

/// Of which so many are shown, at this side at most, pixels.
pub const SHOWN: usize = 8;
const SHOWN_SIDE: usize = 64;

/// A folder with more files and folders below it is not counted.
const MOST_ENTRIES: usize = 300_000;

/// Folders inside folders that are followed, as a data set's are.
const MOST_DEPTH: usize = 32;

/// A path is looked at when it has not been typed at for so long.
const SETTLED: Duration = Duration::from_millis(600);

/// What was seen.
#[derive(Clone, Debug)]
pub struct Look {
    pub count: usize,
    /// Whether all files that were tried are pictures; else the count is about right.
    pub is_exact: bool,
    pub native: Native,
    /// 1 (gray) or 3.
    pub channels: usize,
    /// Names of the classes; none where the pictures are in no classes.
    pub classes: Vec<String>,
    pub pictures: Pictures,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Looks at one path at a time.
#[derive(Default)]
pub struct Looker {
    /// What stood in the field, and since when.
    typed: Option<(PathBuf, Instant)>,
    at_work: Option<(PathBuf, Arc<AtomicBool>, Receiver<Result<Look>>)>,
    seen: Option<(PathBuf, Result<Look>)>,
}

impl Looker {
    /// Looks at `path` once it is settled; gives what has been seen of it in this very frame, if anything.
    pub fn want(&mut self, ctx: &Context, path: Option<&Path>) -> Option<&Result<Look>> {
        if self.typed.as_ref().map(|(typed, _)| typed.as_path()) != path {
            self.typed = path.map(|path| (path.to_path_buf(), Instant::now()));
            self.give_up();
        }
        let came = self.collect();
        let (wanted, since) = self.typed.clone()?;
        let known = self.seen.as_ref().is_some_and(|(seen, _)| *seen == wanted) || self.at_work.is_some();
        if !known {
            match SETTLED.checked_sub(since.elapsed()) {
                Some(left) if !left.is_zero() => ctx.request_repaint_after(left),
                _ if wanted.exists() => self.start(ctx, wanted),
                _ => {}
            }
        }
        self.seen.as_ref().filter(|_| came).map(|(_, look)| look)
    }

    /// What is known of the path in the field.
    pub fn seen(&self) -> Option<&Result<Look>> {
        let (typed, _) = self.typed.as_ref()?;
        self.seen.as_ref().filter(|(seen, _)| seen == typed).map(|(_, look)| look)
    }

    pub fn is_at_work(&self) -> bool {
        self.at_work.is_some()
    }

    fn start(&mut self, ctx: &Context, path: PathBuf) {
        let (say, outcome) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let (asked, work) = (Arc::clone(&stop), path.clone());
        let ctx = ctx.clone();
        let started = thread::start("signet-look", "looks at the pictures", move || {
            // A window that is gone needs no answer.
            let _ = say.send(look(&work, &asked));
            ctx.request_repaint();
        });
        match started {
            Ok(()) => self.at_work = Some((path, stop, outcome)),
            Err(error) => self.seen = Some((path, Err(error))),
        }
    }

    /// Whether something has come.
    fn collect(&mut self) -> bool {
        let Some((path, _, outcome)) = &self.at_work else { return false };
        let look = match outcome.try_recv() {
            Ok(look) => look,
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Disconnected) => Err(Error::data(path, "the pictures could not be looked at")),
        };
        self.seen = Some((path.clone(), look));
        self.at_work = None;
        true
    }

    fn give_up(&mut self) {
        if let Some((_, stop, _)) = self.at_work.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Looker {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// # Errors
/// A path that is no data set, one with too much below it, and `Kind::Stopped` once `stop` is raised.
fn look(path: &Path, stop: &AtomicBool) -> Result<Look> {
    plain_file::refuse_special(path)?;
    check_size(path, stop)?;
    let open = |size: usize| -> Result<(Dataset, Report)> {
        let path = Some(path.to_path_buf());
        let source = recipe::Data { path, size, limit: Some(SAMPLE), ..recipe::Data::default() };
        data::open(&source, 0, &mut |_, _| unless_raised(stop))
    };
    let mut shown: Option<(Dataset, Report)> = None;
    let native = Native::found(|size| {
        let (set, report) = open(size)?;
        let fit = (report.used, report.resized, report.enlarged);
        if size <= SHOWN_SIDE && shown.as_ref().is_none_or(|(known, _)| known.size < size) {
            shown = Some((set, report));
        }
        Ok(fit)
    })?;
    let Some((set, report)) = shown else { return Err(Error::data(path, "there are no pictures in it")) };
    let tried = report.used + report.skipped.len();
    let is_exact = report.skipped.is_empty();
    let count = match is_exact {
        true => report.found,
        // Of those that were not tried as many are pictures as of those that were.
        false => (report.found as f64 * report.used as f64 / tried.max(1) as f64).round() as usize,
    };
    Ok(Look {
        count: count.max(report.used),
        is_exact,
        native,
        channels: report.channels,
        classes: report.classes.iter().map(|(name, _)| name.clone()).collect(),
        pictures: set.spread(SHOWN).map(|index| set.picture(index)).collect(),
        warnings: report.warnings,
    })
}

fn unless_raised(stop: &AtomicBool) -> Result<()> {
    match stop.load(Ordering::Relaxed) {
        true => Err(Error::new(Kind::Stopped, "another path is looked at")),
        false => Ok(()),
    }
}

/// Whether a folder can be listed in a moment: `/`, say, cannot.
fn check_size(path: &Path, stop: &AtomicBool) -> Result<()> {
    let (mut entries, mut visited) = (0, HashSet::new());
    let mut folders = vec![(path.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        unless_raised(stop)?;
        // A link may lead back to where it lies.
        let is_new = folder.canonicalize().is_ok_and(|real| visited.insert(real));
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten().filter(|_| is_new) {
            entries += 1;
            if entries > MOST_ENTRIES {
                return Err(Error::data(path, format!("there are more than {MOST_ENTRIES} files below it"))
                    .hint("choose the folder that has the pictures; a run can read them all the same"));
            }
            if depth < MOST_DEPTH && entry.path().is_dir() {
                folders.push((entry.path(), depth + 1));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn save(folder: &Path, name: &str, side: u32) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        RgbImage::from_pixel(side, side, Rgb([200, 90, 20])).save(path).expect("a picture");
    }

    fn seen(path: &Path) -> Result<Look> {
        look(path, &AtomicBool::new(false))
    }

    #[test]
    fn pictures_are_counted_and_shown_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        for index in 0..30 {
            save(folder.path(), &format!("{}/{index}.png", ["cat", "dog"][index % 2]), 48);
        }
        let look = seen(folder.path()).expect("pictures");
        assert_eq!((look.count, look.is_exact, look.channels), (30, true, 3));
        assert_eq!((look.native, look.classes), (Native::Between(32, 63), vec!["cat".into(), "dog".into()]));
        assert_eq!(look.pictures.len(), SHOWN);
        let shown = look.pictures[0].get_pixel(5, 5).0;
        assert!(shown.iter().zip([200, 90, 20]).all(|(a, b)| a.abs_diff(b) < 3), "{shown:?}");
    }

    #[test]
    fn files_that_are_no_pictures_make_it_about_right() {
        let folder = tempfile::tempdir().expect("a folder");
        for index in 0..40 {
            save(folder.path(), &format!("{index}.png"), 32);
            fs::write(folder.path().join(format!("{index}.txt")), "words").expect("a file");
        }
        let look = seen(folder.path()).expect("pictures");
        assert!(!look.is_exact && (20..60).contains(&look.count), "{}", look.count);
        assert_eq!((look.native, look.classes.len()), (Native::Exactly(32), 0));
    }

    #[test]
    fn what_is_no_set_is_told_and_a_wish_to_stop_is_heard() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(seen(folder.path()).is_err_and(|error| error.remedy.is_some()));
        assert!(seen(&folder.path().join("none")).is_err());
        save(folder.path(), "a.png", 16);
        let stopped = look(folder.path(), &AtomicBool::new(true)).expect_err("somebody wants to stop");
        assert_eq!(stopped.kind, Kind::Stopped);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_back_is_followed_once() {
        let folder = tempfile::tempdir().expect("a folder");
        save(folder.path(), "a.png", 16);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).expect("a link");
        assert_eq!(seen(folder.path()).expect("pictures").count, 1);
    }
}
