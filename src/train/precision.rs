//! In which precision a stage trains: as the recipe asks, if network and device can.

use burn::tensor::{Device, FloatDType};

use crate::gpu::half;
use crate::model::{Architecture, UnetConfig};
use crate::recipe::{Precision, Recipe};

/// The precision of a stage's networks, and why it is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagePrecision {
    pub precision: Precision,
    /// Why the recipe's wish is not granted; none where it is.
    pub refusal: Option<String>,
}

impl StagePrecision {
    /// What `recipe` asks for, or single precision where a network of this shape or the device has no other.
    pub fn of(recipe: &Recipe, network: &UnetConfig, device: &Device) -> Self {
        let refusal = match (recipe.precision, &network.architecture) {
            (Precision::F32, _) => None,
            (Precision::Mixed, Architecture::Mlp) => Some("a dense network has no images inside".into()),
            (Precision::Mixed, Architecture::Song(_) | Architecture::Dhariwal) => half::missing(device),
        };
        let precision = if refusal.is_some() { Precision::F32 } else { recipe.precision };
        Self { precision, refusal }
    }

    /// The type of numbers that images inside the networks have.
    pub fn images(&self) -> FloatDType {
        match self.precision {
            Precision::F32 => FloatDType::F32,
            Precision::Mixed => FloatDType::F16,
        }
    }

    /// What is told where a recipe asks for more than single precision.
    pub fn words(&self) -> String {
        let (own, mixed) = (self.precision.name(), Precision::Mixed.name());
        match (&self.refusal, self.precision) {
            (Some(why), _) => format!("precision {own} instead of {mixed}: {why}"),
            (None, Precision::Mixed) => {
                format!("precision {own}, as the recipe asks: images inside networks are f16, all else f32")
            }
            (None, Precision::F32) => format!("precision {own}, as the recipe asks"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::recipe;
    use crate::train::unet_config;

    fn of(name: &str, precision: Precision) -> StagePrecision {
        let mut recipe = recipe::preset(name).expect("a recipe");
        recipe.precision = precision;
        let data = match recipe.data.world {
            Some(world) => Dataset::of_world(world, 0, 2),
            None => Dataset::new("zeros", 1, 8, vec![0; 128], None, Vec::new()).expect("a data set"),
        };
        let network = unet_config(&recipe, &data).expect("a network");
        StagePrecision::of(&recipe, &network, &Device::flex())
    }

    #[test]
    fn what_cannot_be_mixed_is_single_and_says_why() {
        for (name, why) in [("demo", "the CPU"), ("ring8-sid", "a dense network")] {
            let single = of(name, Precision::F32);
            assert_eq!((single.precision, &single.refusal), (Precision::F32, &None));
            let mixed = of(name, Precision::Mixed);
            assert_eq!((mixed.precision, mixed.images()), (Precision::F32, FloatDType::F32));
            let words = mixed.words();
            assert!(words.starts_with("precision f32 instead of mixed: ") && words.contains(why), "{words}");
        }
    }

    #[test]
    fn what_can_be_mixed_has_images_in_half_precision() {
        let mixed = StagePrecision { precision: Precision::Mixed, refusal: None };
        assert_eq!(mixed.images(), FloatDType::F16);
        assert!(mixed.words().contains("f16"), "{}", mixed.words());
    }
}
