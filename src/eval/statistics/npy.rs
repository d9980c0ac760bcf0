//! Arrays as numpy writes them (the `.npy` format, versions 1 to 3).

use crate::error::{Error, Kind, Result};

const MAGIC: &[u8] = b"\x93NUMPY";
/// numpy pads the header so that the numbers begin at a multiple of this.
const ALIGN: usize = 64;
/// Longest header that is read; numpy's own limit.
const MOST_HEADER_BYTES: usize = 10_000;

/// Numbers with their shape, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

/// # Errors
/// `Kind::Data` for what is no array of little-endian floats, and for one that is cut off.
pub fn read_floats(bytes: &[u8]) -> Result<Array> {
    let (header, data) = split(bytes)?;
    let shape = shape(header)?;
    let count = shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side));
    let count = count.ok_or_else(|| bad(format!("the shape {shape:?} is too large")))?;
    let values: Vec<f64> = match descr(header)? {
        "<f8" => data.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect(),
        "<f4" => data.as_chunks::<4>().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
        other => return Err(bad(format!("its numbers are of type {other:?}, not float64 or float32"))),
    };
    if values.len() != count {
        return Err(bad(format!("it has {} numbers, its shape {shape:?} asks for {count}", values.len())));
    }
    let columns = header.contains("'fortran_order': True") && shape.len() == 2;
    if !columns {
        return Ok(Array { shape, values });
    }
    let (rows, width) = (shape[0], shape[1]);
    let by_row = (0..rows).flat_map(|i| (0..width).map(move |j| j * rows + i));
    Ok(Array { values: by_row.map(|at| values[at]).collect(), shape })
}

/// The bytes of a text, as numpy stores a 0-dimensional array of bytes.
///
/// # Errors
/// `Kind::Data` where it is none.
pub fn read_text(bytes: &[u8]) -> Result<String> {
    let (header, data) = split(bytes)?;
    if !descr(header)?.starts_with("|S") {
        return Err(bad("it holds no text".into()));
    }
    let text = String::from_utf8_lossy(data);
    Ok(text.trim_end_matches('\0').to_string())
}

pub fn write_floats(array: &Array) -> Vec<u8> {
    let data = array.values.iter().flat_map(|v| v.to_le_bytes());
    let sides: String = array.shape.iter().map(|side| format!("{side},")).collect();
    with_header("<f8", &sides, data.collect())
}

pub fn write_text(text: &str) -> Vec<u8> {
    with_header(&format!("|S{}", text.len().max(1)), "", text.as_bytes().to_vec())
}

fn with_header(descr: &str, sides: &str, data: Vec<u8>) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sides}), }}");
    // Magic, version and length are 10 bytes; the header ends with a line feed.
    let unpadded = 10 + header.len() + 1;
    header.push_str(&" ".repeat(unpadded.next_multiple_of(ALIGN) - unpadded));
    header.push('\n');
    let mut out = MAGIC.to_vec();
    out.extend([1, 0]);
    out.extend((header.len() as u16).to_le_bytes());
    out.extend(header.as_bytes());
    out.extend(data);
    out
}

/// Header and numbers.
fn split(bytes: &[u8]) -> Result<(&str, &[u8])> {
    let cut = || bad("it is cut off".into());
    let rest =
        bytes.strip_prefix(MAGIC).ok_or_else(|| bad("it does not begin as numpy's arrays do".into()))?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
    let (len, rest) = if version[0] == 1 {
        let (len, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
        (usize::from(u16::from_le_bytes(*len)), rest)
    } else {
        let (len, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        (u32::from_le_bytes(*len) as usize, rest)
    };
    if len > MOST_HEADER_BYTES {
        return Err(bad(format!("its header claims {len} bytes")));
    }
    let (header, data) = rest.split_at_checked(len).ok_or_else(cut)?;
    Ok((std::str::from_utf8(header).map_err(|_| bad("its header is no text".into()))?, data))
}

/// The value of a key in the header, which is the text of a Python dictionary.
fn field<'a>(header: &'a str, key: &str) -> Result<&'a str> {
    let named = format!("'{key}':");
    let value = header.split_once(&named).map(|(_, rest)| rest.trim_start());
    value.ok_or_else(|| bad(format!("its header has no {key}")))
}

fn descr(header: &str) -> Result<&str> {
    let value = field(header, "descr")?.strip_prefix('\'').and_then(|rest| rest.split_once('\''));
    value.map(|(name, _)| name).ok_or_else(|| bad("its header names no plain type".into()))
}

fn shape(header: &str) -> Result<Vec<usize>> {
    let value = field(header, "shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let (sides, _) = value.ok_or_else(|| bad("its header has no shape".into()))?;
    let sides = sides.split(',').map(str::trim).filter(|side| !side.is_empty());
    sides.map(|side| side.parse().map_err(|_| bad(format!("its shape has a side {side:?}")))).collect()
}

pub(super) fn bad(what: String) -> Error {
    Error::new(Kind::Data, format!("this is no array of numbers: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_come_back() {
        let array = Array { shape: vec![2, 3], values: vec![1.0, -2.5, 3.0, 4.0, 5.0, 1e300] };
        let bytes = write_floats(&array);
        assert_eq!(read_floats(&bytes).expect("an array"), array);
        assert_eq!((bytes.len() - 6 * 8) % ALIGN, 0);
        assert_eq!(read_text(&write_text("a of b")).expect("a text"), "a of b");
        assert!(read_text(&bytes).is_err() && read_floats(&write_text("x")).is_err());
    }

    /// Written by numpy: `np.asfortranarray([[1, 2], [3, 4]], dtype=np.float32)`.
    #[test]
    fn columns_first_and_single_precision() {
        let mut bytes = MAGIC.to_vec();
        let header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }\n";
        bytes.extend([1, 0, header.len() as u8, 0]);
        bytes.extend(header.as_bytes());
        bytes.extend([1f32, 3.0, 2.0, 4.0].iter().flat_map(|v| v.to_le_bytes()));
        assert_eq!(read_floats(&bytes).expect("an array").values, [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn damage_is_told() {
        let good = write_floats(&Array { shape: vec![2], values: vec![1.0, 2.0] });
        for end in 0..good.len() {
            assert!(read_floats(&good[..end]).is_err(), "{end} bytes were accepted");
        }
        let text = String::from_utf8_lossy(&good[10..64]).into_owned();
        for (from, to) in
            [("<f8", "|O8"), ("(2,)", "(9999999999999,99999999999)"), ("(2,)", "(-2,)"), ("shape", "s")]
        {
            let header = text.replace(from, to);
            let mut bytes = MAGIC.to_vec();
            bytes.extend([2, 0]);
            bytes.extend((header.len() as u32).to_le_bytes());
            bytes.extend(header.as_bytes());
            bytes.extend(&good[64..]);
            assert!(read_floats(&bytes).is_err(), "{to} was accepted");
        }
    }
}
