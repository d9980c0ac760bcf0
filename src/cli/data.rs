//! `signet data`: verifies a data set, says what is in it, converts it.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use indicatif::ProgressBar;

use super::belongs_to;
use super::output::say;
use crate::data::{self, Dataset, Report, pixels};
use crate::error::{Error, Result};
use crate::recipe;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// A folder, an EDM zip, IDX (MNIST) or CIFAR-10 binary file; none is the built-in demo set
    path: Option<PathBuf>,
    /// Side of the images in pixels, a power of two
    #[arg(long, default_value_t = 32)]
    size: usize,
    /// Most images to read
    #[arg(long)]
    limit: Option<usize>,
    /// Write the set as an EDM zip
    #[arg(long, value_name = "FILE.zip")]
    export: Option<PathBuf>,
    /// Write the first pictures as one sheet
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
    /// Seed of the built-in set
    #[arg(long, default_value_t = 0)]
    seed: u32,
}

/// Pictures on the sheet.
const SHEET_PICTURES: usize = 64;

impl Args {
    pub fn run(self) -> Result<()> {
        let source =
            recipe::Data { path: self.path, size: self.size, limit: self.limit, ..recipe::Data::default() };
        for file in [&self.export, &self.sheet].into_iter().flatten() {
            is_apart(file, source.path.as_deref())?;
        }
        let (dataset, report) = open(&source, self.seed)?;
        say!("{report}");
        if let Some(file) = &self.export {
            data::export_zip(&dataset, file)?;
            say!("written: {}", file.display());
        }
        if let Some(file) = &self.sheet {
            let pictures: Vec<_> = dataset.spread(SHEET_PICTURES).map(|i| dataset.picture(i)).collect();
            data::save_png(&pixels::grid(&pictures, 8, 4, 2), file, &[])?;
            say!("written: {}", file.display());
        }
        Ok(())
    }
}

/// What is read is not written over: `--export set.zip` of set.zip would be the end of it.
fn is_apart(file: &Path, read: Option<&Path>) -> Result<()> {
    if read.is_some_and(|read| belongs_to(file, read)) {
        return Err(Error::usage("this file belongs to the set that is read")
            .at(file)
            .hint("write to a file outside the set"));
    }
    Ok(())
}

/// Opens a set behind a progress bar.
pub fn open(source: &recipe::Data, seed: u32) -> Result<(Dataset, Report)> {
    let bar = ProgressBar::new(0);
    let opened = data::open(source, seed, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
        Ok(())
    });
    bar.finish_and_clear();
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("photos")).expect("a folder");
        for name in ["set.zip", "photos/a.png", "other.zip"] {
            std::fs::write(at(name), b"").expect("a file");
        }
        for (written, read) in
            [("set.zip", "set.zip"), ("photos/a.png", "photos"), ("photos/../set.zip", "set.zip")]
        {
            assert!(is_apart(&at(written), Some(&at(read))).is_err(), "{written}");
        }
        for written in ["other.zip", "new.zip", "photos/new.zip"] {
            assert_eq!(is_apart(&at(written), Some(&at("set.zip"))), Ok(()), "{written}");
        }
        assert_eq!(is_apart(&at("set.zip"), None), Ok(()), "the built-in set has no file");
    }
}
