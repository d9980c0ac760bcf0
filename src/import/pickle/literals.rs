//! Numbers, texts and bytes as a pickle writes them.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::limits::MAX_INTEGER_BYTES;
use super::opcodes as op;
use super::value::Value;
use crate::error::{Error, Result};

/// The value of instruction `code`, whose operand is next.
///
/// # Errors
/// `Kind::Checkpoint` for a damaged operand, and for an instruction that does not exist.
pub fn literal<'a>(cursor: &mut Cursor<'a>, code: u8) -> Result<Value<'a>> {
    Ok(match code {
        op::NONE => Value::None,
        op::NEWTRUE => Value::Bool(true),
        op::NEWFALSE => Value::Bool(false),
        op::BININT => Value::Int(i64::from(i32::from_le_bytes(cursor.array()?))),
        op::BININT1 => Value::Int(i64::from(cursor.byte()?)),
        op::BININT2 => Value::Int(i64::from(u16::from_le_bytes(cursor.array()?))),
        op::BINFLOAT => Value::Float(f64::from_be_bytes(cursor.array()?)),
        op::LONG1 => integer(cursor.counted::<1>()?).ok_or_else(|| too_long(cursor))?,
        op::LONG4 => integer(cursor.counted::<4>()?).ok_or_else(|| too_long(cursor))?,
        op::INT | op::LONG | op::FLOAT => number_line(cursor, code)?,
        op::SHORT_BINUNICODE | op::SHORT_BINSTRING => text(cursor.counted::<1>()?),
        op::BINUNICODE | op::BINSTRING => text(cursor.counted::<4>()?),
        op::BINUNICODE8 => text(cursor.counted::<8>()?),
        op::UNICODE | op::STRING => text_line(cursor, code)?,
        op::SHORT_BINBYTES => Value::Bytes(Cow::Borrowed(cursor.counted::<1>()?)),
        op::BINBYTES => Value::Bytes(Cow::Borrowed(cursor.counted::<4>()?)),
        op::BINBYTES8 | op::BYTEARRAY8 => Value::Bytes(Cow::Borrowed(cursor.counted::<8>()?)),
        _ => return Err(cursor.damaged(format!("there is no instruction 0x{code:02x}"))),
    })
}

fn number_line<'a>(cursor: &mut Cursor<'a>, code: u8) -> Result<Value<'a>> {
    let line = cursor.line()?;
    let value = match (code, line) {
        (op::INT, "00") => Some(Value::Bool(false)),
        (op::INT, "01") => Some(Value::Bool(true)),
        (op::FLOAT, _) => line.parse().ok().map(Value::Float),
        _ => line.strip_suffix('L').unwrap_or(line).parse().ok().map(Value::Int),
    };
    value.ok_or_else(|| cursor.damaged("a number that is none"))
}

/// Text of protocol 0, without escapes: torch has never written any.
fn text_line<'a>(cursor: &mut Cursor<'a>, code: u8) -> Result<Value<'a>> {
    let line = cursor.line()?;
    if line.contains('\\') {
        return Err(cursor.damaged("escaped text of protocol 0 is not read"));
    }
    let quoted = |quote| line.strip_prefix(quote).and_then(|l| l.strip_suffix(quote));
    match code {
        op::UNICODE => Ok(Value::Str(line)),
        _ => {
            quoted('\'').or_else(|| quoted('"')).map(Value::Str).ok_or_else(|| cursor.damaged("open quotes"))
        }
    }
}

/// Two's complement, little-endian; no bytes are zero. None where it has more than any use.
fn integer(bytes: &[u8]) -> Option<Value<'_>> {
    if bytes.len() > MAX_INTEGER_BYTES {
        return None;
    }
    if bytes.len() > 8 {
        return Some(Value::Long(bytes));
    }
    let negative = bytes.last().is_some_and(|b| b & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    Some(Value::Int(i64::from_le_bytes(wide)))
}

fn too_long(cursor: &Cursor<'_>) -> Error {
    cursor.damaged(format!("an integer of more than {MAX_INTEGER_BYTES} bytes"))
}

/// Text, or bytes where it is none: Python lets a string hold what UTF-8 does not.
fn text(bytes: &[u8]) -> Value<'_> {
    std::str::from_utf8(bytes).map_or(Value::Bytes(Cow::Borrowed(bytes)), Value::Str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_a_sign() {
        let rows: [(&[u8], i64); 6] = [
            (&[], 0),
            (&[0xff], -1),
            (&[0xff, 0x00], 255),
            (&[0x00, 0x80], -32768),
            (&[0, 0, 0, 0, 0, 0, 0, 0x80], i64::MIN),
            (&[0xe9, 0x03], 1001),
        ];
        for (bytes, want) in rows {
            assert_eq!(integer(bytes), Some(Value::Int(want)), "{bytes:?}");
        }
        assert_eq!(integer(&[1; 9]), Some(Value::Long(&[1; 9])));
        assert_eq!(integer(&[1; 65]), None);
    }
}
