//! Images of one size piled up in memory: gray until the first one in colour.

use std::path::{Path, PathBuf};

use super::Dataset;
use super::limits::MAX_PIXEL_BYTES;
use crate::error::{Error, Result};

/// Images that there is room for at first.
const FIRST: usize = 256;

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
    /// Nothing yet, of `expected` images of side `size` (0: nobody knows how many).
    ///
    /// # Errors
    /// More pixels than memory should hold.
    pub fn new(path: &Path, size: usize, expected: usize) -> Result<Self> {
        let pile =
            Self { path: path.to_path_buf(), size, channels: 1, pixels: Vec::new(), count: 0, expected };
        pile.check(expected, 1)?;
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
            self.check(self.expected, channels)?;
            self.colour(channels)?;
        }
        self.check(self.count + 1, self.channels)?;
        let image_len = self.channels * self.size * self.size;
        if self.pixels.capacity() - self.pixels.len() < image_len {
            // Twice as many as there are, but no more than there will be.
            let more = (self.count.max(FIRST) * image_len).min(MAX_PIXEL_BYTES as usize - self.pixels.len());
            let left = self.expected.saturating_sub(self.count) * image_len;
            self.reserve(if left > 0 { more.min(left) } else { more })?;
        }
        for _ in 0..self.channels / channels {
            self.pixels.extend_from_slice(planes);
        }
        self.count += 1;
        Ok(())
    }

    /// Repeats the gray of all images so far, from the last on, each where its colours belong.
    fn colour(&mut self, channels: usize) -> Result<()> {
        let (plane, count) = (self.size * self.size, self.count);
        self.reserve(plane * count * (channels - 1))?;
        self.channels = channels;
        self.pixels.resize(plane * count * channels, 0);
        for i in (0..count).rev() {
            for channel in (0..channels).rev() {
                self.pixels.copy_within(i * plane..(i + 1) * plane, (i * channels + channel) * plane);
            }
        }
        Ok(())
    }

    /// Memory that is not there is an error, not the end.
    fn reserve(&mut self, bytes: usize) -> Result<()> {
        self.pixels.try_reserve_exact(bytes).map_err(|_| {
            let held = (self.pixels.len() + bytes).div_ceil(1 << 20);
            Error::data(&self.path, format!("there is no memory for {held} MiB of pixels"))
                .hint("set data.limit, or a smaller data.size")
        })
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

    fn check(&self, count: usize, channels: usize) -> Result<()> {
        // A recipe may ask for any number.
        let bytes = (count as u64).saturating_mul((channels * self.size * self.size) as u64);
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
    fn a_pile_grows_as_far_as_it_must() {
        let mut pile = Pile::new(Path::new("few.zip"), 8, 1000).unwrap();
        for i in 0..1000 {
            pile.push(1, &[(i % 256) as u8; 64]).unwrap();
        }
        assert_eq!(pile.pixels.capacity(), 64_000);
        // Of a crowd of files that are no pictures nothing is held.
        assert_eq!(Pile::new(Path::new("none.zip"), 64, 1_000_000).unwrap().pixels.capacity(), 0);
        let mut unknown = Pile::new(Path::new("unknown"), 8, 0).unwrap();
        (0..1000).for_each(|_| unknown.push(3, &[9; 192]).unwrap());
        assert!(unknown.pixels.capacity() <= 2 * 192_000);
        assert_eq!(unknown.finish(None, Vec::new()).unwrap().len(), 1000);
    }

    #[test]
    fn what_memory_cannot_hold_is_refused_before_it_is_read() {
        let error = Pile::new(Path::new("huge.zip"), 1024, 20_000).err().unwrap();
        assert!(error.to_string().contains("data.limit"), "{error}");
        assert!(Pile::new(Path::new("demo"), 16, usize::MAX).is_err());
    }
}
