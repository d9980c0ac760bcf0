//! SiD's generator loss (Zhou et al., 2024, with the paper's weight 1 / |y - y_real|).

use burn::tensor::Tensor;

/// The normaliser never divides by less than this.
const NORMALISER_FLOOR: f64 = 1e-5;

/// Per sample, summed over pixels, `[batch]`:
/// `(y_real - y_fake) · ((y_real - y) - alpha (y_real - y_fake)) / w`, `w = sg(mean |y - y_real|)`.
///
/// Gradients pass through all three images; their networks' parameters are frozen by the caller.
pub fn generator_loss(y: Tensor<4>, y_real: Tensor<4>, y_fake: Tensor<4>, alpha: f64) -> Tensor<1> {
    let [batch, channels, height, width] = y.dims();
    let pixels = channels * height * width;
    let normaliser = mean_abs_difference(y.clone(), y_real.clone());
    let gap = y_real.clone() - y_fake;
    let per_pixel = gap.clone() * ((y_real - y) - gap * alpha);
    per_pixel.reshape([batch, pixels]).sum_dim(1).reshape([batch]) / normaliser
}

/// `mean_pixels |a - b|` per sample without gradient, kept off zero: `[batch]`.
pub fn mean_abs_difference(a: Tensor<4>, b: Tensor<4>) -> Tensor<1> {
    let [batch, channels, height, width] = a.dims();
    let distance = (a - b).abs().reshape([batch, channels * height * width]).mean_dim(1);
    distance.reshape([batch]).clamp_min(NORMALISER_FLOOR).detach()
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
