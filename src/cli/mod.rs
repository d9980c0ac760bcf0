//! The command line: one file a verb, each only parses and hands over.

// A reader may leave: `say!` survives that.
#![deny(clippy::print_stdout)]

mod bar;
mod bench;
mod data;
mod doctor;
mod edit;
mod eval;
mod import;
mod json_face;
mod metrics;
mod output;
mod place;
pub mod runtime_dir;
mod sample;
mod signals;
mod stopping;
mod terminal;
mod train;
mod watch;
mod yet;

use std::path::Path;
use std::str::FromStr;

use burn::tensor::Device;
use clap::{Parser, Subcommand};

pub use self::output::complain;
use self::output::say;
use crate::app;
use crate::diffusion::Generator;
use crate::error::{Error, Result};
use crate::threads;
use crate::train::{Found, find_generator};
use crate::words;

/// Trains, distils and uses one-step image generators, on any GPU or a CPU.
#[derive(Debug, Parser)]
#[command(name = "signet", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    /// Without one, a window asks what to do.
    #[command(subcommand)]
    verb: Option<Verb>,
}

const AFTER_HELP: &str = "\
First steps:
  signet train                       train the built-in demo; a window shows it live
  signet train --data PHOTOS         train on your own images
  signet watch runs/00000-demo-sign  how a run stands, from anywhere
  signet sample runs/00000-demo-sign --seeds 0-63
  signet edit runs/00000-demo-sign picture.png
  signet doctor                      what this machine can do";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Train a teacher and distil it into a one-step generator.
    Train(train::Args),
    /// Follow a run from another terminal or machine, by its folder alone.
    Watch(watch::Args),
    /// Make images with a trained model.
    Sample(sample::Args),
    /// Project images onto what a SIGN model has learned.
    Edit(edit::Args),
    /// Take over a pretrained network: EDM's .pkl, torch's .pt, .safetensors.
    Import(import::Args),
    /// Measure what models make: Fréchet distance on a classifier's features.
    Eval(eval::Args),
    /// Check, describe and convert a data set.
    Data(data::Args),
    /// List devices and test them.
    Doctor(doctor::Args),
    /// Measure how fast a device trains and samples.
    Bench(bench::Args),
}

impl Cli {
    pub fn run(self) -> Result<()> {
        match self.verb {
            Some(Verb::Train(args)) => args.run(),
            Some(Verb::Watch(args)) => args.run(),
            Some(Verb::Sample(args)) => threads::on_all(|| args.run()),
            Some(Verb::Edit(args)) => threads::on_all(|| args.run()),
            Some(Verb::Import(args)) => args.run(),
            Some(Verb::Eval(args)) => threads::on_all(|| args.run()),
            Some(Verb::Data(args)) => args.run(),
            Some(Verb::Doctor(args)) => args.run(),
            Some(Verb::Bench(args)) => threads::on_all(|| args.run()),
            None => Self::ask(),
        }
    }

    /// What the start screen is told, as if it had been typed.
    fn ask() -> Result<()> {
        if !app::display_available() {
            return Err(Error::usage("there is no display for the start screen")
                .hint("say what to do: `signet train`, or `signet --help` for all there is"));
        }
        let Some(words) = app::ask(Path::new("runs"))? else { return Ok(()) };
        say!("signet {}", words.join(" "));
        let words = std::iter::once("signet".to_string()).chain(words);
        match Self::try_parse_from(words).map_err(|e| Error::usage(e.to_string()))?.verb {
            Some(Verb::Train(args)) => args.run(),
            _ => Ok(()),
        }
    }
}

/// Whether results can be written to `file`, the value of `flag`, before hours are spent on them.
///
/// # Errors
/// `Kind::Usage` for a folder, or a file in one that does not exist.
fn can_be_written(file: &Path, flag: &str) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if file.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(Error::usage("the results cannot be written there")
            .at(file)
            .hint(format!("give {flag} a file in a folder that exists")));
    }
    Ok(())
}

/// Whether `file` is there already, however its path is spelled, and is `read` or lies in it: it is not to be
/// written over.
fn belongs_to(file: &Path, read: &Path) -> bool {
    let of = |path: &Path| path.canonicalize().ok();
    of(file).zip(of(read)).is_some_and(|(file, read)| file.starts_with(read))
}

/// The model at `path`, with a word on which one it is where `path` holds several.
///
/// # Errors
/// Where there is no model, or a damaged one.
fn open_model(path: &Path, device: &Device) -> Result<Generator> {
    let found = find_generator(path, None, device).map_err(|error| yet::nothing(path).unwrap_or(error));
    let Found { generator, path: found, passed_over } = found?;
    if let Some(error) = passed_over {
        complain(&format!("warning: an older checkpoint is used, for {error}"));
    }
    if found != path {
        say!("model: {}", words::path(&found));
    }
    Ok(generator)
}

/// `0-3,8` as numbers; at most `MOST_SEEDS`.
fn parse_seeds(text: &str) -> Result<Vec<u32>, String> {
    const MOST_SEEDS: usize = 100_000;
    let mut seeds = Vec::new();
    for part in text.split(',') {
        let number =
            |s: &str| s.trim().parse::<u32>().map_err(|_| format!("`{s}` is not a seed (0 to {})", u32::MAX));
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(part)?, number(part)?),
        };
        if last < first {
            return Err(format!("`{part}` runs backwards"));
        }
        if seeds.len() as u64 + u64::from(last - first) >= MOST_SEEDS as u64 {
            return Err(format!("more than {MOST_SEEDS} seeds at once"));
        }
        seeds.extend(first..=last);
    }
    Ok(seeds)
}

/// Noise levels with commas between them; whether they make sense is for those who use them.
#[derive(Clone, Debug, PartialEq)]
struct Sigmas(Vec<f64>);

impl FromStr for Sigmas {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let level = |part: &str| part.trim().parse().map_err(|_| format!("`{part}` is not a noise level"));
        text.split(',').map(level).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn seeds() {
        assert_eq!(parse_seeds("0-3,8"), Ok(vec![0, 1, 2, 3, 8]));
        for bad in ["", "3-1", "a", "0-4294967295", "-1"] {
            assert!(parse_seeds(bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn noise_levels() {
        assert_eq!("2.5, .6,1e-1".parse(), Ok(Sigmas(vec![2.5, 0.6, 0.1])));
        for bad in ["", "1,", "a", "1 2"] {
            assert!(bad.parse::<Sigmas>().is_err(), "{bad} was accepted");
        }
    }
}
