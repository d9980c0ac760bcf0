//! `signet data`: verifies a data set, says what is in it, converts it.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use indicatif::ProgressBar;

use crate::data::{self, Dataset, Report, pixels};
use crate::error::Result;
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
        let (dataset, report) = open(&source, self.seed)?;
        println!("{report}");
        if let Some(file) = &self.export {
            data::export_zip(&dataset, file)?;
            println!("written: {}", file.display());
        }
        if let Some(file) = &self.sheet {
            let pictures: Vec<_> = dataset.spread(SHEET_PICTURES).map(|i| dataset.picture(i)).collect();
            data::save_png(&pixels::grid(&pictures, 8, 4, 2), file, &[])?;
            println!("written: {}", file.display());
        }
        Ok(())
    }
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
