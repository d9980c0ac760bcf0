//! The gray of a colour picture, and colours in a basis whose first coordinate it is.

use crate::data::Shape;

/// Weights of red, green and blue in the luma of ITU-R BT.601.
pub const LUMA: [f32; 3] = [0.2989, 0.5870, 0.1140];

/// The gray picture (H×W) of `image`: luma of three channels, the mean of any other number. A gray
/// picture stored in colour keeps its values.
pub fn gray(image: &[f32], shape: Shape) -> Vec<f32> {
    let weights = match shape.channels {
        3 => LUMA.map(|w| w / LUMA.iter().sum::<f32>()).to_vec(),
        channels => vec![1.0 / channels.max(1) as f32; channels],
    };
    let mut gray = vec![0.0; shape.pixels()];
    for (plane, weight) in image.chunks_exact(shape.pixels().max(1)).zip(weights) {
        gray.iter_mut().zip(plane).for_each(|(gray, value)| *gray += weight * value);
    }
    gray
}

/// The rows of an orthogonal matrix Q, the first of which is luma scaled to length 1: `Q colour` has
/// the luma (times a constant) as its first number and what gray does not show as the other two.
///
/// Gram and Schmidt's way from luma, green and blue: luma has weights above zero throughout, so the
/// three are independent, and the first row keeps their sign.
pub fn basis() -> [[f32; 3]; 3] {
    let mut rows = [LUMA.map(f64::from), [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for i in 0..rows.len() {
        let (done, rest) = rows.split_at_mut(i);
        let Some(row) = rest.first_mut() else { continue };
        for earlier in done {
            let along = dot(row, earlier);
            row.iter_mut().zip(earlier).for_each(|(value, e)| *value -= along * *e);
        }
        let length = dot(row, row).sqrt();
        row.iter_mut().for_each(|value| *value /= length);
    }
    rows.map(|row| row.map(|value| value as f32))
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basis_is_orthogonal_and_begins_with_luma() {
        let q = basis();
        for (i, a) in q.iter().enumerate() {
            for (j, b) in q.iter().enumerate() {
                let product: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                let want = if i == j { 1.0 } else { 0.0 };
                assert!((product - want).abs() < 1e-6, "rows {i} and {j}: {product}");
            }
        }
        let length = LUMA.iter().map(|w| w * w).sum::<f32>().sqrt();
        for (value, weight) in q[0].iter().zip(LUMA) {
            assert!((value - weight / length).abs() < 1e-6 && *value > 0.0);
        }
    }

    #[test]
    fn gray_stays_gray_and_green_is_brightest() {
        let shape = Shape { channels: 3, height: 1, width: 3 };
        let image = [0.4, -1.0, -1.0, 0.4, 1.0, -1.0, 0.4, -1.0, 1.0];
        let gray = super::gray(&image, shape);
        assert!((gray[0] - 0.4).abs() < 1e-6);
        assert!(gray[1] > 0.1 && gray[2] < -0.7, "{gray:?}");
        let one = Shape { channels: 1, height: 1, width: 3 };
        assert_eq!(super::gray(&[0.1, 0.2, 0.3], one), [0.1, 0.2, 0.3]);
    }
}
