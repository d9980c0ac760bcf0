//! What there is, and whether it calculates right.

use super::items::Item;
use super::rows::{ChosenDevice, SelfTestRow};
use super::word::Finding;
use crate::gpu::self_test::{self, Check};
use crate::gpu::{self, Backend, DeviceSpec, adapters, doctor};

/// The device first: a driver may hang while all adapters are looked for.
pub fn items(spec: &DeviceSpec) -> Vec<Item> {
    let spec = spec.clone();
    let device = Item::new("device", move |take| {
        let opened = gpu::open(&spec)?;
        take(Finding::Device(ChosenDevice {
            name: opened.name,
            reason: opened.reason,
            is_wgpu: opened.backend == Backend::Wgpu,
            is_software: opened.software,
        }));
        Ok(())
    });
    let all = Item::new("adapters", |take| {
        take(Finding::Adapters(adapters::list().to_vec()));
        take(Finding::Advice(doctor::advice()));
        Ok(())
    });
    vec![device, all]
}

/// An item a device. One that does not open has not passed.
pub fn self_tests(spec: &DeviceSpec) -> Vec<Item> {
    let item = |spec: DeviceSpec| {
        Item::new(spec.to_string(), move |take| {
            let opened = match gpu::open(&spec) {
                Ok(opened) => opened,
                Err(error) => {
                    take(Finding::SelfTest(not_opened(&spec, error.what)));
                    return Ok(());
                }
            };
            let device = format!("{spec}  {}", opened.name);
            self_test::run_each(&opened, &mut |check| take(Finding::SelfTest(row(&device, check))));
            Ok(())
        })
    };
    doctor::devices_to_test(spec).into_iter().map(item).collect()
}

fn row(device: &str, check: Check) -> SelfTestRow {
    SelfTestRow {
        device: device.into(),
        operation: check.name.into(),
        max_relative_error: Some(check.max_relative_error).filter(|error| error.is_finite()),
        tolerance: check.tolerance,
        seconds: check.seconds,
        passed: check.passed,
        failure: check.failure,
    }
}

fn not_opened(spec: &DeviceSpec, reason: String) -> SelfTestRow {
    SelfTestRow {
        device: spec.to_string(),
        operation: "opening".into(),
        max_relative_error: None,
        tolerance: 0.0,
        seconds: 0.0,
        passed: false,
        failure: Some(reason),
    }
}
