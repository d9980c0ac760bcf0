//! Images of one size piled up in memory: gray until the first one in colour.

use std::path::{Path, PathBuf};

use super::Dataset;
use super::limits::MAX_PIXEL_BYTES;
use crate::error::{Error, Result};

/// Growing N×C×H×W bytes.
pub struct Pile {
    path: PathBuf,
    size: usize,
    channels: usize,
    pixels: Vec<u8>,
    count: usize,
    expected: usize,
}

impl Pile {
    /// Room for `expected` images of side `size`.
    ///
    /// # Errors
    /// More pixels than memory should hold.
    pub fn new(path: &Path, size: usize, expected: usize) -> Result<Self> {
        let pile =
            Self { path: path.to_path_buf(), size, channels: 1, pixels: Vec::new(), count: 0, expected };
        pile.check(expected)?;
        Ok(pile)
    }

    /// Images so far.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds an image of 1 or 3 planes.
    ///
    /// # Errors
    /// More pixels than memory should hold.
    pub fn push(&mut self, channels: usize, planes: &[u8]) -> Result<()> {
        if channels > self.channels {
            self.channels = channels;
            self.check(self.expected)?;
            let plane = self.size * self.size;
            self.pixels = self.pixels.chunks_exact(plane).flat_map(|gray| gray.repeat(channels)).collect();
        }
        self.check(self.count + 1)?;
        if self.pixels.is_empty() {
            self.pixels.reserve_exact(self.channels * self.size * self.size * self.expected);
        }
        for _ in 0..self.channels / channels {
            self.pixels.extend_from_slice(planes);
        }
        self.count += 1;
        Ok(())
    }

    /// The data set, named after its path.
    ///
    /// # Errors
    /// See [`Dataset::new`].
    pub fn finish(self, labels: Option<Vec<u32>>, class_names: Vec<String>) -> Result<Dataset> {
        let name = self.path.file_stem().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned();
        Dataset::new(name, self.channels, self.size, self.pixels, labels, class_names)
            .map_err(|error| error.at(&self.path))
    }

    fn check(&self, count: usize) -> Result<()> {
        // A recipe may ask for any number.
        let bytes = (count as u64).saturating_mul((self.channels * self.size * self.size) as u64);
        if bytes <= MAX_PIXEL_BYTES {
            return Ok(());
        }
        let size = self.size;
        let gib = |bytes: u64| bytes.div_ceil(1 << 30);
        let what = format!(
            "{count} images of {size}×{size} need {} GiB of memory, {} GiB is the most",
            gib(bytes),
            gib(MAX_PIXEL_BYTES)
        );
        Err(Error::data(&self.path, what).hint("set data.limit, or a smaller data.size"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gray_becomes_colour_with_the_first_colour_image() {
        let mut pile = Pile::new(Path::new("mixed.zip"), 8, 3).unwrap();
        pile.push(1, &[7; 64]).unwrap();
        pile.push(3, &[[1; 64], [2; 64], [3; 64]].concat()).unwrap();
        pile.push(1, &[9; 64]).unwrap();
        let set = pile.finish(None, Vec::new()).unwrap();
        assert_eq!((set.name.as_str(), set.channels, set.len()), ("mixed", 3, 3));
        assert_eq!(set.image_u8(0), [7; 192]);
        assert_eq!(set.image_u8(1)[64..128], [2; 64]);
        assert_eq!(set.image_u8(2), [9; 192]);
    }

    #[test]
    fn what_memory_cannot_hold_is_refused_before_it_is_read() {
        let error = Pile::new(Path::new("huge.zip"), 1024, 20_000).err().unwrap();
        assert!(error.to_string().contains("data.limit"), "{error}");
        assert!(Pile::new(Path::new("demo"), 16, usize::MAX).is_err());
    }
}
