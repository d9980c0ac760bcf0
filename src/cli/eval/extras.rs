//! What `signet eval` writes beside its numbers: statistics, pictures, nearest images.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::super::output::say;
use crate::compare::{Opened, Reference, Subject, Watch, nearest};
use crate::data::{self, pixels};
use crate::error::{Error, Result};

/// Pictures of each row of the sheet.
const SHEET_COLUMNS: u32 = 16;
/// Most samples whose nearest images are looked up.
const MOST_NEAREST: u32 = 1000;

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Also write")]
pub struct Extras {
    /// Mean and covariance of the set's features (the first --features), for --data of later comparisons
    #[arg(long, value_name = "FILE.npz")]
    save_statistics: Option<PathBuf>,
    /// A sheet: a row of images of the set, then a row of each subject, of the same seeds
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
    /// For the first samples of each subject, the images of the set that are nearest to them: a sheet, and
    /// whether samples repeat images
    #[arg(long, value_name = "FILE.png")]
    nearest: Option<PathBuf>,
    /// Samples whose nearest images are looked up
    #[arg(long, default_value_t = 16, value_name = "N")]
    nearest_samples: u32,
}

impl Extras {
    /// Whether what was asked for can be had, before anything takes time.
    ///
    /// # Errors
    /// `Kind::Usage` naming the flag.
    pub fn check(&self, has_images: bool) -> Result<()> {
        if !(1..=MOST_NEAREST).contains(&self.nearest_samples) {
            return Err(Error::usage(format!("--nearest-samples {}", self.nearest_samples))
                .hint(format!("give 1 to {MOST_NEAREST}")));
        }
        let asked =
            [("--nearest", self.nearest.is_some()), ("--save-statistics", self.save_statistics.is_some())];
        if let Some((flag, _)) = asked.iter().find(|(_, asked)| *asked && !has_images) {
            return Err(Error::usage(format!("{flag} needs the images of the set, not their statistics"))
                .hint("give the set itself with --data"));
        }
        match &self.save_statistics {
            Some(file) if !super::is_statistics(file) => Err(Error::usage(format!(
                "--save-statistics {}: statistics are known by their ending",
                file.display()
            ))
            .hint("call the file something.npz")),
            _ => Ok(()),
        }
    }

    pub fn run(
        &self,
        subjects: &[Subject],
        reference: &mut Reference,
        extractors: &[Vec<Opened>],
        (count, first_seed): (usize, u32),
        watch: Watch<'_>,
    ) -> Result<()> {
        let first = subjects.first().zip(extractors.first().and_then(|all| all.first()));
        let Some((first, opened)) = first else { return Ok(()) };
        let [_, side] = first.shape();
        if let Some(file) = &self.save_statistics {
            let images = reference.save(file, opened, first.shape(), count, watch)?;
            say!("statistics of {images} images, {}: {}", opened.extractor.name(), file.display());
        }
        if let Some(file) = &self.sheet {
            let mut pictures = Vec::new();
            if reference.has_images() {
                let set = reference.dataset(side)?;
                pictures.extend(set.spread(SHEET_COLUMNS as usize).map(|i| set.picture(i)));
                fill_row(&mut pictures);
            }
            for subject in subjects {
                pictures.extend(subject.pictures(SHEET_COLUMNS, first_seed)?);
                fill_row(&mut pictures);
            }
            let scale = (64 / side.max(1)).max(1) as u32;
            data::save_png(&pixels::grid(&pictures, SHEET_COLUMNS as usize, scale, 2), file, &[])?;
            say!("sheet, rows in the order of the table: {}", file.display());
        }
        if let Some(file) = &self.nearest {
            self.nearest(file, subjects, reference, extractors, first_seed, watch)?;
        }
        Ok(())
    }

    fn nearest(
        &self,
        file: &std::path::Path,
        subjects: &[Subject],
        reference: &mut Reference,
        extractors: &[Vec<Opened>],
        first_seed: u32,
        watch: Watch<'_>,
    ) -> Result<()> {
        for (i, (subject, opened)) in subjects.iter().zip(extractors).enumerate() {
            let Some(opened) = opened.first() else { continue };
            let found = nearest(subject, reference, opened, [self.nearest_samples, first_seed], watch)?;
            // The first sheet has the name that was asked for, the others its number with it.
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let numbered = file.with_file_name(format!("{stem}-{i}.png"));
            let file = if i == 0 { file } else { &numbered };
            data::save_png(&found.sheet, file, &[])?;
            say!("{}: {} ({}): {}", subject.name, found.verdict(), opened.extractor.name(), file.display());
        }
        Ok(())
    }
}

/// Empty pictures to the end of the row, so that the next subject begins its own.
fn fill_row(pictures: &mut Vec<image::RgbImage>) {
    let whole = pictures.len().next_multiple_of(SHEET_COLUMNS as usize);
    pictures.resize_with(whole, || image::RgbImage::new(1, 1));
}
