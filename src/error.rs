//! One error type for the whole program: what was wrong, where, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::words::{self, printable};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What part of the world an error came from; the command line maps it to an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A flag, a recipe or a combination of them.
    Usage,
    /// A data set, an image or another file of the user's.
    Data,
    /// A checkpoint or a run folder.
    Checkpoint,
    /// A device that is missing or unusable.
    Device,
    /// A device that has no memory left for what it is asked.
    DeviceFull,
    /// A device that was there and is gone: nothing on it can be read any more.
    DeviceLost,
    /// Training left the finite numbers and could not be brought back.
    Diverged,
    /// The operating system refused something.
    Io,
    /// Nothing went wrong: somebody asked for a stop.
    Stopped,
}

/// An error in words: `what` happened, at which `place`, what is `safe` all the same, and a `remedy` the
/// user can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    pub what: String,
    pub place: Option<PathBuf>,
    pub safe: Option<String>,
    pub remedy: Option<String>,
}

impl Error {
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), place: None, safe: None, remedy: None }
    }

    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what)
    }

    pub fn data(path: impl AsRef<Path>, what: impl Into<String>) -> Self {
        Self::new(Kind::Data, what).at(path)
    }

    pub fn checkpoint(path: impl AsRef<Path>, what: impl Into<String>) -> Self {
        Self::new(Kind::Checkpoint, what).at(path)
    }

    /// An operating system error while doing `doing` ("read", "create the folder", …) to `path`.
    pub fn io(path: impl AsRef<Path>, doing: &str, source: &std::io::Error) -> Self {
        Self::new(Kind::Io, format!("could not {doing}: {source}")).at(path)
    }

    /// Names the file or folder that the error is about.
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.place = Some(path.as_ref().to_path_buf());
        self
    }

    /// Says what of the user's work is safe all the same.
    pub fn safe(mut self, safe: impl Into<String>) -> Self {
        self.safe = Some(safe.into());
        self
    }

    /// Says what the user can do.
    pub fn hint(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Exit status of a process that ends with this error (2 is clap's own for bad flags).
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Usage => 2,
            Kind::Data => 3,
            Kind::Checkpoint => 4,
            Kind::Device | Kind::DeviceFull => 5,
            Kind::Diverged => 6,
            Kind::Io => 7,
            Kind::DeviceLost => 8,
            // What a shell gives a program that Ctrl-C ended.
            Kind::Stopped => 130,
        }
    }
}

/// As it may be shown: names from files are part of what is said.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}: ", words::path(place))?;
        }
        write!(f, "{}", printable(&self.what))?;
        if let Some(safe) = &self.safe {
            write!(f, "\n  what is safe: {}", printable(safe))?;
        }
        if let Some(remedy) = &self.remedy {
            write!(f, "\n  what to do: {}", printable(remedy))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_moves_no_terminal() {
        let error = Error::data("runs/\u{1b}[2J\nb", "no \u{9b}name\nis this").hint("call it \u{202e}else");
        let shown = r"runs/\u{1b}[2J\nb: no \u{9b}name".to_owned()
            + "\nis this\n"
            + r"  what to do: call it \u{202e}else";
        assert_eq!(error.to_string(), shown);
    }
}
