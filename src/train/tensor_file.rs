//! Named tensors as safetensors bytes, and back.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Deserialize;

use super::Named;
use super::named::is_moment;
use crate::diffusion::GeneratorSpec;
use crate::error::{Error, Kind, Result};
use crate::finite;
use crate::model::{Layout, Weights};
use crate::words::on_one_line;

/// Key of the generator's spec in a model file's metadata.
const SPEC_KEY: &str = "signet.generator";
/// Longest header that safetensors allows, bytes.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Weights in their own shapes, with the spec that rebuilds their network.
pub fn encode_weights(weights: &Weights, spec: &GeneratorSpec) -> Result<Vec<u8>> {
    encode_model(weights.layout(), &weights.named()?, spec)
}

/// The tensors of `layout` in their own shapes, with the spec that rebuilds their network.
pub fn encode_model(layout: &Layout, named: &Named, spec: &GeneratorSpec) -> Result<Vec<u8>> {
    let spec = serde_json::to_string(spec).map_err(|e| bad(format!("{e}")))?;
    encode_described(layout, named, HashMap::from([(SPEC_KEY.to_string(), spec)]))
}

/// The tensors of `layout` in their own shapes, others flat, and what `metadata` says about them.
pub fn encode_described(
    layout: &Layout,
    named: &Named,
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>> {
    let shapes: HashMap<&str, Vec<usize>> =
        layout.params().iter().map(|p| (p.name.as_str(), p.shape.clone())).collect();
    encode(named, |name, len| shapes.get(name).cloned().unwrap_or(vec![len]), Some(metadata))
}

/// Tensors as flat lists of numbers.
pub fn encode_flat(tensors: &Named) -> Result<Vec<u8>> {
    encode(tensors, |_, len| vec![len], None)
}

fn encode(
    tensors: &Named,
    shape: impl Fn(&str, usize) -> Vec<usize>,
    metadata: Option<HashMap<String, String>>,
) -> Result<Vec<u8>> {
    let bytes: Vec<(&String, Vec<u8>, usize)> = tensors
        .iter()
        .map(|(name, v)| (name, v.iter().flat_map(|x| x.to_le_bytes()).collect(), v.len()))
        .collect();
    let views = bytes
        .iter()
        .map(|(name, bytes, len)| Ok((name.as_str(), TensorView::new(Dtype::F32, shape(name, *len), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|e| bad(format!("the tensors cannot be written: {e}")))?;
    safetensors::serialize(views, metadata).map_err(|e| bad(format!("the tensors cannot be written: {e}")))
}

/// The start of a file's SHA-256, hexadecimal: which file a number stands on.
pub fn fingerprint(path: &Path) -> Result<String> {
    use sha2::{Digest, Sha256};
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, "read", &e))?;
    Ok(Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// All f32 and f16 tensors of a safetensors file, by name.
///
/// # Errors
/// `Kind::Checkpoint` for a damaged file, other numbers, and weights that are not finite.
pub fn decode(bytes: &[u8]) -> Result<Named> {
    let file = SafeTensors::deserialize(bytes).map_err(|e| bad(format!("not a safetensors file: {e}")))?;
    let tensors = file.tensors().into_iter();
    let named: Named =
        tensors.map(|(name, view)| Ok((name.clone(), numbers(&name, &view)?))).collect::<Result<_>>()?;
    // An infinite moment stops a weight where it is, and an earlier release may have written one.
    finite::check_tensors(named.iter().filter(|(name, _)| !is_moment(name)))?;
    Ok(named)
}

/// Whether the file at `path` is a model that this program wrote, with its spec: only its header is read.
pub fn is_model(path: &Path) -> Result<bool> {
    spec_of(path).map(|spec| spec.is_some())
}

/// The spec in the header of the model file at `path`, or why it cannot be read; none of another file.
pub fn spec_of(path: &Path) -> Result<Option<Result<GeneratorSpec>>> {
    let io = |e: std::io::Error| Error::io(path, "read", &e);
    let mut file = File::open(path).map_err(io)?;
    let mut header = Vec::new();
    file.by_ref().take(8).read_to_end(&mut header).map_err(io)?;
    let Ok(len) = <[u8; 8]>::try_from(header.as_slice()).map(u64::from_le_bytes) else { return Ok(None) };
    if len > MAX_HEADER_BYTES {
        return Ok(None);
    }
    header.clear();
    file.take(len).read_to_end(&mut header).map_err(io)?;
    let header: Option<Header> = serde_json::from_slice(&header).ok();
    let spec = header.and_then(|header| header.metadata).and_then(|mut all| all.remove(SPEC_KEY));
    Ok(spec.map(|spec| {
        serde_json::from_str(&spec).map_err(|e| bad(format!("its network is not readable: {e}")))
    }))
}

/// What matters of a safetensors file's header: the crate reads it only together with all tensors.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: Option<HashMap<String, String>>,
}

fn numbers(name: &str, view: &TensorView) -> Result<Vec<f32>> {
    let data = view.data();
    match view.dtype() {
        Dtype::F32 => Ok(data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        Dtype::F16 => {
            let halves = data.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b));
            Ok(halves.map(f32_from_f16).collect())
        }
        other => Err(bad(format!("{} holds {other:?}, expected F32 or F16", on_one_line(name)))),
    }
}

/// IEEE half to single precision.
fn f32_from_f16(half: u16) -> f32 {
    burn::tensor::f16::from_bits(half).to_f32()
}

fn bad(what: String) -> Error {
    Error::new(Kind::Checkpoint, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_tensors_come_back() {
        let tensors = Named::from([("a".into(), vec![1.0, -2.5]), ("b/c".into(), vec![f32::MIN_POSITIVE])]);
        let bytes = encode_flat(&tensors).expect("encodes");
        assert_eq!(decode(&bytes).expect("decodes"), tensors);
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "a file cut at {cut} was accepted");
        }
    }

    #[test]
    fn weights_that_are_not_finite_are_refused_and_infinite_moments_are_not() {
        let with = |name: &str, number: f32| {
            let tensors = Named::from([("a".into(), vec![1.0]), (name.into(), vec![0.5, number])]);
            decode(&encode_flat(&tensors).expect("encodes"))
        };
        for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = with("teacher/model.conv.weight", number).expect_err("refused");
            assert!(error.what.contains("teacher/model.conv.weight (1 "), "{error}");
        }
        assert!(with("teacher.adam_square/model.conv.weight", f32::INFINITY).is_ok());
        assert!(with("teacher/model.conv.weight", f32::MAX).is_ok());
    }

    #[test]
    fn a_model_shows_in_its_header() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let tensors = Named::from([("a".into(), vec![1.0])]);
        let metadata = HashMap::from([(SPEC_KEY.to_string(), "{}".to_string())]);
        let model = encode(&tensors, |_, len| vec![len], Some(metadata)).expect("encodes");
        let plain = encode_flat(&tensors).expect("encodes");
        let cases: [(&[u8], bool); 5] =
            [(&model, true), (&plain, false), (&model[..20], false), (&model[..4], false), (b"", false)];
        for (bytes, want) in cases {
            std::fs::write(&path, bytes).expect("written");
            assert_eq!(is_model(&path).expect("readable"), want);
        }
    }

    #[test]
    fn halves() {
        for (bits, want) in [(0x3c00, 1.0), (0xc000, -2.0), (0x0001, 5.960_464_5e-8), (0x7bff, 65504.0)] {
            assert_eq!(f32_from_f16(bits), want);
        }
        assert!(f32_from_f16(0x7e00).is_nan());
    }
}
