//! Features of a residual network for CIFAR-10 (He et al., 2016, section 4.2), from the user's weights:
//! what a Fréchet distance can stand on where Inception's weights are not at hand.

use std::collections::BTreeMap;

use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use super::{Extractor, Features, Images};
use crate::error::{Error, Kind, Result};
use crate::gpu::{kernels::same_conv, read};

/// A tensor by whose name such a network is known.
pub const RESNET_NAME: &str = "layer1.0.conv1.weight";
/// Side of the images that such networks are trained on, pixels.
pub const RESNET_SIDE: usize = 32;
/// Mean and deviation of the colours, of [0, 1], as the published networks were trained with them.
const COLOUR_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const COLOUR_STD: [f32; 3] = [0.229, 0.224, 0.225];
/// Added to the variance of a batch norm.
const NORM_EPS: f32 = 1e-5;
/// Most blocks of a stage: ResNet-1202 has 200.
const MOST_BLOCKS: usize = 200;

/// A ResNet of three stages; its depth follows from the weights.
pub struct Resnet {
    stem: Conv,
    blocks: Vec<[Conv; 2]>,
    /// Weights `[features, classes]` and biases of the last layer, where the file has one.
    head: Option<[Tensor<2>; 2]>,
    device: Device,
}

/// A 3×3 convolution with the batch norm behind it folded in.
struct Conv {
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
}

impl Resnet {
    /// The network of a state dict with the names `conv1.weight`, `bn1.running_mean`,
    /// `layer1.0.conv1.weight`, …
    ///
    /// # Errors
    /// `Kind::Checkpoint` naming the first tensor that is missing or of another size.
    pub fn new(named: &BTreeMap<String, Vec<f32>>, device: &Device) -> Result<Self> {
        let read =
            |conv: &str, norm: &str, inputs, stride| Conv::new(named, [conv, norm], inputs, stride, device);
        let stem = read("conv1", "bn1", 3, 1)?;
        let (mut blocks, mut channels) = (Vec::new(), stem.outputs());
        for stage in 1..=3 {
            let there = |b: &usize| named.contains_key(&format!("layer{stage}.{b}.conv1.weight"));
            for block in (0..MOST_BLOCKS).take_while(there) {
                let part = |name: &str| format!("layer{stage}.{block}.{name}");
                let stride = if stage > 1 && block == 0 { 2 } else { 1 };
                let first = read(&part("conv1"), &part("bn1"), channels, stride)?;
                let inputs = std::mem::replace(&mut channels, first.outputs());
                let second = read(&part("conv2"), &part("bn2"), channels, 1)?;
                // The way around a block has no parameters: it can halve the picture and add channels, no more.
                let fits = if stride == 1 { channels == inputs } else { channels >= inputs };
                if !fits || second.outputs() != channels {
                    return Err(bad(format!(
                        "{} has {inputs} channels before and {channels} behind it",
                        part("conv1")
                    )));
                }
                blocks.push([first, second]);
            }
        }
        let other = ["layer4.", "shortcut.", "downsample."];
        if let Some(name) = named.keys().find(|name| other.iter().any(|part| name.contains(part))) {
            return Err(bad(format!("{name} belongs to another kind of residual network")));
        }
        if blocks.is_empty() {
            return Err(bad("they have no tensor named layer1.0.conv1.weight".into()));
        }
        let dim = blocks.last().map_or(0, |[_, last]: &[Conv; 2]| last.outputs());
        let head = ["linear", "fc"].iter().find_map(|name| {
            let [weight, bias] = ["weight", "bias"].map(|part| named.get(&format!("{name}.{part}")));
            weight.zip(bias)
        });
        let head = head.map(|(weight, bias)| {
            if weight.len() != bias.len() * dim || bias.is_empty() {
                return Err(bad(format!("their last layer does not fit {dim} features")));
            }
            let tensor = |values: &[f32], rows| {
                Tensor::<2>::from_data(TensorData::new(values.to_vec(), [rows, values.len() / rows]), device)
            };
            Ok([tensor(weight, bias.len()).transpose(), tensor(bias, 1)])
        });
        Ok(Self { stem, blocks, head: head.transpose()?, device: device.clone() })
    }

    /// Convolutions and the linear layer, as such networks are named: 20, 56, …
    pub fn depth(&self) -> usize {
        2 + 2 * self.blocks.len()
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let mut x = relu(self.stem.forward(x));
        for [first, second] in &self.blocks {
            let h = second.forward(relu(first.forward(x.clone())));
            x = relu(h + resnet_shortcut(x, first.stride, second.outputs()));
        }
        let [batch, channels, height, width] = x.dims();
        x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels])
    }
}

impl Extractor for Resnet {
    fn name(&self) -> String {
        format!("resnet{}", self.depth())
    }

