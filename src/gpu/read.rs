//! Numbers from a device back to the host.

use burn::tensor::Tensor;

use crate::error::{Error, Kind, Result};

/// Reads a tensor of single precision, row-major.
///
/// # Errors
/// `Kind::Device` if the device does not give the numbers back.
pub fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let lost = |e: String| {
        Error::new(Kind::Device, format!("the device did not give its numbers back: {e}"))
            .hint("the device may be lost or out of memory: start again, or choose --device cpu")
    };
    let data = tensor.try_into_data().map_err(|e| lost(format!("{e:?}")))?;
    data.try_to_vec::<f32>().map_err(|e| lost(format!("{e:?}")))
}
