//! Which device a process computes on, and why: discrete GPU, integrated GPU, else burn's CPU
//! backend. A software rasteriser is opened only by its number, for it is slower than that backend.

use burn::backend::wgpu::WgpuSetup;
use burn::tensor::Device;

use super::adapters::{self, Adapter, AdapterKind};
use super::autotune;
use super::counting::Counter;
use super::kernels::{self, shader};
use super::opened::{self, Neighbour};
use super::spec::DeviceSpec;
use crate::error::{Error, Kind, Result};

/// What computes: burn's CPU backend (flex) or wgpu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Cpu,
    Wgpu,
}

/// A device ready for tensors. All work on it belongs on one thread: cubecl orders it per thread.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Without autodiff; `device.autodiff()` adds it.
    pub device: Device,
    /// The adapter's name, or the CPU's thread count.
    pub name: String,
    /// Why this one, in words to print.
    pub reason: String,
    pub backend: Backend,
    /// A rasteriser on the CPU poses as a GPU.
    pub software: bool,
    /// The wgpu handles under the device, for a window that shares them; none on the CPU.
    pub setup: Option<WgpuSetup>,
}

/// Opens the wanted device. The same adapter asked for twice is the same device.
///
/// # Errors
/// No such adapter; an adapter that its driver does not open; a software rasteriser in a build with
/// SPIR-V; [`DeviceSpec::List`], which names no device.
pub fn open(spec: &DeviceSpec) -> Result<Opened> {
    open_beside(spec, Neighbour::None)
}

/// The same for a process in which somebody else draws on the device too.
///
/// # Errors
/// As [`open`].
pub fn open_beside(spec: &DeviceSpec, neighbour: Neighbour) -> Result<Opened> {
    match choose(spec, adapters_for(spec))? {
        Choice::Cpu { reason } => Ok(open_cpu(reason)),
        Choice::Adapter { adapter, reason } => open_adapter(adapter, reason, neighbour),
    }
}

/// Exchanges the wanted device, which is lost or full, for a new one on the same adapter: that is what [`open`] gives
/// from now on. Whatever lay on the old one is gone. The CPU stays what it is.
///
/// # Errors
/// A window that draws on the device; a driver that gives no other; a build with SPIR-V.
pub fn open_anew(spec: &DeviceSpec) -> Result<()> {
    match choose(spec, adapters_for(spec))? {
        Choice::Cpu { .. } => Ok(()),
        Choice::Adapter { adapter, .. } => opened::exchange(adapter, kernels::forget),
    }
}

/// Who asks for the CPU may do so because a driver hangs: it is not looked for then.
pub(super) fn adapters_for(spec: &DeviceSpec) -> &'static [Adapter] {
    if *spec == DeviceSpec::Cpu { &[] } else { adapters::list() }
}

/// Opens the wanted device with a counter between burn and wgpu: another device, on the same adapter as the
/// one that [`open`] gives. No window draws on it.
///
/// # Errors
/// Those of [`open`]; a device without wgpu; a build with SPIR-V, whose memory does not come from wgpu.
pub fn open_counted(spec: &DeviceSpec) -> Result<(Opened, Counter)> {
    if cfg!(feature = "spirv") {
        return Err(Error::new(Kind::Device, "with SPIR-V burn goes past wgpu, where nobody counts")
            .hint("use a build without the `spirv` feature"));
    }
    let plain = open(spec)?;
    let Some(setup) = plain.setup.clone() else {
        return Err(Error::new(Kind::Device, format!("{}: only what wgpu is asked is counted", plain.name))
            .hint("`--device list` shows the adapters to choose from"));
    };
    let (device, setup, counter) = opened::open_counted(setup)?;
    Ok((Opened { device, setup: Some(setup), ..plain }, counter))
}

/// Outcome of the rule, before anything is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice<'a> {
    Cpu { reason: String },
    Adapter { adapter: &'a Adapter, reason: String },
}

/// The rule itself. `adapters` are sorted, the best first.
fn choose<'a>(spec: &DeviceSpec, adapters: &'a [Adapter]) -> Result<Choice<'a>> {
    let hardware = adapters.iter().find(|adapter| !adapter.is_software());
    match spec {
        DeviceSpec::Auto => Ok(choose_automatically(adapters)),
        DeviceSpec::Cpu => Ok(Choice::Cpu { reason: "burn's CPU backend, as asked for".into() }),
        DeviceSpec::Wgpu(None) => match hardware {
            Some(adapter) => Ok(Choice::Adapter {
                adapter,
                reason: format!("{}, the best adapter found", adapter.kind.name()),
            }),
            None => Err(Error::new(Kind::Device, no_hardware(adapters)).hint(
                "`signet doctor` says what to install; `--device cpu` uses burn's CPU backend, \
                 `--device wgpu:N` any adapter of `--device list`",
            )),
        },
        DeviceSpec::Wgpu(Some(index)) => match adapters.get(*index) {
            Some(adapter) => Ok(Choice::Adapter {
                adapter,
                reason: format!("{}, asked for as wgpu:{index}", adapter.kind.name()),
            }),
            None => Err(Error::new(
                Kind::Device,
                format!("there is no wgpu:{index}: this machine has {} adapter(s)", adapters.len()),
            )
            .hint("`--device list` numbers the adapters; `signet doctor` says what to install")),
        },
        DeviceSpec::List => Err(Error::usage("`list` prints the adapters, it is not one of them")
            .hint("give auto, cpu, wgpu or wgpu:N to compute")),
    }
}

