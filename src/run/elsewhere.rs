//! A run that another process trains: whether there is one, which, and whether it can be asked to stop.

use std::fs::{self, TryLockError};
use std::path::Path;

use super::folder::LOCK_FILE;
use super::message::Ending;
use crate::error::{Error, Kind, Result};
use crate::plain_file;

/// The process that trains a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// Its number on this machine; none where it is not known, or is nobody's that may be asked.
    pub process: Option<u32>,
}

/// How such a process has left the run.
#[derive(Clone, Debug, PartialEq)]
pub enum Departure {
    /// It said so, and all is saved.
    Ended(Ending),
    /// It said why, in words.
    Failed(String),
    /// It is gone without a word.
    Silent,
}

/// What somebody wants once it has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GoOn {
    /// Train the run here, by its own recipe.
    AsItIs,
    /// The same, with its last stage so many thousand images long.
    Longer { kimg: f64 },
}

impl Elsewhere {
    /// Of the run in this folder, as far as it is known.
    pub fn of(run_dir: &Path) -> Self {
        Self { process: holder(&run_dir.join(LOCK_FILE)) }
    }

    /// Why the process cannot be asked to stop from here; none where it can.
    pub fn why_deaf(&self) -> Option<&'static str> {
        self.process.is_none().then_some(
            "Another process trains this run, and it cannot be reached from here: press Ctrl-C in the terminal \
             where it trains, or Stop in its own window",
        )
    }

    /// Asks the process to save and end, as Ctrl-C does.
    ///
    /// # Errors
    /// `Kind::Usage` where nobody is there to be asked; `Kind::Io` where the system refuses.
    pub fn ask_to_stop(&self, run_dir: &Path) -> Result<()> {
        let refused = |what: &str| {
            Error::new(Kind::Io, what).at(run_dir).hint("press Ctrl-C in the terminal where it trains")
        };
        let process = self.process.filter(|_| Self::of(run_dir) == *self);
        let process =
            process.ok_or_else(|| refused("the process that trains this run is not known any more"))?;
        if terminate(process) {
            Ok(())
        } else {
            Err(refused("the process that trains this run cannot be asked"))
        }
    }
}

/// Whether a process, this one or another, trains the run in the folder. Not known where the file system has no
/// locks, or keeps them from other machines: then nobody does.
pub fn is_held(run_dir: &Path) -> bool {
    let path = run_dir.join(LOCK_FILE);
    plain_file::open(&path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// The process of this machine, but this one, that holds the lock; none if that is not a single one. Who only looks at
/// it has the file open too, but has no lock to write on it.
#[cfg(target_os = "linux")]
fn holder(lock: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    let place = |meta: fs::Metadata| (meta.dev(), meta.ino());
    let own = place(fs::symlink_metadata(lock).ok().filter(fs::Metadata::is_file)?);
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let holds = |process: u32, descriptor: u32| {
        let opened = format!("/proc/{process}/fd/{descriptor}");
        // Its name is looked at first: what else a process has open may not answer.
        let is_lock = fs::read_link(&opened).is_ok_and(|path| path.ends_with(LOCK_FILE));
        let locks = || fs::read_to_string(format!("/proc/{process}/fdinfo/{descriptor}")).unwrap_or_default();
        let writes = |line: &str| line.starts_with("lock:") && line.contains("WRITE");
        is_lock && fs::metadata(&opened).is_ok_and(|meta| place(meta) == own) && locks().lines().any(writes)
    };
    let processes = fs::read_dir("/proc").ok()?.flatten().filter_map(number);
    let mut holders = processes.filter(|process| {
        let descriptors = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        *process != std::process::id() && descriptors.filter_map(number).any(|number| holds(*process, number))
    });
    holders.next().filter(|_| holders.next().is_none())
}

#[cfg(not(target_os = "linux"))]
fn holder(_: &Path) -> Option<u32> {
    None
}

/// Sends the signal that a trainer saves and ends at; whether it was taken. Every Unix shell knows how.
#[cfg(unix)]
fn terminate(process: u32) -> bool {
    use std::process::{Command, Stdio};

    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", "kill -TERM \"$0\"", &process.to_string()]);
    kill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    kill.status().is_ok_and(|status| status.success())
}

#[cfg(not(unix))]
fn terminate(_: u32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::folder::RunFolder;

    #[test]
    fn a_run_is_held_as_long_as_its_trainer_lives() {
        let folder = tempfile::tempdir().expect("a folder");
        let run = RunFolder { path: folder.path().to_path_buf() };
        assert!(!is_held(folder.path()), "nobody has trained here");
        let lock = run.lock().expect("free");
        assert!(is_held(folder.path()));
        // It is this process: it is not asked by a signal.
        let own = Elsewhere::of(folder.path());
        assert!(own.process.is_none() && own.why_deaf().is_some_and(|why| why.contains("Ctrl-C")));
        assert!(own.ask_to_stop(folder.path()).is_err());
        drop(lock);
        assert!(!is_held(folder.path()));
    }

    /// Whoever looks has the file for a moment: a trainer that begins just then is not turned away.
    #[test]
    fn looking_keeps_nobody_from_training() {
        let folder = tempfile::tempdir().expect("a folder");
        let run = RunFolder { path: folder.path().to_path_buf() };
        drop(run.lock().expect("free"));
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(std::sync::atomic::Ordering::Relaxed) {
                        is_held(folder.path());
                    }
                });
            }
            let locked = (0..50).map(|_| run.lock().map(drop)).collect::<Result<Vec<_>>>();
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            locked.expect("a lock each time");
        });
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_no_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/dev/zero", folder.path().join(LOCK_FILE)).expect("a link");
        assert!(!is_held(folder.path()));
    }
}
