//! Lines at the end of a file that is read line by line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Adds `line` and its end, and does `then` to the file. Where either fails the file is left as it was: half
/// a line would run into the next one.
pub(super) fn append_line(
    path: &Path,
    line: &str,
    then: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let before = file.metadata()?.len();
    let written = file.write_all(format!("{line}\n").as_bytes()).and_then(|()| then(&file));
    written.or_else(|unwritten| file.set_len(before).and(Err(unwritten)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