    fn dim(&self) -> usize {
        self.blocks.last().map_or(self.stem.outputs(), |[_, last]| last.outputs())
    }

    fn classes(&self) -> usize {
        self.head.as_ref().map_or(0, |[_, bias]| bias.dims()[1])
    }

    fn input(&self) -> String {
        format!(
            "pixels repeated or averaged to {RESNET_SIDE}×{RESNET_SIDE}, colours less the mean of ImageNet over their deviation"
        )
    }

    /// Averaged over the last stage's pixels.
    fn extract(&self, images: &Images<'_>) -> Result<Features> {
        let shape = [images.count(), 3, RESNET_SIDE, RESNET_SIDE];
        let data = TensorData::new(resnet_input(&images.rgb_of_side(RESNET_SIDE)), shape);
        let pooled = self.forward(Tensor::from_data(data, &self.device));
        let logits = self.head.as_ref().map(|[weight, bias]| {
            let logits = pooled.clone().matmul(weight.clone()) + bias.clone();
            read(logits)
        });
        Ok(Features { pooled: read(pooled)?, logits: logits.transpose()?.unwrap_or_default() })
    }
}

/// What such a network sees of RGB images `[count, 3, 32, 32]`: colours of [0, 1], less their mean, over
/// their deviation.
pub fn resnet_input(rgb: &[u8]) -> Vec<f32> {
    let colour = |i: usize| i / (RESNET_SIDE * RESNET_SIDE) % 3;
    let numbers = rgb.iter().enumerate();
    numbers
        .map(|(i, byte)| (f32::from(*byte) / 255.0 - COLOUR_MEAN[colour(i)]) / COLOUR_STD[colour(i)])
        .collect()
}

/// The way around a block without parameters ("option A"): every other pixel, and zeros for the new
/// channels, half in front and half behind.
pub fn resnet_shortcut(x: Tensor<4>, stride: usize, outputs: usize) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    if stride == 1 && channels == outputs {
        return x;
    }
    let halved = [batch, channels, height / 2, 2, width / 2, 2];
    let x = x.reshape(halved).narrow(3, 0, 1).narrow(5, 0, 1);
    let x = x.reshape([batch, channels, height / 2, width / 2]);
    let front = (outputs - channels) / 2;
    let zeros = |count| Tensor::zeros([batch, count, height / 2, width / 2], &x.device());
    Tensor::cat(vec![zeros(front), x.clone(), zeros(outputs - channels - front)], 1)
}

impl Conv {
    fn new(
        named: &BTreeMap<String, Vec<f32>>,
        [conv, norm]: [&str; 2],
        inputs: usize,
        stride: usize,
        device: &Device,
    ) -> Result<Self> {
        let get =
            |name: String| named.get(&name).ok_or_else(|| bad(format!("they have no tensor named {name}")));
        let [gamma, beta] = [get(format!("{norm}.weight"))?, get(format!("{norm}.bias"))?];
        let [mean, variance] = [get(format!("{norm}.running_mean"))?, get(format!("{norm}.running_var"))?];
        let weight = get(format!("{conv}.weight"))?;
        let outputs = gamma.len();
        let each = 9 * inputs;
        let fits =
            weight.len() == outputs * each && [beta, mean, variance].iter().all(|v| v.len() == outputs);
        if !fits || outputs < inputs && stride == 2 || outputs == 0 {
            return Err(bad(format!("{conv}.weight and {norm} do not fit {inputs} channels")));
        }
        if variance.iter().any(|variance| *variance < 0.0) {
            return Err(bad(format!("{norm}.running_var has a variance below zero")));
        }
        let scale = |i: usize| gamma[i] / (variance[i] + NORM_EPS).sqrt();
        let folded: Vec<f32> = weight.iter().enumerate().map(|(i, w)| w * scale(i / each)).collect();
        let bias: Vec<f32> = (0..outputs).map(|i| beta[i] - mean[i] * scale(i)).collect();
        Ok(Self {
            weight: Tensor::from_data(TensorData::new(folded, [outputs, inputs, 3, 3]), device),
            bias: Tensor::from_data(TensorData::new(bias, [outputs]), device),
            stride,
        })
    }

    fn outputs(&self) -> usize {
        self.bias.dims()[0]
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        if self.stride == 1 {
            return same_conv(x, weight, bias);
        }
        let options = ConvOptions::new([self.stride; 2], [1, 1], [1, 1], 1);
        conv2d(x, weight, Some(bias), options)
    }
}

