//! The numbers of a weight file, by name and with their sizes checked.

use std::collections::BTreeMap;

use super::plan::Window;
use crate::error::{Error, Kind, Result};

/// Added to the variance of a batch norm.
const NORM_EPS: f64 = 1e-3;

/// Names from all over the network: a file with any of them is meant to be Inception-v3, whole or not.
pub const TELLTALES: [&str; 3] =
    ["Conv2d_1a_3x3.conv.weight", "Mixed_6e.branch7x7_1.conv.weight", "Mixed_7c.branch3x3_2a.conv.weight"];

/// True if names of Inception-v3's tensors are among these; [`super::Inception::new`] then says whether all
/// of them are there, and of the variant that FID stands on.
pub fn is_inception(named: &BTreeMap<String, Vec<f32>>) -> bool {
    TELLTALES.iter().any(|name| named.contains_key(*name))
}

/// A state dict.
#[derive(Clone, Copy)]
pub struct Weights<'a>(pub &'a BTreeMap<String, Vec<f32>>);

impl<'a> Weights<'a> {
    /// The tensor `name`, row-major.
    ///
    /// # Errors
    /// `Kind::Checkpoint` if there is none, or its numbers are not as many as `shape` holds, or not finite.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<&'a [f32]> {
        let values = self.0.get(name).ok_or_else(|| bad(format!("they have no tensor named {name}")))?;
        let wanted: usize = shape.iter().product();
        if values.len() != wanted {
            let shape = shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
            return Err(bad(format!("{name} has {} numbers instead of {shape} = {wanted}", values.len())));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(bad(format!("{name} has numbers that are not finite")));
        }
        Ok(values)
    }

    /// Weights `[outputs, inputs, rows, columns]` and biases `[outputs]` of a convolution with the batch
    /// norm behind it folded in.
    ///
    /// # Errors
    /// As [`Self::get`], and if a variance is negative.
    pub fn folded(&self, window: &Window, inputs: usize) -> Result<[Vec<f32>; 2]> {
        let Window { name, outputs, kernel: [rows, columns], .. } = window;
        let weight = self.get(&format!("{name}.conv.weight"), &[*outputs, inputs, *rows, *columns])?;
        let norm = |part: &str| self.get(&format!("{name}.bn.{part}"), &[*outputs]);
        let (gamma, beta) = (norm("weight")?, norm("bias")?);
        let (mean, variance) = (norm("running_mean")?, norm("running_var")?);
        if variance.iter().any(|variance| *variance < 0.0) {
            return Err(bad(format!("{name}.bn.running_var has a variance below zero")));
        }
        let scales = gamma.iter().zip(variance);
        let scales: Vec<f64> = scales
            .map(|(gamma, variance)| f64::from(*gamma) / (f64::from(*variance) + NORM_EPS).sqrt())
            .collect();
        let filters = weight.chunks_exact(inputs * rows * columns).zip(&scales);
        let weight =
            filters.flat_map(|(filter, scale)| filter.iter().map(move |w| (f64::from(*w) * scale) as f32));
        let affine = beta.iter().zip(mean).zip(&scales);
        let bias = affine.map(|((beta, mean), scale)| (f64::from(*beta) - f64::from(*mean) * scale) as f32);
        Ok([weight.collect(), bias.collect()])
    }
}

fn bad(what: String) -> Error {
    Error::new(Kind::Checkpoint, format!("these are no weights of FID's Inception-v3: {what}")).hint(
        "give pt_inception-2015-12-05-6726825d.pth, from pytorch-fid's release \"fid_weights\" on GitHub \
         (mseitzer/pytorch-fid), or the same file as torch-fidelity has it, \
         weights-inception-2015-12-05-6726825d.pth (toshas/torch-fidelity, release v0.2.0); torchvision's own \
         Inception-v3, with 1000 classes, is another network",
    )
}
