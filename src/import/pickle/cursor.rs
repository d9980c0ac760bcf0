//! A position in a file's bytes; every reading past the end is an error that says where.

use crate::error::{Error, Kind, Result};

#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Byte that is read next, counted from the start.
    pub fn position(&self) -> usize {
        self.position
    }

    pub fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.position)
    }

    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let taken = self.position.checked_add(len).and_then(|end| self.bytes.get(self.position..end));
        let taken = taken.ok_or_else(|| {
            self.damaged(format!("it ends {} bytes too early", len.saturating_sub(self.remaining())))
                .hint("the file may have been cut off while copying; copy or download it again")
        })?;
        self.position += len;
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// As many bytes as the next `N` bytes, little-endian, say.
    pub fn counted<const N: usize>(&mut self) -> Result<&'a [u8]> {
        let mut wide = [0; 8];
        wide.iter_mut().zip(self.array::<N>()?).for_each(|(to, from)| *to = from);
        // A length beyond the address space is beyond the file as well.
        self.take(usize::try_from(u64::from_le_bytes(wide)).unwrap_or(usize::MAX))
    }

    /// The text up to the next line feed, which is passed over.
    pub fn line(&mut self) -> Result<&'a str> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let len = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let line = self.take(len)?;
        self.take(1)?;
        std::str::from_utf8(line).map_err(|_| self.damaged("a line that is no text"))
    }

    /// An error that says where in the file it is.
    pub fn damaged(&self, what: impl std::fmt::Display) -> Error {
        Error::new(Kind::Checkpoint, format!("the file is not readable at byte {}: {what}", self.position))
    }
}