fn choose_automatically(adapters: &[Adapter]) -> Choice<'_> {
    let wanted =
        |adapter: &&Adapter| matches!(adapter.kind, AdapterKind::DiscreteGpu | AdapterKind::IntegratedGpu);
    match adapters.iter().find(wanted) {
        Some(adapter) => {
            Choice::Adapter { adapter, reason: format!("{}, the best device found", adapter.kind.name()) }
        }
        None => Choice::Cpu { reason: format!("{}: burn's CPU backend", no_hardware(adapters)) },
    }
}

/// Says what there is instead of a GPU.
fn no_hardware(adapters: &[Adapter]) -> String {
    match adapters.first() {
        None => "no GPU found".into(),
        Some(adapter) if adapter.is_software() => {
            format!("no GPU found (only {}, a software rasteriser)", adapter.name)
        }
        Some(adapter) => {
            format!("no discrete or integrated GPU found (only {}, {})", adapter.name, adapter.kind.name())
        }
    }
}

fn open_cpu(reason: String) -> Opened {
    Opened {
        device: Device::flex(),
        name: format!("CPU ({} threads)", rayon::current_num_threads()),
        reason,
        backend: Backend::Cpu,
        software: false,
        setup: None,
    }
}

fn open_adapter(adapter: &Adapter, mut reason: String, neighbour: Neighbour) -> Result<Opened> {
    let software = adapter.is_software();
    if software {
        if cfg!(feature = "spirv") {
            return Err(Error::new(
                Kind::Device,
                format!("{}: burn's SPIR-V kernels crash software rasterisers", adapter.name),
            )
            .hint("use a build without the `spirv` feature, or `--device cpu`"));
        }
        if cfg!(feature = "autotune") && !autotune::limit_for_software() {
            reason.push_str(" (kernels may be tuned at length: the process had computed before)");
        }
    }
    if adapter.max_workgroup_threads < shader::THREADS {
        return Err(Error::new(
            Kind::Device,
            format!(
                "{} runs workgroups of {} threads at most; the kernels need {}",
                adapter.name,
                adapter.max_workgroup_threads,
                shader::THREADS
            ),
        )
        .hint("update the GPU driver, or use `--device cpu`"));
    }
    let (device, setup) = opened::open_once(adapter, neighbour)?;
    Ok(Opened {
        device,
        name: format!("{} ({})", adapter.name, adapter.api),
        reason,
        backend: Backend::Wgpu,
        software,
        setup: Some(setup),
    })
}

#[cfg(test)]
mod tests {
    use super::super::adapters::tests::machine;
    use super::*;
    use AdapterKind::{DiscreteGpu, IntegratedGpu, Software, VirtualGpu};

    fn chosen(spec: &DeviceSpec, kinds: &[AdapterKind]) -> Result<Option<AdapterKind>> {
        Ok(match choose(spec, &machine(kinds))? {
            Choice::Cpu { .. } => None,
            Choice::Adapter { adapter, .. } => Some(adapter.kind),
        })
    }

    #[test]
    fn auto_takes_discrete_then_integrated_and_never_software() {
        let auto = |kinds: &[AdapterKind]| chosen(&DeviceSpec::Auto, kinds).expect("auto always chooses");
        assert_eq!(auto(&[Software, IntegratedGpu, DiscreteGpu]), Some(DiscreteGpu));
        assert_eq!(auto(&[Software, IntegratedGpu]), Some(IntegratedGpu));
        assert_eq!(auto(&[Software, Software]), None);
        assert_eq!(auto(&[VirtualGpu, Software]), None);
        assert_eq!(auto(&[]), None);
    }

    #[test]
    fn auto_on_this_machine_is_not_software() {
        let opened = open(&DeviceSpec::Auto).expect("auto falls back to the CPU");
        assert!(!opened.software, "{}: {}", opened.name, opened.reason);
    }

    #[test]
    fn wgpu_means_hardware_and_a_number_means_that_adapter() {
        assert_eq!(chosen(&DeviceSpec::Wgpu(None), &[Software, VirtualGpu]), Ok(Some(VirtualGpu)));
        let error = chosen(&DeviceSpec::Wgpu(None), &[Software]).expect_err("no hardware");
        assert_eq!(error.exit_code(), 5);
        assert!(error.remedy.is_some_and(|remedy| remedy.contains("doctor")));
        assert_eq!(chosen(&DeviceSpec::Wgpu(Some(1)), &[Software, DiscreteGpu]), Ok(Some(Software)));
        let error = chosen(&DeviceSpec::Wgpu(Some(2)), &[Software, DiscreteGpu]).expect_err("only two");
        assert!(error.to_string().contains("no wgpu:2"), "{error}");
    }

    #[test]
    fn list_opens_nothing_and_cpu_is_the_cpu() {
        assert_eq!(open(&DeviceSpec::List).expect_err("not a device").exit_code(), 2);
        let cpu = open(&DeviceSpec::Cpu).expect("the CPU is always there");
        assert_eq!((cpu.backend, cpu.software, cpu.setup.is_none()), (Backend::Cpu, false, true));
    }
}
