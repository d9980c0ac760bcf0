//! What is measured of images and models that give no numbers.

use burn::tensor::Device;

use super::Reference;
use crate::data::Dataset;
use crate::diffusion::{Generator, GeneratorKind, GeneratorSpec, Precond};
use crate::error::Kind;
use crate::model::{UnetConfig, Weights};

fn generator(spoil: impl Fn(&mut f32)) -> Generator {
    let unet = UnetConfig {
        img_resolution: 8,
        img_channels: 1,
        label_dim: 0,
        empty_classes: Vec::new(),
        augment_dim: 0,
        model_channels: 4,
        channel_mult: vec![1],
        channel_mult_emb: 1,
        num_blocks: 1,
        attn_resolutions: Vec::new(),
        dropout: 0.0,
        architecture: Default::default(),
    };
    let kind = GeneratorKind::Sid { sigma_init: 2.5 };
    let spec = GeneratorSpec { kind, precond: Precond::Edm, unet };
    let (layout, device) = (spec.layout().expect("a network"), Device::flex());
    let mut named = Weights::init(layout.clone(), 0, &device).named().expect("weights");
    named.values_mut().flatten().for_each(spoil);
    let weights = Weights::from_named(layout, &named, &device).expect("weights");
    Generator::new(spec, weights).expect("a generator")
}

fn reference(pixels: Vec<u8>) -> Reference {
    let data = Dataset::new("set", 1, 8, pixels, None, Vec::new()).expect("a set");
    Reference::of(&data, None, None, &mut |_, _, _| Ok(())).expect("a reference")
}

#[test]
fn images_without_variety_have_no_ratios() {
    let textured: Vec<u8> = (0..64).map(|i| (i * 37 % 251) as u8).collect();
    let flat = |i: u8| vec![i * 6; 64];
    for (what, pixels, lost) in [
        ("one picture", textured.repeat(40), &["std_ratio"][..]),
        ("black", vec![0; 64 * 40], &["std_ratio", "grain_ratio"]),
        ("flat colours", (0..40).flat_map(flat).collect(), &["grain_ratio"]),
        ("pictures", (0..64 * 40).map(|i| (i * i % 251) as u8).collect(), &[]),
    ] {
        let reference = reference(pixels);
        let measured = reference.measure(&generator(|_| ()), 16, &mut |_, _, _| Ok(())).expect("numbers");
        for name in ["fd_pixel", "kid_pixel", "std_ratio", "grain_ratio", "saturation"] {
            let value = measured.iter().find(|m| m.name == name).map(|m| m.value);
            assert_eq!(value.is_none(), lost.contains(&name), "{what}: {name} is {value:?}");
            assert!(
                value.is_none_or(|value| value.is_finite() && value.abs() < 1e6),
                "{what}: {name} {value:?}"
            );
        }
        let said = reference.remark().unwrap_or_default();
        assert!(
            lost.iter().all(|name| said.contains(name)) && said.is_empty() == lost.is_empty(),
            "{what}: {said}"
        );
    }
}

#[test]
fn samples_that_are_no_numbers_are_an_error() {
    let reference = reference((0..64 * 40).map(|i| (i * i % 251) as u8).collect());
    for number in [f32::NAN, f32::INFINITY] {
        let spoiled = generator(|weight| *weight = number);
        let error = reference.measure(&spoiled, 16, &mut |_, _, _| Ok(())).expect_err("measured");
        assert_eq!(error.kind, Kind::Diverged);
        assert!(error.what.starts_with("16 of 16 samples"), "{error}");
    }
}
