//! The lines of a file one by one, in the memory of the longest.

use std::io::{BufRead, Read, Result};

use super::limits::LINE;

/// A line as it was found.
#[derive(Debug, PartialEq)]
pub enum Line<'a> {
    /// With its end.
    Whole(&'a [u8]),
    /// The last one, without its end: it is being written, or was torn.
    Torn,
    /// Longer than [`LINE`]: no line of ours, and nothing after it is looked for.
    TooLong,
}

/// Reads lines.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, line: Vec::new() }
    }

    /// The next line; none after the last one.
    pub fn following(&mut self) -> Result<Option<Line<'_>>> {
        self.line.clear();
        let read = self.reader.by_ref().take(LINE as u64 + 1).read_until(b'\n', &mut self.line)?;
        Ok(match self.line.last() {
            None => None,
            Some(_) if read > LINE => Some(Line::TooLong),
            Some(b'\n') => Some(Line::Whole(&self.line)),
            Some(_) => Some(Line::Torn),
        })
    }
}
