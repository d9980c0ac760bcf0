//! The GPUs (and software rasterisers) that wgpu finds, in one fixed order: `wgpu:N` is number N here.

use std::sync::OnceLock;

use burn::backend::wgpu::WgpuBackend;
use burn_cubecl::cubecl::wgpu::WgpuDeviceKind;
use serde::{Deserialize, Serialize};

/// Graphics APIs that are asked for adapters, best first. OpenGL is left out: its compute is too thin
/// for burn's kernels, and every GPU that could train offers one of these.
const APIS: [Api; 3] = [Api::Vulkan, Api::Metal, Api::Dx12];

/// How a program speaks to an adapter's driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    Vulkan,
    Metal,
    Dx12,
}

impl Api {
    fn name(self) -> &'static str {
        match self {
            Api::Vulkan => "vulkan",
            Api::Metal => "metal",
            Api::Dx12 => "dx12",
        }
    }

    fn to_wgpu(self) -> wgpu::Backend {
        match self {
            Api::Vulkan => wgpu::Backend::Vulkan,
            Api::Metal => wgpu::Backend::Metal,
            Api::Dx12 => wgpu::Backend::Dx12,
        }
    }

    fn to_burn(self) -> WgpuBackend {
        match self {
            Api::Vulkan => WgpuBackend::Vulkan,
            Api::Metal => WgpuBackend::Metal,
            Api::Dx12 => WgpuBackend::Dx12,
        }
    }
}

impl std::fmt::Display for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What stands behind an adapter, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdapterKind {
    DiscreteGpu,
    IntegratedGpu,
    /// A GPU lent to a virtual machine.
    VirtualGpu,
    /// The driver does not say.
    Other,
    /// A rasteriser on the CPU: lavapipe, SwiftShader, WARP.
    Software,
}

impl AdapterKind {
    /// The kind in words.
    pub fn name(self) -> &'static str {
        match self {
            AdapterKind::DiscreteGpu => "discrete GPU",
            AdapterKind::IntegratedGpu => "integrated GPU",
            AdapterKind::VirtualGpu => "virtual GPU",
            AdapterKind::Other => "unknown kind",
            AdapterKind::Software => "software rasteriser",
        }
    }

    fn from_wgpu(device_type: wgpu::DeviceType) -> Self {
        match device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::DiscreteGpu,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::IntegratedGpu,
            wgpu::DeviceType::VirtualGpu => AdapterKind::VirtualGpu,
            wgpu::DeviceType::Other => AdapterKind::Other,
            wgpu::DeviceType::Cpu => AdapterKind::Software,
        }
    }
}

/// One adapter, as far as choosing and describing it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// N of `wgpu:N`.
    pub index: usize,
    pub name: String,
    pub kind: AdapterKind,
    /// The graphics API that offers it.
    pub api: Api,
    pub driver: String,
    pub driver_info: String,
    /// The maker's and the model's PCI numbers, or what the driver gives in their place.
    pub vendor_id: u32,
    pub device_id: u32,
    pub max_buffer_bytes: u64,
    pub max_storage_binding_bytes: u64,
    /// Threads of one workgroup.
    pub max_workgroup_threads: u32,
    /// Memory shared by one workgroup.
    pub max_workgroup_bytes: u32,
    /// Workgroups of a dispatch along each of its three axes.
    pub max_workgroups_per_dimension: u32,
    /// Shaders can calculate in 16-bit floats.
    pub f16: bool,
    /// Shaders can exchange values within a subgroup (warp, wave).
    pub subgroups: bool,
    /// Threads of a subgroup, at the least and at the most.
    pub min_subgroup_threads: u32,
    pub max_subgroup_threads: u32,
    /// The driver tells when a pass began and ended.
    pub timestamps: bool,
    /// Subgroups can multiply small matrices together (tensor cores).
    pub cooperative_matrices: bool,
    /// How many adapters of this kind its API lists before this one: how burn selects an adapter.
    #[serde(skip)]
    nth_of_kind: usize,
}

impl Adapter {
    /// True for a rasteriser on the CPU, which is slower than burn's CPU backend.
    pub fn is_software(&self) -> bool {
        self.kind == AdapterKind::Software
    }

    /// How burn selects this adapter; none where it cannot: a second software rasteriser of one API.
    pub(super) fn selector(&self) -> Option<(WgpuDeviceKind, WgpuBackend)> {
        let kind = match self.kind {
            AdapterKind::DiscreteGpu => WgpuDeviceKind::DiscreteGpu(self.nth_of_kind),
            AdapterKind::IntegratedGpu => WgpuDeviceKind::IntegratedGpu(self.nth_of_kind),
            AdapterKind::VirtualGpu => WgpuDeviceKind::VirtualGpu(self.nth_of_kind),
            AdapterKind::Other => WgpuDeviceKind::Other(self.nth_of_kind),
            AdapterKind::Software if self.nth_of_kind == 0 => WgpuDeviceKind::Cpu,
            AdapterKind::Software => return None,
        };
        Some((kind, self.api.to_burn()))
    }

    /// Limits and features, in words.
    pub fn abilities(&self) -> String {
        let on = |feature: bool| if feature { "on" } else { "off" };
        format!(
            "buffers to {} MiB, bindings to {} MiB; workgroups of {} threads, {} KiB; f16 {}, subgroups {} (of {} \
             to {}), timestamps {}, cooperative matrices {}",
            self.max_buffer_bytes >> 20,
            self.max_storage_binding_bytes >> 20,
            self.max_workgroup_threads,
            self.max_workgroup_bytes >> 10,
            on(self.f16),
            on(self.subgroups),
            self.min_subgroup_threads,
            self.max_subgroup_threads,
            on(self.timestamps),
            on(self.cooperative_matrices)
        )
    }
}

