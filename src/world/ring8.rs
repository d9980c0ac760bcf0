//! Eight spots on a circle.

use super::Mixture;

const SPOTS: usize = 8;
const STD: f64 = 0.05;

/// The radius gives the plane's two coordinates a standard deviation of 1/2 each.
pub fn mixture() -> Mixture {
    let radius = (2.0 * (0.25 - STD * STD)).sqrt();
    let spot = |k: usize| {
        let (sin, cos) = (std::f64::consts::TAU * k as f64 / SPOTS as f64).sin_cos();
        vec![radius * cos, radius * sin]
    };
    Mixture { dim: 2, means: (0..SPOTS).map(spot).collect(), std: STD }
}
