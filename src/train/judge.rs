//! What a student's images are held against: the teacher's denoised ones, or a toy world's exact ones.

use burn::tensor::Tensor;

use super::draws::StepDraws;
use crate::diffusion::{Denoiser, sid_sigma};
use crate::model::{Condition, Dropout, Leaves};
use crate::random::Stream;
use crate::recipe::Recipe;
use crate::world::Mixture;

#[derive(Clone, Debug)]
pub struct Judge {
    denoiser: Denoiser,
    /// Knows better than any network.
    exact: Option<Mixture>,
    /// Largest time of the noise schedule at which students are judged, of 1000.
    t_max: f64,
}

impl Judge {
    pub fn new(denoiser: Denoiser, recipe: &Recipe) -> Self {
        let world = recipe.data.world.filter(|_| recipe.teacher.exact);
        Self { denoiser, exact: world.map(|world| world.mixture()), t_max: recipe.student.sid.t_max }
    }

    /// What teacher and fake score (frozen) take a student's images `y` for under noise of SiD's schedule, in
    /// this order. Gradients pass to `y`.
    pub fn compare(
        &self,
        [teacher, fake]: [&Leaves; 2],
        draws: &StepDraws<'_>,
        y: Tensor<4>,
        condition: &Condition,
    ) -> (Tensor<4>, Tensor<4>) {
        let uniforms = draws.uniforms(Stream::Sigma);
        let sigmas: Vec<f64> = uniforms.into_iter().map(|u| sid_sigma(u, self.t_max)).collect();
        let noisy = y + Tensor::from_inner(draws.normal_images(Stream::Noise) * draws.column(&sigmas));
        let real = self.denoise(teacher, noisy.clone(), &sigmas, condition);
        let off = &mut Dropout::off();
        (real, self.denoiser.denoise_with(fake, noisy, &sigmas, condition, off))
    }

    /// E[x0 | x] with one noise level a sample, `[batch, channels, h, w]`; `teacher` is asked where nobody
    /// knows it exactly. Gradients pass to `noisy`.
    pub fn denoise(
        &self,
        teacher: &Leaves,
        noisy: Tensor<4>,
        sigmas: &[f64],
        condition: &Condition,
    ) -> Tensor<4> {
        let Some(mixture) = &self.exact else {
            return self.denoiser.denoise_with(teacher, noisy, sigmas, condition, &mut Dropout::off());
        };
        let shape = noisy.dims();
        let flat = noisy.reshape([shape[0], shape[1] * shape[2] * shape[3]]);
        mixture.denoise_tensor(flat, sigmas).reshape(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::Precond;
    use crate::model::{Weights, read};
    use crate::random::Random;
    use crate::recipe;
    use burn::tensor::{Device, TensorData};

    /// The world's recipe asks the world, the same without `exact` the network.
    #[test]
    fn the_recipe_says_who_judges() {
        let mut recipe = recipe::preset("img64-sid").expect("a recipe");
        let world = recipe.data.world.expect("a world");
        let [channels, side, _] = world.shape();
        let data = crate::data::Dataset::new("zeros", channels, side, vec![0; 128], None, Vec::new());
        let unet = crate::train::unet_config(&recipe, &data.expect("a data set")).expect("a network");
        let denoiser = Denoiser::new(unet, Precond::Edm).expect("a network");
        let teacher = Weights::init(denoiser.layout().clone(), 0, &Device::flex());
        let x = Random::new(0, Stream::SelfTest).normals(0, 0, 2 * 64);
        let sigmas = [0.3, 2.0];
        let judged = |recipe: &Recipe| {
            let x = Tensor::<4>::from_data(TensorData::new(x.clone(), [2, 1, 8, 8]), &Device::flex());
            let judge = Judge::new(denoiser.clone(), recipe);
            read(judge.denoise(&teacher.plain(), x, &sigmas, &Condition::default())).expect("numbers")
        };
        recipe.teacher.exact = true;
        let exact = judged(&recipe);
        for (i, sigma) in sigmas.iter().enumerate() {
            let x: Vec<f64> = x[i * 64..(i + 1) * 64].iter().map(|v| f64::from(*v)).collect();
            for (got, want) in exact[i * 64..].iter().zip(world.mixture().denoise(&x, *sigma)) {
                assert!((f64::from(*got) - want).abs() < 1e-4, "{got} instead of {want}");
            }
        }
        recipe.teacher.exact = false;
        assert_ne!(judged(&recipe), exact);
    }
}
