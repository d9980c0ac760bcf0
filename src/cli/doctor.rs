//! `signet doctor`: what this machine can do, and whether it calculates right.

use clap::Args as ClapArgs;

use super::output::{print_json, say};
use super::runtime_dir;
use crate::error::{Error, Kind, Result};
use crate::gpu::{self, DeviceSpec, adapters};

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Test this device besides the CPU backend (wgpu:N also takes a software rasteriser)
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
    /// The report as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    pub fn run(self) -> Result<()> {
        if self.device == DeviceSpec::List {
            return list_devices();
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
        if report.healthy() {
            return Ok(());
        }
        Err(Error::new(Kind::Device, "a device failed its self-test")
            .hint("the report above says which; choose another with --device, or update its driver"))
    }
}

/// The devices that `--device` can name, one a line.
pub fn list_devices() -> Result<()> {
    say!("cpu      burn's CPU backend");
    for adapter in adapters::list() {
        say!("{adapter}");
    }
    Ok(())
}
