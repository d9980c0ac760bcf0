//! A trained classifier as a file that feature extractors open.

use std::collections::HashMap;
use std::path::Path;

use super::network::Network;
use super::{ClassifierReport, Named};
use crate::error::{Error, Result};
use crate::plain_file::write_whole;
use crate::train::tensor_file::encode_described;

/// Key of the report in the file's metadata.
const REPORT_KEY: &str = "signet.classifier";

/// Writes a classifier's tensors as safetensors, whole or not at all, and what it was trained on as
/// metadata.
///
/// # Errors
/// `Kind::Io` where the file cannot be written.
pub fn write_classifier(path: &Path, named: &Named, report: &ClassifierReport) -> Result<()> {
    let network = Network::new(report.blocks, report.classes);
    let report = serde_json::to_string(report)
        .map_err(|e| Error::checkpoint(path, format!("the classifier's report cannot be written: {e}")))?;
    let metadata = HashMap::from([(REPORT_KEY.to_string(), report)]);
    write_whole(path, &encode_described(network.layout(), named, metadata)?)
}
