//! What kind of file it is, by its first bytes: names of files say little.

use super::torch::Legacy;
use crate::error::{Error, Kind, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A pickle that holds its tensors: EDM's network snapshots.
    Pickle,
    /// torch's older file format, a stream of pickles.
    LegacyTorch,
    /// torch's newer file format, a zip with a pickle in it.
    Zip,
    Safetensors,
}

/// Bytes that are enough to tell.
pub const HEAD_LEN: usize = 64;

impl Format {
    pub fn describe(self) -> &'static str {
        match self {
            Format::Pickle => "Python pickle with tensors in it",
            Format::LegacyTorch => "torch file (legacy format)",
            Format::Zip => "torch file (zip)",
            Format::Safetensors => "safetensors",
        }
    }

    /// # Errors
    /// `Kind::Checkpoint` saying what the file is instead, where it shows.
    pub fn of(head: &[u8]) -> Result<Self> {
        const PROTOCOL: u8 = 0x80;
        if head.starts_with(b"PK\x03\x04") {
            return Ok(Format::Zip);
        }
        if Legacy::starts(head) {
            return Ok(Format::LegacyTorch);
        }
        if head.first() == Some(&PROTOCOL) && head.get(1).is_some_and(|protocol| *protocol <= 5) {
            return Ok(Format::Pickle);
        }
        // The length of the header, eight bytes, and the header, which is JSON.
        if head.get(8) == Some(&b'{') {
            return Ok(Format::Safetensors);
        }
        let hint = if head.starts_with(b"version https://git-lfs") {
            "this is a pointer of Git LFS: fetch the file itself with `git lfs pull`"
        } else if head.trim_ascii_start().starts_with(b"<") {
            "this is a web page, not what it linked to: download the file again"
        } else if head.is_empty() {
            "the file is empty: download it again"
        } else {
            "give an EDM .pkl, a torch .pt or .pth, or .safetensors"
        };
        Err(Error::new(Kind::Checkpoint, "the file is none of the formats that networks come in").hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_network_is_called_by_its_name() {
        for (head, word) in [
            (&b"version https://git-lfs.github.com/spec/v1"[..], "LFS"),
            (b"\n<!DOCTYPE html>", "web page"),
            (b"", "empty"),
            (b"hello", ".pkl"),
        ] {
            let error = Format::of(head).expect_err("recognised").to_string();
            assert!(error.contains(word), "{error}");
        }
        assert_eq!(Format::of(b"\x80\x04\x95").ok(), Some(Format::Pickle));
        assert_eq!(Format::of(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.").ok(), Some(Format::LegacyTorch));
    }
}
