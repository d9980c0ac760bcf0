//! Numbers from a device back to the host.

use burn::tensor::Tensor;

use super::trouble;
use crate::error::{Error, Kind, Result};

/// Reads a tensor of single precision, row-major.
///
/// # Errors
/// `Kind::DeviceLost` if the device is gone; `Kind::Device` if it does not give the numbers back for
/// another reason.
pub fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let kept = |e: String| {
        trouble::device_error(&e).unwrap_or_else(|| {
            Error::new(Kind::Device, format!("the device did not give its numbers back: {e}"))
                .hint("start again; if it happens again, choose --device cpu")
        })
    };
    let data = tensor.try_into_data().map_err(|e| {
        if e.is_device_poisoned() { trouble::lost(e.reason()) } else { kept(format!("{e:?}")) }
    })?;
    data.try_to_vec::<f32>().map_err(|e| kept(format!("{e:?}")))
}
