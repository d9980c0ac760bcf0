//! Does a device calculate what it should? burn's operations against the CPU backend, our kernels
//! against f64.

mod operations;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use burn::tensor::Device;
use serde::Serialize;

use super::compare::{max_relative_error, worse};
use super::device::{Backend, Opened};
use super::kernels::check::{
    Arrival, Errors, adam, finite_norm, group_norm, pseudo_huber_distance, random, score_losses,
    squared_error,
};
use super::kernels::{self, Activation};
use super::trouble::panic_words;

/// Single precision with another order of additions stays far below this; a kernel that multiplies
/// in half precision or TF32 does not.
const OPERATION_TOLERANCE: f64 = 1e-4;

/// One sum per sample in f32, against f64.
const KERNEL_TOLERANCE: f64 = 1e-5;

/// Images of the kernels' checks: odd in every dimension.
const KERNEL_SHAPE: [usize; 4] = [5, 3, 9, 7];

/// One comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    pub name: &'static str,
    /// `max |got - expected| / max |expected|`; NaN if the device made one or the check broke off.
    pub max_relative_error: f64,
    pub tolerance: f64,
    /// Wall time on the device, compiling and tuning its kernels included.
    pub seconds: f64,
    pub passed: bool,
    /// Why the check broke off, if it did.
    pub failure: Option<String>,
}

/// Runs all checks on the calling thread. On burn's CPU backend only those of our kernels: its own
/// operations are what the other devices are compared with.
pub fn run(opened: &Opened) -> Vec<Check> {
    let mut checks = Vec::new();
    run_each(opened, &mut |check| checks.push(check));
    checks
}

/// The same; `take` gets each check as it ends, before a later one may bring the process down.
pub fn run_each(opened: &Opened, take: &mut dyn FnMut(Check)) {
    if opened.backend == Backend::Wgpu {
        let cpu = Device::flex();
        for (name, operation) in operations::ALL {
            take(check(name, OPERATION_TOLERANCE, || {
                let started = Instant::now();
                let got = operation(&opened.device);
                let seconds = started.elapsed().as_secs_f64();
                let expected: Vec<f64> = operation(&cpu).into_iter().map(f64::from).collect();
                (max_relative_error(&got, &expected), seconds)
            }));
        }
    }
    let kernels: [(_, Comparison); 9] = [
        ("kernel: weighted squared error, forward and backward", squared_error),
        ("kernel: pseudo-Huber distance, forward and backward", pseudo_huber_distance),
        ("kernel: group norm and SiLU, forward and backward", norm_and_silu),
        ("kernel: SiD's generator loss, forward and backward", score_losses::sid_generator),
        ("kernel: distribution matching, forward and backward", score_losses::matching),
        ("kernel: finite numbers and their norm", finite_norm::finite_norm),
        ("kernel: random numbers", random::normals),
        ("kernel: dropout, forward and backward", random::masks),
        ("kernel: Adam, bad steps left out and mended", adam::adam),
    ];
    for (name, measure) in kernels {
        take(check(name, KERNEL_TOLERANCE, || {
            let started = Instant::now();
            let errors = measure(&opened.device, KERNEL_SHAPE, Arrival::Plain);
            (worse(errors.value, errors.gradient), started.elapsed().as_secs_f64())
        }));
    }
}

/// A kernel's errors on images of a shape that reach it in some way.
type Comparison = fn(&Device, [usize; 4], Arrival) -> Errors;

/// The group norm with all channels in one group.
fn norm_and_silu(device: &Device, shape: [usize; 4], arrival: Arrival) -> Errors {
    let case = group_norm::Case { shape, groups: 1, activation: Activation::Silu };
    group_norm::measure(device, case, arrival, kernels::group_norm)
}

/// Runs one comparison, which gives its error and seconds. A driver that breaks makes burn panic; a
/// self-test reports that instead of dying of it.
fn check(name: &'static str, tolerance: f64, compare: impl FnOnce() -> (f64, f64)) -> Check {
    match catch_unwind(AssertUnwindSafe(compare)) {
        Ok((error, seconds)) => Check {
            name,
            max_relative_error: error,
            tolerance,
            seconds,
            passed: error <= tolerance,
            failure: None,
        },
        Err(payload) => Check {
            name,
            max_relative_error: f64::NAN,
            tolerance,
            seconds: 0.0,
            passed: false,
            failure: Some(panic_words(&*payload).unwrap_or("the device gave up without a word").into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::{DeviceSpec, open};

    #[test]
    fn the_cpu_backend_passes() {
        let checks = run(&open(&DeviceSpec::Cpu).expect("the CPU is always there"));
        assert_eq!(checks.len(), 9);
        assert!(checks.iter().all(|check| check.passed), "{checks:#?}");
    }

    #[test]
    fn wrong_numbers_and_broken_devices_do_not_pass() {
        assert!(check("right", 1e-3, || (1e-4, 0.1)).passed);
        assert!(!check("wrong", 1e-3, || (1e-2, 0.1)).passed);
        assert!(!check("not a number", 1e-3, || (f64::NAN, 0.1)).passed);
        let broken = check("broken", 1e-3, || panic!("device lost"));
        assert!(!broken.passed);
        assert_eq!(broken.failure.as_deref(), Some("device lost"));
    }

    /// An operation that always gave zeros, or nothing, would agree with itself on every device.
    #[test]
    fn every_operation_gives_varied_finite_numbers() {
        let lengths =
            [33 * 17, 2 * 8 * 64, 2 * 8 * 16, 2 * 8 * 64, 2 * 2 * 16 * 8, 2 * 8 * 64, 2 * 8 * 3 * 9];
        for ((name, operation), length) in operations::ALL.into_iter().zip(lengths) {
            let values = operation(&Device::flex());
            assert_eq!(values.len(), length, "{name}");
            assert!(values.iter().all(|value| value.is_finite()), "{name}");
            let (first, spread) = (values[0], values.iter().filter(|value| **value != values[0]).count());
            assert!(spread * 2 > values.len(), "{name}: mostly {first}");
        }
    }
}
