//! The JSON as it is written.

use serde::Deserialize;

use super::bad;
use super::prepare::Prepare;
use crate::error::Result;

/// Number of a value: the image or what an operation gives.
pub type Value = u64;

/// The list of operations and what goes with it.
#[derive(Debug, Deserialize)]
pub struct File {
    /// Number of the image.
    pub input: Value,
    pub ops: Vec<Op>,
    /// What is done to the bytes, in words.
    preprocessing: Option<String>,
    /// The same for a program; it wins over the words.
    prepare: Option<Prepare>,
    /// Which value the features are, in words.
    features: Option<String>,
}

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Op {
    /// A convolution over all channels.
    Conv(Convolution),
    /// One kernel for each channel.
    Dwconv(Convolution),
    /// The sum of two values of one shape.
    Add(Add),
    /// The mean over all pixels.
    Mean(Mean),
    /// A fully connected layer.
    Fc(Fc),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convolution {
    #[serde(rename = "in")]
    pub inputs: [Value; 1],
    pub out: Value,
    /// Name of the weights, `[outputs, inputs, k, k]` or `[channels, 1, k, k]`.
    pub w: String,
    /// Name of the biases.
    pub b: String,
    pub stride: usize,
    /// So many zeros around the image that its side is divided by the stride, rounded up, and an odd one
    /// of them behind; otherwise none.
    pub same: bool,
    /// Whether the result is clipped to [0, 6].
    #[serde(default)]
    pub relu6: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    #[serde(rename = "in")]
    pub inputs: [Value; 2],
    pub out: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mean {
    #[serde(rename = "in")]
    pub inputs: [Value; 1],
    pub out: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fc {
    #[serde(rename = "in")]
    pub inputs: [Value; 1],
    pub out: Value,
    /// Name of the weights, `[outputs, inputs]`.
    pub w: String,
    /// Name of the biases.
    pub b: String,
}

impl Op {
    pub fn inputs(&self) -> &[Value] {
        match self {
            Op::Conv(op) | Op::Dwconv(op) => &op.inputs,
            Op::Add(op) => &op.inputs,
            Op::Mean(op) => &op.inputs,
            Op::Fc(op) => &op.inputs,
        }
    }

    pub fn out(&self) -> Value {
        match self {
            Op::Conv(op) | Op::Dwconv(op) => op.out,
            Op::Add(op) => op.out,
            Op::Mean(op) => op.out,
            Op::Fc(op) => op.out,
        }
    }
}

impl File {
    /// # Errors
    /// Where `json` is no such list, or takes its features from elsewhere than its mean.
    pub fn parse(json: &str) -> Result<Self> {
        let file: Self = serde_json::from_str(json).map_err(|e| bad(e.to_string()))?;
        match &file.features {
            Some(words) if !words.contains("mean") => {
                Err(bad(format!("its features are {words:?}, and only the output of its mean can be")))
            }
            _ => Ok(file),
        }
    }

    /// What is done to the bytes.
    ///
    /// # Errors
    /// Where neither words that are known nor numbers say so.
    pub fn prepare(&self) -> Result<Prepare> {
        match (&self.prepare, &self.preprocessing) {
            (Some(prepare), _) => prepare.checked(),
            (None, Some(words)) => Prepare::of_words(words),
            (None, None) => Err(bad("it does not say how images are prepared".into())),
        }
    }
}
