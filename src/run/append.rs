//! Lines at the end of a file that is read line by line.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::plain_file::{self, limits};
use crate::words::printable_json;

/// Bytes that are read at once to find the end of a line.
const BLOCK: usize = 4096;

/// Adds `line`, which is JSON, and its end, and does `then` to the file. Where either fails the file is left as it
/// was: half a line would run into the next one. One that a killed program left is cut off. Whoever shows the file
/// in a terminal meets nothing that a terminal obeys.
///
/// # Errors
/// `Kind::Io`, also for a file whose last line is longer than any of ours.
pub(super) fn append_line(path: &Path, line: &str, then: impl FnOnce(&File) -> io::Result<()>) -> Result<()> {
    let mut file = plain_file::for_appending(path)?;
    let append = || {
        let before = end_of_whole_lines(&mut file)?;
        file.set_len(before)?;
        let written =
            file.write_all(format!("{}\n", printable_json(line)).as_bytes()).and_then(|()| then(&file));
        written.or_else(|unwritten| file.set_len(before).and(Err(unwritten)))
    };
    append().map_err(|e: io::Error| {
        let hint = match e.kind() {
            io::ErrorKind::InvalidData => "bring back the file that was there, or remove this one",
            _ => "is the disk full?",
        };
        Error::io(path, "append to", &e).hint(hint)
    })
}

/// Where the last end of a line is, bytes.
fn end_of_whole_lines(file: &mut File) -> io::Result<u64> {
    let (mut end, mut block) = (file.metadata()?.len(), [0; BLOCK]);
    let last = end;
    while end > 0 {
        if last - end > limits::LINE as u64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its last line never ends"));
        }
        let start = end.saturating_sub(BLOCK as u64);
        let block = &mut block[..(end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_swallows_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines.jsonl");
        for (torn, left) in [("", ""), ("{\"a", ""), ("1\n{\"a", "1\n"), ("1\n2\n", "1\n2\n")] {
            std::fs::write(&path, torn).expect("writes");
            append_line(&path, "3", |_| Ok(())).expect("there is room");
            assert_eq!(std::fs::read_to_string(&path).expect("the file"), format!("{left}3\n"));
        }
        std::fs::write(&path, format!("1\n{}", "x".repeat(3 * BLOCK))).expect("writes");
        append_line(&path, "2", |_| Ok(())).expect("there is room");
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "1\n2\n");
    }

    #[test]
    fn a_line_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines.jsonl");
        append_line(&path, "1", |_| Ok(())).expect("there is room");
        append_line(&path, "2", |_| Err(io::Error::other("the disk is full"))).expect_err("no room");
        append_line(&path, "3", |_| Ok(())).expect("there is room");
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "1\n3\n");
    }
}