fn bad(what: String) -> Error {
    Error::new(Kind::Checkpoint, format!("these are no weights of a CIFAR-10 ResNet: {what}"))
        .hint("give a .safetensors of a network with 3×3 convolutions and three stages, say ResNet-56")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    /// A network of one block a stage, with norms that do something.
    fn named() -> BTreeMap<String, Vec<f32>> {
        let mut named = BTreeMap::new();
        let mut index = 0;
        let mut add = |conv: &str, norm: &str, inputs: usize, outputs: usize| {
            let mut draw = |len: usize| {
                index += 1;
                Random::new(1, Stream::SelfTest).normals(index, 0, len)
            };
            named.insert(format!("{conv}.weight"), draw(outputs * inputs * 9));
            named.insert(format!("{norm}.weight"), draw(outputs));
            named.insert(format!("{norm}.bias"), draw(outputs));
            named.insert(format!("{norm}.running_mean"), draw(outputs));
            named.insert(format!("{norm}.running_var"), draw(outputs).iter().map(|v| v * v + 0.5).collect());
        };
        add("conv1", "bn1", 3, 4);
        for (stage, inputs, outputs) in [(1, 4, 4), (2, 4, 8), (3, 8, 16)] {
            let part = |name: &str| format!("layer{stage}.0.{name}");
            add(&part("conv1"), &part("bn1"), inputs, outputs);
            add(&part("conv2"), &part("bn2"), outputs, outputs);
        }
        named
    }

    #[test]
    fn depth_and_features_follow_from_the_weights() {
        let resnet = Resnet::new(&named(), &Device::flex()).expect("a network");
        assert_eq!((resnet.depth(), resnet.dim()), (8, 16));
        let images: Vec<u8> =
            (0..2 * 3 * 1024u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let of = |bytes| {
            resnet.extract(&Images { bytes, channels: 3, side: RESNET_SIDE }).expect("features").pooled
        };
        let (both, second) = (of(&images), of(&images[3 * 1024..]));
        assert_eq!(both.len(), 32);
        assert_eq!(both[16..], second[..]);
        assert_ne!(both[..16], second[..]);
    }

    #[test]
    fn the_shortcut_takes_every_other_pixel_between_zeros() {
        let values: Vec<f32> = (0..16).map(|i| i as f32).collect();
        let x = Tensor::<4>::from_data(TensorData::new(values, [1, 1, 4, 4]), &Device::flex());
        let got = resnet_shortcut(x, 2, 3).into_data().try_to_vec::<f32>().expect("f32");
        assert_eq!(got, [0., 0., 0., 0., 0., 2., 8., 10., 0., 0., 0., 0.]);
    }

    #[test]
    fn damaged_weights_are_named() {
        for name in ["bn1.running_var", "layer2.0.conv1.weight", "layer3.0.bn2.bias"] {
            let mut named = named();
            if let Some(values) = named.get_mut(name) {
                values.pop();
            }
            let error = Resnet::new(&named, &Device::flex()).err().map(|e| e.to_string());
            assert!(error.is_some(), "{name} with a number missing was accepted");
        }
        assert!(Resnet::new(&BTreeMap::new(), &Device::flex()).is_err());
    }

    /// Published weights against features computed elsewhere: `SIGNET_FEATURES_DIR` holds
    /// `resnet56-cifar10.safetensors` and `feature_golden.safetensors`.
    #[test]
    #[ignore = "needs SIGNET_FEATURES_DIR"]
    fn published_weights_give_published_features() {
        let folder = std::env::var("SIGNET_FEATURES_DIR").expect("SIGNET_FEATURES_DIR");
        let bytes = |name: &str| std::fs::read(std::path::Path::new(&folder).join(name)).expect("the file");
        let floats = |data: &[u8]| -> Vec<f32> {
            data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
        };
        let weights = bytes("resnet56-cifar10.safetensors");
        let weights = safetensors::SafeTensors::deserialize(&weights).expect("weights");
        let of = weights.tensors().into_iter().filter(|(_, view)| view.dtype() == safetensors::Dtype::F32);
        let named = of.map(|(name, view)| (name, floats(view.data()))).collect();
        let golden = bytes("feature_golden.safetensors");
        let golden = safetensors::SafeTensors::deserialize(&golden).expect("features");
        let images = golden.tensor("images").expect("images").data().to_vec();
        let want = |part: &str| floats(golden.tensor(&format!("resnet56.{part}")).expect(part).data());
        let resnet = Resnet::new(&named, &Device::flex()).expect("a network");
        let images = Images { bytes: &images, channels: 3, side: RESNET_SIDE };
        let got = resnet.extract(&images).expect("features");
        assert_eq!((resnet.depth(), resnet.classes()), (56, 10));
        for (got, want) in [(got.pooled, want("features")), (got.logits, want("logits"))] {
            assert_eq!(got.len(), want.len());
            for (got, want) in got.iter().zip(want) {
                assert!((got - want).abs() < 1e-4, "{got} instead of {want}");
            }
        }
    }
}
