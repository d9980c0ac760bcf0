//! Types of numbers, and their reading as f32.

use burn::tensor::{bf16, f16};

/// The number types of torch's storages that networks and their counters use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    F64,
    F32,
    F16,
    Bf16,
    I64,
    I32,
    I16,
    I8,
    U8,
    Bool,
}

impl Dtype {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Dtype::F64 | Dtype::I64 => 8,
            Dtype::F32 | Dtype::I32 => 4,
            Dtype::F16 | Dtype::Bf16 | Dtype::I16 => 2,
            Dtype::I8 | Dtype::U8 | Dtype::Bool => 1,
        }
    }

    /// Whether weights can be of this type; the others count steps.
    pub fn is_float(self) -> bool {
        matches!(self, Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::Bf16)
    }

    /// All little-endian numbers of `bytes`, rounded to f32; an odd rest is left out.
    pub fn numbers(self, bytes: &[u8]) -> Vec<f32> {
        fn each<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f32) -> Vec<f32> {
            bytes.as_chunks::<N>().0.iter().map(|b| read(*b)).collect()
        }
        match self {
            Dtype::F64 => each(bytes, |b| f64::from_le_bytes(b) as f32),
            Dtype::F32 => each(bytes, f32::from_le_bytes),
            Dtype::F16 => each(bytes, |b| f16::from_le_bytes(b).to_f32()),
            Dtype::Bf16 => each(bytes, |b| bf16::from_le_bytes(b).to_f32()),
            Dtype::I64 => each(bytes, |b| i64::from_le_bytes(b) as f32),
            Dtype::I32 => each(bytes, |b| i32::from_le_bytes(b) as f32),
            Dtype::I16 => each(bytes, |b| f32::from(i16::from_le_bytes(b))),
            Dtype::I8 => each(bytes, |b: [u8; 1]| f32::from(i8::from_le_bytes(b))),
            Dtype::U8 | Dtype::Bool => each(bytes, |b: [u8; 1]| f32::from(b[0])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width() {
        assert_eq!(Dtype::F64.numbers(&(-0.5f64).to_le_bytes()), [-0.5]);
        assert_eq!(Dtype::F16.numbers(&[0x00, 0x3c, 0x00, 0xc0]), [1.0, -2.0]);
        assert_eq!(Dtype::Bf16.numbers(&[0x80, 0x3f, 0x00, 0xc0]), [1.0, -2.0]);
        assert_eq!(Dtype::I64.numbers(&(-3i64).to_le_bytes()), [-3.0]);
        assert_eq!(Dtype::I8.numbers(&[0xff]), [-1.0]);
        assert_eq!(Dtype::F32.numbers(&[0, 0, 0x80, 0x3f, 9]), [1.0], "an odd rest is left out");
    }
}
