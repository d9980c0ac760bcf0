//! How far numbers from a device are from those they should be.

/// `max |got - expected| / max |expected|`: infinite if the lengths differ, NaN if any number is.
pub fn max_relative_error(got: &[f32], expected: &[f64]) -> f64 {
    if got.len() != expected.len() || expected.is_empty() {
        return f64::INFINITY;
    }
    let largest = expected.iter().fold(0.0, |most, value| worse(most, value.abs()));
    let furthest =
        got.iter().zip(expected).fold(0.0, |most, (got, value)| worse(most, (f64::from(*got) - value).abs()));
    // All zeros are expected: then the absolute error is what there is.
    if largest == 0.0 { furthest } else { furthest / largest }
}

/// The larger error; NaN wins, where `f64::max` would drop it.
pub fn worse(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_relative_to_the_largest_value() {
        assert_eq!(max_relative_error(&[1.0, 3.0], &[1.0, 4.0]), 0.25);
        assert_eq!(max_relative_error(&[0.5], &[0.0]), 0.5);
    }

    #[test]
    fn nan_and_missing_numbers_are_never_small_errors() {
        assert!(max_relative_error(&[f32::NAN, 1.0], &[1.0, 1.0]).is_nan());
        assert!(max_relative_error(&[1.0, f32::NAN], &[1.0, 1.0]).is_nan());
        assert!(max_relative_error(&[1.0], &[f64::NAN]).is_nan());
        assert_eq!(max_relative_error(&[1.0], &[1.0, 1.0]), f64::INFINITY);
        assert_eq!(max_relative_error(&[], &[]), f64::INFINITY);
    }
}