impl std::fmt::Display for Adapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "wgpu:{}  {} ({}, {}", self.index, self.name, self.kind.name(), self.api)?;
        if !self.driver.is_empty() {
            write!(f, ", {}", [self.driver.as_str(), self.driver_info.as_str()].join(" ").trim_end())?;
        }
        write!(f, ")")
    }
}

/// All adapters, hardware first. Asked once per process, so that a number means the same adapter
/// throughout, and because Vulkan's loader does not like instances that come and go.
pub fn list() -> &'static [Adapter] {
    static ADAPTERS: OnceLock<Vec<Adapter>> = OnceLock::new();
    ADAPTERS.get_or_init(|| sorted(APIS.into_iter().flat_map(adapters_of).collect()))
}

/// The adapters of one API in the driver's order, asked the way burn does, so that the n-th of a
/// kind is burn's n-th. Empty without that API's loader or drivers.
fn adapters_of(api: Api) -> Vec<Adapter> {
    let backends = wgpu::Backends::from(api.to_wgpu());
    if !wgpu::Instance::enabled_backend_features().contains(backends) {
        return Vec::new();
    }
    let descriptor =
        wgpu::InstanceDescriptor { backends, ..wgpu::InstanceDescriptor::new_without_display_handle() };
    let instance = wgpu::Instance::new(descriptor);
    let mut found: Vec<Adapter> = Vec::new();
    for adapter in pollster::block_on(instance.enumerate_adapters(backends)) {
        let (info, limits, features) = (adapter.get_info(), adapter.limits(), adapter.features());
        let kind = AdapterKind::from_wgpu(info.device_type);
        let nth_of_kind = found.iter().filter(|earlier| earlier.kind == kind).count();
        found.push(Adapter {
            index: 0,
            name: info.name,
            kind,
            api,
            driver: info.driver,
            driver_info: info.driver_info,
            vendor_id: info.vendor,
            device_id: info.device,
            max_buffer_bytes: limits.max_buffer_size,
            max_storage_binding_bytes: limits.max_storage_buffer_binding_size,
            max_workgroup_threads: limits.max_compute_invocations_per_workgroup,
            max_workgroup_bytes: limits.max_compute_workgroup_storage_size,
            max_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            f16: features.contains(wgpu::Features::SHADER_F16),
            subgroups: features.contains(wgpu::Features::SUBGROUP),
            min_subgroup_threads: info.subgroup_min_size,
            max_subgroup_threads: info.subgroup_max_size,
            timestamps: features.contains(wgpu::Features::TIMESTAMP_QUERY),
            cooperative_matrices: features.contains(wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX),
            nth_of_kind,
        });
    }
    found
}

/// Numbers the adapters, the best kind first; within a kind the order stays.
fn sorted(mut adapters: Vec<Adapter>) -> Vec<Adapter> {
    adapters.sort_by_key(|adapter| adapter.kind);
    for (index, adapter) in adapters.iter_mut().enumerate() {
        adapter.index = index;
    }
    adapters
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An adapter that exists only on paper.
    pub fn paper(kind: AdapterKind, name: &str, nth_of_kind: usize) -> Adapter {
        Adapter {
            index: 0,
            name: name.into(),
            kind,
            api: Api::Vulkan,
            driver: String::new(),
            driver_info: String::new(),
            vendor_id: 0,
            device_id: 0,
            max_buffer_bytes: 1 << 31,
            max_storage_binding_bytes: 1 << 31,
            max_workgroup_threads: 256,
            max_workgroup_bytes: 1 << 14,
            max_workgroups_per_dimension: 65_535,
            f16: false,
            subgroups: false,
            min_subgroup_threads: 4,
            max_subgroup_threads: 128,
            timestamps: false,
            cooperative_matrices: false,
            nth_of_kind,
        }
    }

    /// A machine with these adapters, in the driver's order.
    pub fn machine(kinds: &[AdapterKind]) -> Vec<Adapter> {
        let nth = |at: usize| kinds[..at].iter().filter(|kind| **kind == kinds[at]).count();
        sorted((0..kinds.len()).map(|at| paper(kinds[at], &format!("adapter {at}"), nth(at))).collect())
    }

    #[test]
    fn hardware_comes_first_and_keeps_the_number_burn_knows_it_by() {
        use AdapterKind::*;
        let adapters = machine(&[Software, IntegratedGpu, DiscreteGpu, DiscreteGpu, Software]);
        let names: Vec<&str> = adapters.iter().map(|adapter| adapter.name.as_str()).collect();
        assert_eq!(names, ["adapter 2", "adapter 3", "adapter 1", "adapter 0", "adapter 4"]);
        assert!(adapters.iter().enumerate().all(|(at, adapter)| adapter.index == at));
        assert_eq!(adapters[1].selector(), Some((WgpuDeviceKind::DiscreteGpu(1), WgpuBackend::Vulkan)));
        assert_eq!(adapters[3].selector(), Some((WgpuDeviceKind::Cpu, WgpuBackend::Vulkan)));
        assert_eq!(adapters[4].selector(), None);
    }
}
