//! `signet bench`: how fast training steps, sampling and kernels are on a device, and what takes the time.

mod counts;
mod profile;

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::can_be_written;
use super::output::{print, say};
use super::place::Place;
use crate::app;
use crate::bench::torch::{self, Baseline, Setup};
use crate::bench::{self, Conditions, Event, Options};
use crate::error::{Error, Kind, Result};
use crate::gpu::{self, DeviceSpec};

/// Timed repeats of a benchmark.
const REPEATS: u32 = 10;
/// Rounds of a comparison with PyTorch: a median of seven ratios is hardly moved by two that other
/// programs spoiled.
const ROUNDS: u32 = 7;
/// Timed repeats of each side in such a round.
const REPEATS_A_ROUND: u32 = 3;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// auto, cpu, wgpu or wgpu:N
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
    /// The smallest shapes and few repeats: a look in less than a minute
    #[arg(long)]
    quick: bool,
    /// Only these: names or parts of names, as steps/sid/tiny, kernels/large, small32 or cifar
    #[arg(long, num_args = 1.., value_name = "NAME")]
    only: Vec<String>,
    /// Timed repeats of each benchmark [default: 10; with --quick: 3; with --vs-torch: 3 a round]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    repeats: Option<u32>,
    /// No further repeat of a benchmark after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    max_seconds: u32,
    /// Images of a batch [default: each benchmark's own]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    batch: Option<u32>,
    /// On the CPU: what steps and sampling spend their time on, by operation, beside what this machine can do
    #[arg(long, conflicts_with = "vs_torch")]
    profile: bool,
    /// On a GPU, also one in software: what a step or a batch of samples asks of it (waits, submissions, bytes)
    #[arg(long, conflicts_with_all = ["vs_torch", "profile"])]
    counts: bool,
    /// Write the results as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    torch: TorchArgs,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Beside PyTorch")]
struct TorchArgs {
    /// Measure in turn with PyTorch at the same shapes, run by this Python [default: python3], which needs
    /// `pip install torch numpy`
    #[arg(long, value_name = "PYTHON", num_args = 0..=1, default_missing_value = "python3")]
    vs_torch: Option<PathBuf>,
    /// PyTorch's device: cpu or cuda
    #[arg(long, value_name = "NAME", default_value = "cpu", requires = "vs_torch")]
    torch_device: String,
    /// PyTorch keeps images and weights in memory with channels last
    #[arg(long, requires = "vs_torch")]
    torch_channels_last: bool,
    /// PyTorch's networks go through torch.compile: minutes the first time, and a C++ compiler is needed
    #[arg(long, requires = "vs_torch")]
    torch_compile: bool,
    /// Rounds in which PyTorch and ours take turns, PyTorch in a process of its own each; the repeats and the
    /// seconds are shared out among them [default: 7; with --quick: 2]
    #[arg(
        long,
        value_name = "N",
        requires = "vs_torch",
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    torch_rounds: Option<u32>,
    /// A script in place of the program's own: takes --config, --batch, …, prints a line of JSON a phase
    #[arg(long, value_name = "FILE", requires = "vs_torch")]
    torch_script: Option<PathBuf>,
}

impl TorchArgs {
    fn setup(&self) -> Option<Setup> {
        Some(Setup {
            python: self.vs_torch.clone()?,
            script: self.torch_script.clone(),
            device: self.torch_device.clone(),
            channels_last: self.torch_channels_last,
            compile: self.torch_compile,
        })
    }
}

impl Args {
    pub fn run(self) -> Result<()> {
        if self.device == DeviceSpec::List {
            return super::doctor::list_devices();
        }
        if let Some(file) = &self.json {
            can_be_written(file, "--json")?;
        }
        if self.counts {
            return self.count();
        }
        let baseline = self.torch.setup().map(Baseline::open).transpose()?;
        let opened = gpu::open(&self.device)?;
        say!("device: {} ({})", opened.name, opened.reason);
        match baseline {
            Some(baseline) => self.compare(&opened, &baseline),
            None if self.profile => self.profile(&opened),
            None => self.measure(&opened),
        }
    }

