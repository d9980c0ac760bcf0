//! `signet doctor`: what this machine has, which device a run would take, whether it calculates
//! right, and what to install.

use std::fmt;

use serde::Serialize;

use super::adapters::{self, Adapter};
use super::device::{self, Opened};
use super::hints;
use super::self_test::{self, Check};
use super::spec::DeviceSpec;

/// Everything found, to print or to write as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub version: &'static str,
    pub build: Build,
    pub cpu_threads: usize,
    pub adapters: Vec<Adapter>,
    /// What the asked-for device turns out to be, and why; or why it cannot be had.
    pub chosen: String,
    pub self_tests: Vec<SelfTest>,
    pub advice: Vec<String>,
}

/// Cargo features that change how a device calculates.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Build {
    pub fusion: bool,
    pub autotune: bool,
    pub spirv: bool,
}

/// The checks of one device.
#[derive(Clone, Debug, Serialize)]
pub struct SelfTest {
    pub device: String,
    pub checks: Vec<Check>,
    /// Why the device could not be opened, if it could not.
    pub refused: Option<String>,
}

impl SelfTest {
    /// True if the device opened and every check passed.
    pub fn passed(&self) -> bool {
        self.refused.is_none() && self.checks.iter().all(|check| check.passed)
    }
}

impl Report {
    /// True if every device that was tested calculates right.
    pub fn healthy(&self) -> bool {
        self.self_tests.iter().all(SelfTest::passed)
    }
}

/// Examines this machine on the calling thread, which does all the GPU work: seconds on a GPU.
///
/// Tested are the CPU backend and every hardware adapter; for [`DeviceSpec::Wgpu`] with a number the
/// CPU backend and that adapter, software or not; for [`DeviceSpec::Cpu`] the CPU backend alone; for
/// [`DeviceSpec::List`] nothing.
pub fn examine(spec: &DeviceSpec) -> Report {
    let adapters = adapters::list();
    let chosen = match spec {
        DeviceSpec::List => device::open(&DeviceSpec::Auto),
        wanted => device::open(wanted),
    };
    Report {
        version: env!("CARGO_PKG_VERSION"),
        build: Build {
            fusion: cfg!(feature = "fusion"),
            autotune: cfg!(feature = "autotune"),
            spirv: cfg!(feature = "spirv"),
        },
        cpu_threads: std::thread::available_parallelism().map_or(1, usize::from),
        adapters: adapters.to_vec(),
        chosen: match chosen {
            Ok(opened) => format!("{}: {}", opened.name, opened.reason),
            Err(error) => error.to_string(),
        },
        self_tests: tested(spec, adapters).iter().map(test).collect(),
        advice: hints::for_this_machine(adapters),
    }
}

/// The devices that [`examine`] checks.
pub fn devices_to_test(spec: &DeviceSpec) -> Vec<DeviceSpec> {
    tested(spec, device::adapters_for(spec))
}

/// What to install or change on this machine; nothing where a GPU is ready.
pub fn advice() -> Vec<String> {
    hints::for_this_machine(adapters::list())
}

/// The devices whose calculations are checked.
fn tested(spec: &DeviceSpec, adapters: &[Adapter]) -> Vec<DeviceSpec> {
    let hardware = adapters.iter().filter(|adapter| !adapter.is_software());
    let mut devices = vec![DeviceSpec::Cpu];
    match spec {
        DeviceSpec::List => devices.clear(),
        DeviceSpec::Cpu => {}
        DeviceSpec::Wgpu(Some(index)) => devices.push(DeviceSpec::Wgpu(Some(*index))),
        DeviceSpec::Auto | DeviceSpec::Wgpu(None) => {
            devices.extend(hardware.map(|adapter| DeviceSpec::Wgpu(Some(adapter.index))));
        }
    }
    devices
}

fn test(spec: &DeviceSpec) -> SelfTest {
    match device::open(spec) {
        Ok(opened) => {
            SelfTest { device: title(spec, &opened), checks: self_test::run(&opened), refused: None }
        }
        Err(error) => {
            SelfTest { device: spec.to_string(), checks: Vec::new(), refused: Some(error.to_string()) }
        }
    }
}

fn title(spec: &DeviceSpec, opened: &Opened) -> String {
    format!("{spec}  {}", opened.name)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |feature: bool| if feature { "on" } else { "off" };
        let Build { fusion, autotune, spirv } = self.build;
        writeln!(
            f,
            "signet {}: kernel fusion {}, autotuning {}, SPIR-V {}; {} CPU threads",
            self.version,
            on(fusion),
            on(autotune),
            on(spirv),
            self.cpu_threads
        )?;
        writeln!(f, "\nAdapters")?;
        if self.adapters.is_empty() {
            writeln!(f, "  none")?;
        }
        for adapter in &self.adapters {
            writeln!(f, "  {adapter}")?;
            writeln!(f, "          {}", adapter.abilities())?;
        }
        writeln!(f, "\nDevice\n  {}", self.chosen)?;
        for self_test in &self.self_tests {
            writeln!(f, "\nSelf-test of {self_test}")?;
        }
        if !self.advice.is_empty() {
            writeln!(f, "\nAdvice")?;
        }
        for advice in &self.advice {
            writeln!(f, "  - {advice}")?;
        }
        Ok(())
    }
}

impl fmt::Display for SelfTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.device)?;
        if let Some(reason) = &self.refused {
            write!(f, "\n  not opened: {reason}")?;
        }
        for check in &self.checks {
            write!(
                f,
                "\n  {:6}  {:54} error {:.1e} of {:.0e}, {:.2} s",
                if check.passed { "ok" } else { "FAILED" },
                check.name,
                check.max_relative_error,
                check.tolerance,
                check.seconds
            )?;
            if let Some(failure) = &check.failure {
                write!(f, "\n          {failure}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::adapters::AdapterKind::{DiscreteGpu, IntegratedGpu, Software};
    use super::super::adapters::tests::machine;
    use super::*;

    #[test]
    fn software_is_tested_only_by_its_number() {
        let adapters = machine(&[Software, IntegratedGpu, DiscreteGpu]);
        let wgpu = |index| DeviceSpec::Wgpu(Some(index));
        assert_eq!(tested(&DeviceSpec::Auto, &adapters), [DeviceSpec::Cpu, wgpu(0), wgpu(1)]);
        assert_eq!(tested(&wgpu(2), &adapters), [DeviceSpec::Cpu, wgpu(2)]);
        assert_eq!(tested(&DeviceSpec::Cpu, &adapters), [DeviceSpec::Cpu]);
        assert!(tested(&DeviceSpec::List, &adapters).is_empty());
    }

    #[test]
    fn the_report_prints_and_serialises() {
        let report = examine(&DeviceSpec::Cpu);
        assert!(report.healthy(), "{report}");
        let text = report.to_string();
        assert!(text.contains("Self-test of cpu") && text.contains("weighted squared error"), "{text}");
        let json = serde_json::to_value(&report).expect("plain data");
        assert_eq!(json["self_tests"][0]["checks"][0]["passed"], true);
    }

    #[test]
    fn a_device_that_is_not_there_makes_the_report_unhealthy() {
        let report = examine(&DeviceSpec::Wgpu(Some(usize::MAX)));
        assert!(!report.healthy());
        assert!(report.to_string().contains("not opened"), "{report}");
    }
}
