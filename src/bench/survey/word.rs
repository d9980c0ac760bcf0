//! What whoever measures a part says of it, as it happens. Between processes each is a line of JSON.

use serde::{Deserialize, Serialize};

use super::rows::{
    ChosenDevice, ConvolutionRow, CopyRow, CountRow, KernelRow, ProductRow, SelfTestRow, StepRow, TorchRow,
};
use crate::gpu::adapters::Adapter;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// All that the part is made of, in order.
    Items(Vec<String>),
    Begins(String),
    Found(Box<Finding>),
    Ends(String),
    Failed {
        item: String,
        reason: String,
    },
    LeftOut {
        item: String,
        reason: String,
    },
    /// It was left out because the part's time was over.
    NoTime(String),
}

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    Device(ChosenDevice),
    Adapters(Vec<Adapter>),
    Advice(Vec<String>),
    SelfTest(SelfTestRow),
    Copy(CopyRow),
    Product(ProductRow),
    Convolution(ConvolutionRow),
    Kernel(KernelRow),
    Step(StepRow),
    Counts(CountRow),
    Torch(TorchRow),
}
