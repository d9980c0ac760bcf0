//! Arrays as numpy writes them (the `.npy` format, versions 1 to 3).

use burn::tensor::f16;

use crate::error::{Error, Kind, Result};

const MAGIC: &[u8] = b"\x93NUMPY";
/// numpy pads the header so that the numbers begin at a multiple of this.
const ALIGN: usize = 64;
/// Longest header that is read; numpy's own limit.
const MOST_HEADER_BYTES: usize = 10_000;

/// Numbers with their shape, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Without sides of 1, which say nothing: a row and a column are vectors.
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
    /// Bytes that each of them has in the file.
    pub width: usize,
}

/// What an array is, without its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// numpy's name of the type, without the order of bytes: `f8`, `u1`.
    pub kind: String,
    pub shape: Vec<usize>,
}

/// # Errors
/// `Kind::Data` for what is no array of plain numbers.
pub fn read_head(bytes: &[u8]) -> Result<Head> {
    let (header, _) = split(bytes)?;
    let (_, kind) = order_and_kind(descr(header)?);
    Ok(Head { kind: kind.into(), shape: shape(header)? })
}

/// # Errors
/// `Kind::Data` for what is no array of floats of 16, 32 or 64 bits, and for one that is cut off.
pub fn read_floats(bytes: &[u8]) -> Result<Array> {
    let (header, data) = split(bytes)?;
    let whole = shape(header)?;
    let count = whole.iter().try_fold(1usize, |product, side| product.checked_mul(*side));
    let count = count.ok_or_else(|| bad(format!("the shape {whole:?} is too large")))?;
    let (is_big, kind) = order_and_kind(descr(header)?);
    let values: Vec<f64> = match kind {
        "f8" => each(data, is_big, f64::from_le_bytes),
        "f4" => each(data, is_big, |b| f64::from(f32::from_le_bytes(b))),
        "f2" => each(data, is_big, |b| f16::from_le_bytes(b).to_f64()),
        kind if kind.starts_with(['i', 'u', 'b']) => {
            return Err(bad(
                "it holds whole numbers: what makes a mean or a covariance was rounded away".into()
            )
            .hint("write it as it was computed: array.astype(\"float64\") before anything rounds it"));
        }
        other => {
            return Err(bad(format!(
                "its numbers are of numpy's type {other}, not float64, float32 or float16"
            ))
            .hint("write it anew as array.astype(\"float64\")"));
        }
    };
    if values.len() != count {
        return Err(bad(format!("it has {} numbers, its shape {whole:?} asks for {count}", values.len())));
    }
    let width = data.len() / count.max(1);
    // Sides of 1 do not change the order in which the others count.
    let shape: Vec<usize> = whole.into_iter().filter(|side| *side != 1).collect();
    let values = match shape.as_slice() {
        [rows, columns] if header.contains("'fortran_order': True") => {
            let by_row = (0..*rows).flat_map(|i| (0..*columns).map(move |j| j * rows + i));
            by_row.map(|at| values[at]).collect()
        }
        _ => values,
    };
    // A single number is a vector of one.
    let shape = if shape.is_empty() { vec![1] } else { shape };
    Ok(Array { shape, values, width })
}

/// Whether the largest byte comes first, and the type without that.
fn order_and_kind(descr: &str) -> (bool, &str) {
    (descr.starts_with('>'), descr.trim_start_matches(['<', '>', '=', '|']))
}

/// All numbers of `N` bytes; an odd rest is left out.
fn each<const N: usize>(bytes: &[u8], is_big: bool, read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let numbers = bytes.as_chunks::<N>().0.iter();
    numbers
        .map(|number| {
            let mut number = *number;
            if is_big {
                number.reverse();
            }
            read(number)
        })
        .collect()
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
        let array = Array { shape: vec![2, 3], values: vec![1.0, -2.5, 3.0, 4.0, 5.0, 1e300], width: 8 };
        let bytes = write_floats(&array);
        assert_eq!(read_floats(&bytes).expect("an array"), array);
        assert_eq!((bytes.len() - 6 * 8) % ALIGN, 0);
        assert_eq!(read_text(&write_text("a of b")).expect("a text"), "a of b");
        assert!(read_text(&bytes).is_err() && read_floats(&write_text("x")).is_err());
    }

    /// Written by numpy: `np.asfortranarray([[1, 2], [3, 4]], dtype=np.float32)`.
    #[test]
    fn columns_first_and_single_precision() {
        let numbers = [1f32, 3.0, 2.0, 4.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let array = read_floats(&written("<f4", "True", "2, 2", numbers)).expect("an array");
        assert_eq!((array.values, array.width), (vec![1.0, 2.0, 3.0, 4.0], 4));
    }

    /// As numpy writes an array of this type, order and shape.
    fn written(descr: &str, is_fortran: &str, sides: &str, data: Vec<u8>) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {is_fortran}, 'shape': ({sides}), }}\n");
        let len = u16::try_from(header.len()).expect("short").to_le_bytes();
        [MAGIC, &[1, 0], &len, header.as_bytes(), &data].concat()
    }

    #[test]
    fn every_order_of_bytes_width_and_shape_of_a_vector() {
        let want = [1.5, -0.25, 1024.0];
        let doubles = |of: fn(f64) -> [u8; 8]| want.into_iter().flat_map(of).collect::<Vec<u8>>();
        let halves =
            |of: fn(f16) -> [u8; 2]| want.map(f16::from_f64).into_iter().flat_map(of).collect::<Vec<u8>>();
        for (descr, data, width) in [
            ("<f8", doubles(f64::to_le_bytes), 8),
            (">f8", doubles(f64::to_be_bytes), 8),
            (">f4", want.into_iter().flat_map(|v| (v as f32).to_be_bytes()).collect(), 4),
            ("<f2", halves(f16::to_le_bytes), 2),
            (">f2", halves(f16::to_be_bytes), 2),
        ] {
            for (is_fortran, sides) in
                [("False", "3,"), ("False", "1, 3"), ("True", "3, 1"), ("True", "1, 1, 3")]
            {
                let array = read_floats(&written(descr, is_fortran, sides, data.clone())).expect("an array");
                let read = Array { shape: vec![3], values: want.to_vec(), width };
                assert_eq!(array, read, "{descr} {is_fortran} {sides}");
            }
        }
        let error =
            |descr: &str, data| read_floats(&written(descr, "False", "2,", data)).expect_err("refused");
        assert!(error("|i1", vec![1, 2]).to_string().contains("rounded away"));
        let long = error("<f16", vec![0; 32]).to_string();
        assert!(long.contains("f16") && long.contains("float64"), "{long}");
        let head = read_head(&written("|u1", "False", "2, 8, 8, 3", vec![0; 384])).expect("an array");
        assert_eq!((head.kind.as_str(), head.shape), ("u1", vec![2, 8, 8, 3]));
    }

    #[test]
    fn damage_is_told() {
        let good = write_floats(&Array { shape: vec![2], values: vec![1.0, 2.0], width: 8 });
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
