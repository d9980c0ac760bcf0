//! Text as programs on Windows save it: UTF-8 with a mark before it, or UTF-16.

use std::borrow::Cow;

/// The text of a file as UTF-8, whichever of UTF-8 and UTF-16 it is in. JSON begins with an ASCII
/// letter, so that a 0 beside the first byte shows UTF-16 where no mark does.
///
/// # Errors
/// Memory that is not there, in words.
pub fn utf8(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok(Cow::Borrowed(rest)),
        [0xFF, 0xFE, rest @ ..] => from_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => from_utf16(rest, u16::from_be_bytes),
        [1..=255, 0, ..] => from_utf16(bytes, u16::from_le_bytes),
        [0, 1..=255, ..] => from_utf16(bytes, u16::from_be_bytes),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, [u8]>, String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::new();
    // Three bytes of UTF-8 are the most that two of UTF-16 become.
    text.try_reserve(bytes.len() / 2 * 3).map_err(|_| "there is no memory left for its text".to_string())?;
    // What is no letter is seen by whoever reads the text.
    text.extend(char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
    Ok(Cow::Owned(text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_in_every_dress() {
        let text = "{\"\u{e9}\u{1f600}\": 1}";
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xEF\xBB\xBF", text.as_bytes()),
            marked(b"\xFF\xFE", &little),
            marked(b"\xFE\xFF", &big),
            little.clone(),
            big.clone(),
        ] {
            assert_eq!(&*utf8(&bytes).unwrap(), text.as_bytes());
        }
        assert!(utf8(b"").unwrap().is_empty());
        assert_eq!(&*utf8(b"\xFF\xFE{").unwrap(), b"");
    }
}
