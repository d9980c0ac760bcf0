//! The mask of each file: one for all, or one each by name.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use image::{GrayImage, imageops};

use super::list;
use crate::data;
use crate::error::{Error, Result};

/// Where masks come from. White of a mask is to be filled in.
#[derive(Debug)]
pub enum Masks {
    None,
    ForAll(GrayImage),
    /// The file with each stem.
    Each {
        folder: PathBuf,
        by_stem: HashMap<String, PathBuf>,
    },
}

impl Masks {
    /// A picture for all files, or a folder with one for each under the same name, whatever its ending.
    ///
    /// # Errors
    /// A file that is no picture; a folder that cannot be read, or has two masks of one name.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::None) };
        if !path.is_dir() {
            return Ok(Self::ForAll(read(path)?));
        }
        let mut by_stem = HashMap::new();
        for file in list::files_in(path)? {
            let stem = list::stem(&file);
            if let Some(other) = by_stem.insert(stem.clone(), file) {
                return Err(Error::data(other, format!("the folder has two masks called {stem}"))
                    .hint("keep one mask for each picture"));
            }
        }
        Ok(Self::Each { folder: path.to_path_buf(), by_stem })
    }

    /// The mask of `file`; none where no masks were given at all.
    ///
    /// # Errors
    /// A mask that is missing or no picture.
    pub fn of(&self, file: &Path) -> Result<Option<Cow<'_, GrayImage>>> {
        match self {
            Self::None => Ok(None),
            Self::ForAll(mask) => Ok(Some(Cow::Borrowed(mask))),
            Self::Each { folder, by_stem } => match by_stem.get(&list::stem(file)) {
                Some(mask) => Ok(Some(Cow::Owned(read(mask)?))),
                None => {
                    let what = format!("there is no mask of the name {} for it", list::stem(file));
                    Err(Error::data(file, what)
                        .hint(format!("put one into {}, or leave the picture out", folder.display())))
                }
            },
        }
    }
}

fn read(path: &Path) -> Result<GrayImage> {
    Ok(imageops::grayscale(&data::open_picture(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_found_by_name_and_doubles_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        GrayImage::from_pixel(6, 5, image::Luma([255])).save(at("cat.png")).expect("a mask");
        let masks = Masks::open(Some(folder.path())).expect("a folder of masks");
        let cat = masks.of(Path::new("pictures/cat.jpg")).expect("a mask").expect("one");
        assert_eq!((cat.dimensions(), cat.get_pixel(0, 0).0), ((6, 5), [255]));
        let error = masks.of(Path::new("pictures/dog.jpg")).expect_err("no mask");
        assert!(error.what.contains("dog") && error.remedy.is_some(), "{error}");

        let one = Masks::open(Some(&at("cat.png"))).expect("a mask");
        assert!(one.of(Path::new("dog.jpg")).expect("for all").is_some());
        assert!(Masks::open(None).expect("none").of(Path::new("dog.jpg")).expect("none").is_none());
        assert!(Masks::open(Some(&at("missing.png"))).is_err());

        std::fs::write(at("cat.jpg"), "").expect("a file");
        assert!(Masks::open(Some(folder.path())).expect_err("two").what.contains("cat"));
    }
}
