//! SiD's generator loss (Zhou et al., 2024, with the paper's weight 1 / |y - y_real|).

use burn::tensor::Tensor;

use crate::gpu::kernels;

/// Per sample, summed over pixels, `[batch]`:
/// `(y_real - y_fake) · ((y_real - y) - alpha (y_real - y_fake)) / w`, with `w = sg(mean |y - y_real|)`
/// and at least 1e-5.
///
/// Gradients pass through all three images; their networks' parameters are frozen by the caller. A
/// sample in which an image has a NaN (SiD) or an infinity (ours) is left out, with loss and gradients 0.
pub fn generator_loss(y: Tensor<4>, y_real: Tensor<4>, y_fake: Tensor<4>, alpha: f64) -> Tensor<1> {
    kernels::sid_generator_loss(y, y_real, y_fake, alpha)
}

/// The `w` that the loss is divided by, without gradient: `[batch]`. For whoever wants the loss without it.
pub fn weight(y: Tensor<4>, y_real: Tensor<4>) -> Tensor<1> {
    let [batch, channels, height, width] = y.dims();
    let distance = (y - y_real).abs().reshape([batch, channels * height * width]).mean_dim(1);
    distance.reshape([batch]).clamp_min(kernels::NORMALISER_FLOOR).detach()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn image(values: [f32; 2], device: &Device) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values.to_vec(), [1, 1, 1, 2]), device)
    }

    /// Two pixels worked by hand, and its gradients against finite differences.
    #[test]
    fn the_published_vector_and_its_gradient() {
        let device = Device::flex().autodiff();
        let (x, real, fake) = ([0.3, -0.2], [0.1, 0.4], [0.25, 0.1]);
        let y = image(x, &device).require_grad();
        let y_real = image(real, &device).require_grad();
        let y_fake = image(fake, &device).require_grad();
        let loss = generator_loss(y.clone(), y_real.clone(), y_fake.clone(), 1.2);
        let value: f32 = loss.clone().into_scalar();
        assert!((value - 0.1875).abs() < 1e-6, "{value}");

        let gradients = loss.backward();
        let grad = |t: &Tensor<4>| {
            t.grad(&gradients).expect("gradient").into_data().try_to_vec::<f32>().expect("f32")
        };
        // The normaliser is a constant of 0.4 for differentiation.
        let frozen = |x: [f64; 2], r: [f64; 2], f: [f64; 2]| -> f64 {
            (0..2).map(|i| (r[i] - f[i]) * ((r[i] - x[i]) - 1.2 * (r[i] - f[i])) / 0.4).sum()
        };
        let wide = |v: [f32; 2]| v.map(f64::from);
        let inputs = [wide(x), wide(real), wide(fake)];
        for (which, got) in [grad(&y), grad(&y_real), grad(&y_fake)].into_iter().enumerate() {
            for i in 0..2 {
                let at = |h: f64| {
                    let mut moved = inputs;
                    moved[which][i] += h;
                    frozen(moved[0], moved[1], moved[2])
                };
                let want = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((f64::from(got[i]) - want).abs() < 1e-5, "input {which}[{i}]: {} not {want}", got[i]);
            }
        }
    }
}
