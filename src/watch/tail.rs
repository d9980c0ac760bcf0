//! The lines that were added to a file since the last look.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;

use crate::error::{Error, Result};

/// A file of lines that grows, and that may begin anew: a run that goes on drops lines that come again.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    /// Where the next line begins.
    offset: u64,
    /// The line before it: if it is not there any more, this is another file.
    last: Vec<u8>,
}

#[derive(Debug, Default, PartialEq)]
pub struct News {
    /// What was read before does not hold any more; the lines are from the beginning.
    pub anew: bool,
    pub lines: Vec<String>,
}

impl Tail {
    pub fn new(path: PathBuf) -> Self {
        Self { path, offset: 0, last: Vec::new() }
    }

    /// A file that is not there has no lines, and neither has one whose only line is torn.
    pub fn poll(&mut self) -> Result<News> {
        let wrong =
            |e: std::io::Error| Error::io(&self.path, "read", &e).hint("may you read the run folder?");
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                let anew = self.offset > 0;
                self.forget();
                return Ok(News { anew, lines: Vec::new() });
            }
            Err(e) => return Err(wrong(e)),
        };
        let anew = !self.continues(&mut file).map_err(wrong)?;
        let from = if anew { 0 } else { self.offset };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(from)).and_then(|_| file.read_to_end(&mut bytes)).map_err(wrong)?;
        if anew {
            self.forget();
        }
        // What follows the last end of a line is being written, or was torn.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines: Vec<&[u8]> = bytes[..whole].split_inclusive(|byte| *byte == b'\n').collect();
        if let Some(last) = lines.last() {
            self.last = last.to_vec();
        }
        self.offset += whole as u64;
        Ok(News {
            anew,
            lines: lines.iter().map(|l| String::from_utf8_lossy(l).trim_end().to_string()).collect(),
        })
    }

    /// Whether the file still has the last line where it was.
    fn continues(&self, file: &mut File) -> std::io::Result<bool> {
        let mut there = Vec::new();
        file.seek(SeekFrom::Start(self.offset - self.last.len() as u64))?;
        file.take(self.last.len() as u64).read_to_end(&mut there)?;
        Ok(there == self.last)
    }

    fn forget(&mut self) {
        self.offset = 0;
        self.last.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn add(path: &PathBuf, bytes: &[u8]) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.expect("a file").write_all(bytes).expect("written");
    }

    #[test]
    fn lines_come_once_and_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines");
        let mut tail = Tail::new(path.clone());
        let mut poll = || tail.poll().expect("news");
        let news = |anew, lines: &[&str]| News { anew, lines: lines.iter().map(|l| l.to_string()).collect() };
        assert_eq!(poll(), news(false, &[]));
        add(&path, b"one\ntw");
        assert_eq!(poll(), news(false, &["one"]));
        assert_eq!(poll(), news(false, &[]));
        add(&path, b"o\nth\xffree\nfo");
        assert_eq!(poll(), news(false, &["two", "th\u{fffd}ree"]));
        // Begun anew, shorter and then longer than it was.
        std::fs::write(&path, "one\n").expect("written");
        assert_eq!(poll(), news(true, &["one"]));
        std::fs::write(&path, "uno\ndue\n").expect("written");
        assert_eq!(poll(), news(true, &["uno", "due"]));
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(poll(), news(true, &[]));
        assert_eq!(poll(), news(false, &[]));
    }
}
