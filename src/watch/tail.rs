//! The lines that were added to a file since the last look.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::plain_file::{self, Line, Lines};

/// A file of lines that grows, and that may begin anew: a run that goes on drops lines that come again.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    /// Where the next line begins.
    offset: u64,
    /// The line before it: if it is not there any more, this is another file.
    last: Vec<u8>,
    is_cut: bool,
}

/// What a look brings.
#[derive(Debug, PartialEq)]
pub enum News<'a> {
    /// What was read before does not hold any more; the lines are from the beginning.
    Anew,
    /// Without its end.
    Line(&'a str),
}

impl Tail {
    pub fn new(path: PathBuf) -> Self {
        Self { path, offset: 0, last: Vec::new(), is_cut: false }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a line that is longer than any of ours: what follows it is not read.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Hands over what is new to `hear`, which may break off: the next look goes on there. A file that is not there
    /// has no lines, and neither has one whose only line is torn.
    ///
    /// # Errors
    /// `Kind::Io`, also for what is no plain file.
    pub fn poll(&mut self, hear: &mut dyn FnMut(News<'_>) -> ControlFlow<()>) -> Result<()> {
        let file = plain_file::open_if_there(&self.path)
            .map_err(|e| if e.remedy.is_some() { e } else { e.hint("may you read the run folder?") })?;
        let Some(mut file) = file else {
            if self.offset > 0 {
                self.forget();
                // There is nothing to break off.
                let _ = hear(News::Anew);
            }
            return Ok(());
        };
        let path = self.path.clone();
        let wrong = |e: std::io::Error| Error::io(&path, "read", &e).hint("may you read the run folder?");
        if !self.continues(&mut file).map_err(wrong)? {
            self.forget();
            if hear(News::Anew).is_break() {
                return Ok(());
            }
        }
        file.seek(SeekFrom::Start(self.offset)).map_err(wrong)?;
        let mut lines = Lines::new(BufReader::new(file));
        loop {
            match lines.following().map_err(wrong)? {
                Some(Line::Whole(line)) => {
                    self.offset += line.len() as u64;
                    self.last.clear();
                    self.last.extend_from_slice(line);
                    let text = String::from_utf8_lossy(line);
                    if hear(News::Line(text.trim_end())).is_break() {
                        return Ok(());
                    }
                }
                // It is being written, or was torn.
                Some(Line::Torn) | None => return Ok(()),
                Some(Line::TooLong) => {
                    self.is_cut = true;
                    return Ok(());
                }
            }
        }
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
        self.is_cut = false;
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
        let mut poll = || {
            let (mut anew, mut lines) = (false, Vec::new());
            let outcome = tail.poll(&mut |news| {
                match news {
                    News::Anew => anew = true,
                    News::Line(line) => lines.push(line.to_string()),
                }
                ControlFlow::Continue(())
            });
            outcome.expect("news");
            (anew, lines)
        };
        let news = |anew, lines: &[&str]| (anew, lines.iter().map(|l| l.to_string()).collect::<Vec<_>>());
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
    #[test]
    fn a_reader_may_break_off_and_go_on_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines");
        add(&path, b"one\ntwo\nthree\n");
        add(&path, &vec![b'x'; 2 << 20]);
        add(&path, b"\nfour\n");
        let mut tail = Tail::new(path);
        let mut heard = Vec::new();
        for _ in 0..4 {
            assert!(!tail.is_cut());
            let mut hear = |news: News<'_>| {
                heard.push(format!("{news:?}"));
                ControlFlow::Break(())
            };
            tail.poll(&mut hear).expect("lines");
        }
        assert_eq!(heard, ["Line(\"one\")", "Line(\"two\")", "Line(\"three\")"]);
        assert!(tail.is_cut(), "a line beyond reason ends the file");
    }
}
