//! A run folder as a stranger may hand it over, and the program that is let loose on it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::copy;

/// Nothing that the program does with such a folder takes longer.
const SOON: Duration = Duration::from_secs(10);

/// As large as a disk, with nothing on it.
const VAST: u64 = 1 << 40;

/// What lies in a file's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Odd {
    LinkOut,
    LinkToNothing,
    LinkToZeros,
    Pipe,
    Vast,
    Folder,
}

impl Odd {
    pub const ALL: [Self; 6] =
        [Self::LinkOut, Self::LinkToNothing, Self::LinkToZeros, Self::Pipe, Self::Vast, Self::Folder];
}

/// A place with a run in `run`, its images in `pictures`, and somebody else's files in `elsewhere`.
pub struct Place {
    folder: tempfile::TempDir,
    theirs: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

/// The newest checkpoint of the run.
pub const CHECKPOINT: &str = "checkpoints/step-00000013-sign";

impl Place {
    /// A SIGN run of a few images that was stopped half-way in its student.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1"), folder.path());
        let mut place = Self { folder, theirs: BTreeMap::new() };
        fs::create_dir_all(place.at("elsewhere/folder")).expect("a folder");
        for name in ["file", "folder/file", "picture.png"] {
            fs::write(place.at("elsewhere").join(name), "theirs").expect("a file");
        }
        place.theirs = all_in(&place.at("elsewhere"));
        place
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn run(&self, name: &str) -> PathBuf {
        self.at("run").join(name)
    }

    /// Puts something odd at `path`, in the place of what is there; gives what brings it back.
    pub fn spoil(&self, path: &Path, odd: Odd) -> Restore {
        let aside = self.at("aside");
        let restore =
            Restore { path: path.to_path_buf(), aside: fs::rename(path, &aside).is_ok().then_some(aside) };
        match odd {
            Odd::LinkOut => symlink(self.at("elsewhere/file"), path).expect("a link"),
            Odd::LinkToNothing => symlink(self.at("elsewhere/none"), path).expect("a link"),
            Odd::LinkToZeros => symlink("/dev/zero", path).expect("a link"),
            Odd::Pipe => {
                assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
            }
            Odd::Vast => {
                fs::File::create(path).and_then(|file| file.set_len(VAST)).expect("room for a hole");
            }
            Odd::Folder => fs::create_dir(path).expect("a folder"),
        }
        restore
    }

    /// What the program says, and whether it ended well: in time, in words, and without touching what is somebody
    /// else's.
    pub fn signet(&self, arguments: &[&str]) -> (bool, String) {
        let (ended_well, said, errors) = self.signet_apart(arguments);
        (ended_well, said + &errors)
    }

    /// The same with standard output and errors apart.
    pub fn signet_apart(&self, arguments: &[&str]) -> (bool, String, String) {
        let [out, err] = ["stdout", "stderr"].map(|name| self.at(name));
        let file = |path: &PathBuf| Stdio::from(fs::File::create(path).expect("a file"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
        command.current_dir(self.folder.path()).args(arguments).stdin(Stdio::null());
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").stdout(file(&out)).stderr(file(&err));
        let mut child = command.spawn().expect("the program starts");
        let clock = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child") {
                break status;
            }
            if clock.elapsed() > SOON {
                child.kill().expect("it can be killed");
                panic!("{arguments:?} takes more than {SOON:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let [said, errors] =
            [out, err].map(|path| String::from_utf8_lossy(&fs::read(path).expect("words")).into_owned());
        let all = format!("{said}{errors}");
        assert!(status.code().is_some_and(|code| code < 100), "{arguments:?} ended with {status}: {all}");
        assert!(!all.contains("panicked") && !all.contains("unexpectedly"), "{arguments:?}: {all}");
        assert!(status.success() || all.contains("what to do"), "{arguments:?} does not help: {all}");
        assert!(
            all_in(&self.at("elsewhere")) == self.theirs,
            "{arguments:?} changed somebody else's files: {all}"
        );
        (status.success(), said, errors)
    }

    /// Goes on with the run, for no more than it takes to open it.
    pub fn resume(&self) -> (bool, String) {
        let train = ["train", "run", "--data", "pictures", "--device", "cpu", "--headless"];
        self.signet(&[&train[..], &["--max-kimg", "0.001"]].concat())
    }
}

/// Brings back what was there.
pub struct Restore {
    path: PathBuf,
    aside: Option<PathBuf>,
}

impl Drop for Restore {
    fn drop(&mut self) {
        let removed = if self.path.is_dir() && !self.path.is_symlink() {
            fs::remove_dir_all(&self.path)
        } else {
            fs::remove_file(&self.path)
        };
        // The program may have put its own in the place, or removed it.
        let _ = removed;
        if let Some(aside) = &self.aside {
            let _ = fs::rename(aside, &self.path);
        }
    }
}

/// Every file and folder with what is in it.
fn all_in(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(all_in(&path));
            all.insert(path, None);
        } else {
            all.insert(path.clone(), Some(fs::read(&path).expect("a file")));
        }
    }
    all
}
