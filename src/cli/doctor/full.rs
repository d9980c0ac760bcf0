//! `signet doctor --full`: everything that a developer would measure first on this machine, in one file.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::super::can_be_written;
use super::super::output::{print_json, say};
use super::super::place::Place;
use super::{child, verdict};
use crate::bench::survey::{self, Extent, Job, Plan, Report, TorchAsk};
use crate::error::{Error, Kind, Result};
use crate::gpu::DeviceSpec;

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "A full report")]
pub struct FullArgs {
    /// Measure everything that a developer of signet would measure first on this machine (adapters, self-tests,
    /// copies, kernels, training steps), in less than five minutes on a GPU, and write it to a file to be sent;
    /// an earlier report there is replaced
    #[arg(long, value_name = "FILE.json")]
    full: Option<PathBuf>,
    /// The smallest shapes and few repeats
    #[arg(long, requires = "full")]
    quick: bool,
    /// Seconds for all of it; what they do not suffice for is left out and named [default: 285 on a GPU, 600 on
    /// the CPU, 1200 on a software rasteriser; 120 with --quick; 240 more with --vs-torch]
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "full",
        value_parser = clap::value_parser!(u32).range(1..=86_400)
    )]
    budget: Option<u32>,
    /// Training steps in turn with PyTorch too, run by this Python [default: python3], which needs `pip install
    /// torch numpy`
    #[arg(long, value_name = "PYTHON", num_args = 0..=1, default_missing_value = "python3", requires = "full")]
    vs_torch: Option<PathBuf>,
    /// PyTorch's device: cpu or cuda
    #[arg(long, value_name = "NAME", default_value = "cpu", requires = "vs_torch")]
    torch_device: String,
    /// One part, in the process that a full report has for it
    #[arg(long, value_name = "JOB", hide = true, conflicts_with = "full")]
    part: Option<Job>,
}

impl FullArgs {
    /// What this process is to measure for another.
    pub fn part(&self) -> Option<&Job> {
        self.part.as_ref()
    }

    /// Where the report is to be written, if one is asked for.
    pub fn file(&self) -> Option<&Path> {
        self.full.as_deref()
    }

    /// Measures, writes the report after each part, and prints it.
    ///
    /// # Errors
    /// A file that is something else, or cannot be written; `Kind::Device` where a device failed its self-test.
    pub fn write(&self, file: &Path, device: &DeviceSpec, json: bool) -> Result<()> {
        can_be_written(file, "--full")?;
        if survey::may_be_written(file)? && !json {
            say!("{}: the earlier report is replaced", file.display());
        }
        let plan = Plan {
            device: device.clone(),
            extent: if self.quick { Extent::Quick } else { Extent::Full },
            budget_secs: self.budget.map(f64::from),
            torch: self.vs_torch.clone().map(|python| TorchAsk { python, device: self.torch_device.clone() }),
        };
        let mut place = Place::new();
        let mut hear = |what: &str, number, total| place.show(what, number, total);
        let mut keep = |report: &Report| survey::write(file, report);
        let outcome = survey::conduct(&plan, &mut child::measure, &mut hear, &mut keep);
        place.clear();
        let report = outcome?;
        if json {
            let text = serde_json::to_string_pretty(&report)
                .map_err(|e| Error::new(Kind::Io, format!("the report cannot be written: {e}")))?;
            print_json(&text);
        } else {
            say!("{report}");
            say!("written: {}", file.display());
        }
        verdict(report.healthy())
    }
}
