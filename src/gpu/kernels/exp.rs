//! An exponential that the compiler can turn into vector instructions: the C library's `expf` is one
//! call an element, which made SiLU the dearest pass of a U-Net on a CPU.

use std::f32::consts::LOG2_E;

/// Below, `exp` would leave the normal numbers; above, the largest power of two. Arguments beyond
/// are taken as these: a sigmoid is then 0 or 1 to within 1e-37.
const LOWEST: f32 = -87.0;
const HIGHEST: f32 = 88.0;

/// ln 2 in two parts: the first has nine bits, so that a product with a whole number below 2^15 is exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = (std::f64::consts::LN_2 - 355.0 / 512.0) as f32;

/// 1.5 · 2^23: adding it rounds a small number to a whole one, which then stands in the lowest bits.
const ROUNDER: f32 = 12_582_912.0;

/// e^x to a relative 2e-7 for -87 ≤ x ≤ 88, and its value at the nearer end beyond; NaN stays NaN.
///
/// e^x = 2^n e^r with n = round(x / ln 2) and |r| ≤ ln(2) / 2, where the Taylor series of e^r up to
/// r^7 is exact to 6e-9.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = x.clamp(LOWEST, HIGHEST);
    let shifted = x * LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let mut series = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5] {
        series = series * r + coefficient;
    }
    let mantissa = (series * r * r + r) + 1.0;
    // The lowest bits of `shifted` are n; 127 is the exponent of 1. NaN keeps the mantissa a NaN.
    let exponent = (shifted.to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32).wrapping_add(127);
    mantissa * f32::from_bits((exponent as u32) << 23)
}

/// 1 / (1 + e^-x).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every 1/1024 over the whole range, and its ends.
    fn arguments() -> impl Iterator<Item = f32> {
        let inside = (LOWEST as i32 * 1024..=HIGHEST as i32 * 1024).map(|step| step as f32 / 1024.0);
        // Not only dyadic fractions: their products are too often exact.
        inside.flat_map(|x| [x, x * 0.999_1]).chain([LOWEST, HIGHEST, 0.0, -0.0, 1e-30, -1e-30])
    }

    #[test]
    fn exp_agrees_with_f64() {
        let error = |x: f32| (f64::from(exp(x)) / f64::from(x).exp() - 1.0).abs();
        let (worst, at) = arguments().map(|x| (error(x), x)).fold((0.0, 0.0), |most, next| {
            assert!(next.0.is_finite(), "exp({})", next.1);
            if next.0 > most.0 { next } else { most }
        });
        assert!(worst <= 2e-7, "{worst:e} at {at}");
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn beyond_its_range_exp_stays_finite_and_nan_stays_nan() {
        for x in [-100.0, f32::MIN, f32::NEG_INFINITY] {
            assert!(exp(x) > 0.0 && exp(x) < 2e-38, "exp({x}) = {:e}", exp(x));
        }
        for x in [100.0, f32::MAX, f32::INFINITY] {
            assert!(exp(x) > 1e38 && exp(x).is_finite(), "exp({x}) = {:e}", exp(x));
        }
        assert!(exp(f32::NAN).is_nan() && exp(-f32::NAN).is_nan());
    }

    #[test]
    fn sigmoid_agrees_with_f64_out_to_its_limits() {
        for x in arguments().chain([-100.0, 100.0]) {
            let expected = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(sigmoid(x)) - expected).abs() <= 2e-7 * expected + 1e-37, "sigmoid({x})");
        }
        assert_eq!((sigmoid(0.0), sigmoid(100.0)), (0.5, 1.0));
        assert!(sigmoid(f32::NAN).is_nan());
    }
}
