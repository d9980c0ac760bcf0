//! Features of the user's own: a small classifier, trained on the set's classes where there is none yet.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use indicatif::ProgressBar;

use super::super::output::say;
use crate::compare::{Reference, Source};
use crate::error::Result;
use crate::train::{ClassifierOptions, train_classifier, write_classifier};

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Features of your own set")]
pub struct Own {
    /// Compare the features of a small classifier of the set's classes as well: FILE if it is there, else one
    /// is trained on --data and written to it
    #[arg(long, value_name = "FILE.safetensors")]
    train_features: Option<PathBuf>,
    /// Times that the classifier's training goes through the set
    #[arg(long, value_name = "N", default_value_t = ClassifierOptions::default().epochs)]
    train_epochs: usize,
    /// Do not mirror images while the classifier trains: for letters and digits
    #[arg(long)]
    train_unmirrored: bool,
}

impl Own {
    /// Where its features are, if they were asked for.
    ///
    /// # Errors
    /// Images without labels, and what goes wrong in training.
    pub fn source(
        &self,
        reference: &mut Reference,
        side: usize,
        seed: u32,
        device: &burn::tensor::Device,
    ) -> Result<Option<Source>> {
        let Some(file) = &self.train_features else { return Ok(None) };
        if file.is_file() {
            say!("features of the classifier in {}, as it is", file.display());
        } else {
            let set = reference.dataset(side)?;
            let options = ClassifierOptions {
                epochs: self.train_epochs,
                x_flip: !self.train_unmirrored,
                seed,
                ..ClassifierOptions::default()
            };
            let bar = ProgressBar::new(0);
            let trained = train_classifier(&set, &options, device, &mut |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            });
            bar.finish_and_clear();
            let (tensors, report) = trained?;
            write_classifier(file, &tensors, &report)?;
            say!(
                "trained a classifier of {} classes in {:.0} s: it names {:.1} % of {} held-out images right (guessing: {:.1} %): {}",
                report.classes,
                report.seconds,
                100.0 * report.accuracy,
                report.held_out,
                100.0 * report.guessing,
                file.display()
            );
        }
        Ok(Some(Source::File(file.clone())))
    }
}
