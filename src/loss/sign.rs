//! Terms of SIGN's student loss: a reconstruction, not the paper's own code.

use burn::tensor::Tensor;

use crate::gpu::kernels;

/// Pseudo-Huber distance per sample, `[batch]`: `(sqrt(|a - b|² + c²) - c) / sqrt(d)` with
/// `c = 0.00054 sqrt(d)` over the `d` numbers of an image (Song and Dhariwal, 2023).
pub fn pseudo_huber(a: Tensor<4>, b: Tensor<4>) -> Tensor<1> {
    let [_, channels, height, width] = a.dims();
    let c = 0.00054 * ((channels * height * width) as f32).sqrt();
    kernels::pseudo_huber(a, b, c)
}

/// Distribution matching (DMD's form): a number whose gradient with respect to `y` is
/// `g / numel`, `g = (fake - real) / mean |y - real|`, and which has no other gradient. Where `g` is not
/// finite it counts as 0, and so does its gradient.
///
/// `y_real` and `y_fake` are the teacher's and the fake score's denoised images of the noisy `y`.
pub fn distribution_matching(y: Tensor<4>, y_real: Tensor<4>, y_fake: Tensor<4>) -> Tensor<1> {
    let [_, channels, height, width] = y.dims();
    kernels::distribution_matching(y, y_real, y_fake).mean() / (channels * height * width) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn image(values: &[f32], device: &Device) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values.to_vec(), [1, 1, 1, values.len()]), device)
    }

    /// Worked by hand: g = (.375, -.75) for these two pixels.
    #[test]
    fn the_dmd_gradient_is_g_over_numel() {
        let device = Device::flex().autodiff();
        let y = image(&[0.3, -0.2], &device).require_grad();
        let loss =
            distribution_matching(y.clone(), image(&[0.1, 0.4], &device), image(&[0.25, 0.1], &device));
        let got = y.grad(&loss.backward()).expect("gradient").into_data().try_to_vec::<f32>().expect("f32");
        assert!((got[0] - 0.375 / 2.0).abs() < 1e-6 && (got[1] + 0.75 / 2.0).abs() < 1e-6, "{got:?}");
    }

    #[test]
    fn pseudo_huber_is_an_rms_far_away_and_smooth_at_zero() {
        let device = Device::flex().autodiff();
        let a = image(&[1.0, 1.0, 1.0, 1.0], &device).require_grad();
        let far: f32 = pseudo_huber(a.clone(), image(&[0.0; 4], &device)).into_scalar();
        assert!((far - 1.0).abs() < 1e-3, "{far}");
        let near = pseudo_huber(a.clone(), image(&[1.0; 4], &device));
        let slope =
            a.grad(&near.clone().backward()).expect("gradient").into_data().try_to_vec::<f32>().expect("f32");
        assert!(slope.iter().all(|s| *s == 0.0), "{slope:?}");
    }
}
