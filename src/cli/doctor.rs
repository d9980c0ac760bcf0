//! `signet doctor`: what this machine can do, and whether it calculates right.

mod child;
mod full;

use clap::Args as ClapArgs;

use super::output::{print_json, say};
use super::runtime_dir;
use crate::error::{Error, Kind, Result};
use crate::gpu::{self, DeviceSpec, adapters};
use full::FullArgs;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Test this device besides the CPU backend (wgpu:N also takes a software rasteriser)
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
    /// The report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    full: FullArgs,
}

impl Args {
    pub fn run(self) -> Result<()> {
        if let Some(job) = self.full.part() {
            child::work(job);
            return Ok(());
        }
        if self.device == DeviceSpec::List {
            return list_devices();
        }
        if let Some(file) = self.full.file() {
            return self.full.write(file, &self.device, self.json);
        }
        let mut report = gpu::doctor::examine(&self.device);
        report.advice.extend(runtime_dir::advice());
        if self.json {
            let text = serde_json::to_string_pretty(&report)
                .map_err(|e| Error::new(Kind::Io, format!("the report cannot be written: {e}")))?;
            print_json(&text);
        } else {
            say!("{report}");
        }
        verdict(report.healthy())
    }
}

/// # Errors
/// `Kind::Device` where a device has failed.
fn verdict(healthy: bool) -> Result<()> {
    if healthy {
        return Ok(());
    }
    Err(Error::new(Kind::Device, "a device failed its self-test")
        .hint("the report above says which; choose another with --device, or update its driver"))
}

/// The devices that `--device` can name, one a line.
pub fn list_devices() -> Result<()> {
    say!("cpu      burn's CPU backend");
    for adapter in adapters::list() {
        say!("{adapter}");
    }
    Ok(())
}
