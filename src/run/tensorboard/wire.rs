//! Protocol Buffers' wire format, as much of it as events need: fields are a key (number and kind) and a
//! value.

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;

/// A message in the making.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn varint(mut self, field: u64, value: u64) -> Self {
        self.key(field, VARINT);
        self.number(value);
        self
    }

    pub fn double(mut self, field: u64, value: f64) -> Self {
        self.key(field, FIXED64);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub fn float(mut self, field: u64, value: f32) -> Self {
        self.key(field, FIXED32);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Bytes, text or a message.
    pub fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.key(field, BYTES);
        self.number(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    fn key(&mut self, field: u64, kind: u64) {
        self.number(field << 3 | kind);
    }

    /// Seven bits a byte, lowest first; the eighth says that more follow.
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// A field's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Varint(u64),
    Double(f64),
    Bytes(&'a [u8]),
    Float(f32),
}

impl<'a> Value<'a> {
    pub fn bytes(self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub fn text(self) -> Option<String> {
        Some(String::from_utf8_lossy(self.bytes()?).into_owned())
    }
}

/// The fields of a message in their order; none where the bytes are no message.
pub fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Value<'_>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes)?;
        let value = match key & 7 {
            VARINT => Value::Varint(number(&mut bytes)?),
            FIXED64 => Value::Double(f64::from_le_bytes(take(&mut bytes, 8)?.try_into().ok()?)),
            BYTES => {
                let length = usize::try_from(number(&mut bytes)?).ok()?;
                Value::Bytes(take(&mut bytes, length)?)
            }
            FIXED32 => Value::Float(f32::from_le_bytes(take(&mut bytes, 4)?.try_into().ok()?)),
            _ => return None,
        };
        fields.push((key >> 3, value));
    }
    Some(fields)
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *take(bytes, 1)?.first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_as_the_format_says_and_read_back() {
        let Writer(bytes) = Writer::default().varint(1, 150).bytes(2, b"testing").double(3, 0.5);
        // The first two are the examples of the format's own description.
        assert_eq!(bytes[..12], *b"\x08\x96\x01\x12\x07testing");
        let want = [(1, Value::Varint(150)), (2, Value::Bytes(b"testing")), (3, Value::Double(0.5))];
        assert_eq!(fields(&bytes).as_deref(), Some(&want[..]));
        let large = Writer::default().varint(5, u64::MAX).float(16, -2.5).0;
        assert_eq!(
            fields(&large).as_deref(),
            Some(&[(5, Value::Varint(u64::MAX)), (16, Value::Float(-2.5))][..])
        );
        for cut in [1, 2, 4, 8, 11, 13, 20] {
            assert_eq!(fields(&bytes[..cut]), None, "{cut}");
        }
    }
}