    fn measure(&self, opened: &gpu::Opened) -> Result<()> {
        let (mut bar, mut measured) = (Place::new(), Vec::new());
        let outcome =
            bench::run(opened, &self.options(REPEATS), app::benchmarks(opened.backend), &mut |event| {
                match event {
                    Event::Measured(measurement) => measured.push(*measurement),
                    Event::Begins { name, number, total } => bar.show(&name, number, total),
                }
            });
        bar.clear();
        if measured.is_empty() {
            return outcome;
        }
        print(format_args!("{}", bench::table(&measured)));
        say!("first: from nothing to the end of the first pass; times faster: than the same composed");
        print(format_args!("{}", notes(opened, &measured)));
        // What was measured before something went wrong is kept.
        self.write(&measured).and(outcome)
    }

    fn compare(&self, opened: &gpu::Opened, baseline: &Baseline) -> Result<()> {
        say!("{}", baseline.describe());
        let (mut bar, mut compared) = (Place::new(), Vec::new());
        let mut hear = |event| {
            if let Event::Begins { name, number, total } = event {
                bar.show(&name, number, total);
            }
        };
        let rounds = self.torch.torch_rounds.unwrap_or(if self.quick { 2 } else { ROUNDS });
        let options = self.options(REPEATS_A_ROUND.saturating_mul(rounds));
        let mut keep = |comparison| compared.push(comparison);
        let outcome = torch::compare(opened, baseline, &options, rounds as usize, &mut hear, &mut keep);
        bar.clear();
        if compared.is_empty() {
            return outcome;
        }
        say!("{}", torch::table(&compared));
        let ours: Vec<_> = compared.iter().map(|comparison| comparison.signet.clone()).collect();
        print(format_args!("{}", notes(opened, &ours)));
        if other_load(ours.iter().map(|m| &m.conditions)).is_some() {
            say!("{TORCH_DISTURBED}");
        }
        self.write(&compared).and(outcome)
    }

    /// With so many repeats, unless the user says how many.
    fn options(&self, repeats: u32) -> Options {
        let only = if self.quick && self.only.is_empty() { vec!["tiny".into()] } else { self.only.clone() };
        let repeats = self.repeats.unwrap_or(if self.quick { 3 } else { repeats });
        Options {
            only,
            repeats: repeats as usize,
            max_secs: f64::from(self.max_seconds),
            batch: self.batch.map(|n| n as usize),
        }
    }

    fn write<T: Serialize>(&self, results: &[T]) -> Result<()> {
        let Some(file) = &self.json else { return Ok(()) };
        let text = serde_json::to_string_pretty(results)
            .map_err(|e| Error::new(Kind::Io, format!("the results cannot be written: {e}")))?;
        std::fs::write(file, text + "\n").map_err(|e| Error::io(file, "write", &e))?;
        say!("written: {}", file.display());
        Ok(())
    }
}

/// Its pool spins between operations: seen were times 20 times too long on a machine that was busy.
const TORCH_DISTURBED: &str = "\
PyTorch's threads wait busily, so other programs slow it down many times over: do not trust these ratios;
measure on a quiet machine, or one thread against one: RAYON_NUM_THREADS=1 signet bench …";

/// What the columns do not say, a line each.
fn notes(opened: &gpu::Opened, measured: &[bench::Measurement]) -> String {
    let mut notes = String::new();
    let single = |m: &&bench::Measurement| m.speedup.is_none() && !m.name.ends_with("/composed");
    if measured.iter().filter(single).any(|m| m.peak_memory_bytes.is_none()) {
        notes.push_str("peak memory is not known on this system\n");
    } else if opened.backend == gpu::Backend::Wgpu && !opened.software {
        notes.push_str("peak is the host's memory; the GPU's own is not known\n");
    }
    notes + &troubles(measured.iter().map(|m| &m.conditions))
}

/// Why times may be too long, a line each.
fn troubles<'a>(conditions: impl Iterator<Item = &'a Conditions>) -> String {
    let mut troubles = String::new();
    if let Some(load) = other_load(conditions) {
        troubles += &format!("other programs ran too (load {load:.1}): times may be too long\n");
    }
    if cfg!(debug_assertions) {
        troubles.push_str("this build is not optimised: use `cargo run --release`\n");
    }
    troubles
}

/// The load, where it was more than our own threads make.
fn other_load<'a>(conditions: impl Iterator<Item = &'a Conditions>) -> Option<f64> {
    let beyond = conditions.filter_map(|c| c.load_before.filter(|load| *load > c.threads as f64 + 0.5));
    beyond.reduce(f64::max)
}
