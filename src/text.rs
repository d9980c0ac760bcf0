//! Text that people write in files, in the encodings that their editors and shells use.

/// The text of a file: UTF-8, or UTF-16 as PowerShell and old editors write it, with a byte-order mark or
/// without.
///
/// # Errors
/// Bytes that are neither: what is wrong, in words.
pub fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return utf_8(rest.to_vec());
    }
    match bytes {
        _ if bytes.starts_with(&[0xFF, 0xFE]) => utf_16(&bytes[2..], u16::from_le_bytes),
        _ if bytes.starts_with(&[0xFE, 0xFF]) => utf_16(&bytes[2..], u16::from_be_bytes),
        _ => match silent_half(&bytes) {
            Some(Half::Second) => utf_16(&bytes, u16::from_le_bytes),
            Some(Half::First) => utf_16(&bytes, u16::from_be_bytes),
            None => utf_8(bytes),
        },
    }
}

/// The half of most pairs of bytes that is 0.
enum Half {
    First,
    Second,
}

/// Text that is mostly ASCII has a zero in every pair of bytes in UTF-16, and none at all in UTF-8.
fn silent_half(bytes: &[u8]) -> Option<Half> {
    let pairs = bytes.as_chunks::<2>().0;
    let zeros = |half: usize| pairs.iter().filter(|pair| pair[half] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    match pairs.len() / 2 {
        _ if first.max(second) == 0 => None,
        most if first > most && second < first => Some(Half::First),
        most if second > most && first < second => Some(Half::Second),
        _ => None,
    }
}

fn utf_8(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let whole = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + whole.iter().filter(|byte| **byte == b'\n').count();
        format!("line {line} is not text in UTF-8")
    })
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !rest.is_empty() || text.contains(char::REPLACEMENT_CHARACTER) {
        return Err("it is damaged text in UTF-16".into());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = \"für 🧀\"\n[data]\npath = 'C:\\Bilder'\n";

    #[test]
    fn every_encoding_is_the_same_text() {
        let le: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], text: &[u8]| [mark, text].concat();
        for bytes in [
            TEXT.as_bytes().to_vec(),
            marked(b"\xEF\xBB\xBF", TEXT.as_bytes()),
            marked(b"\xFF\xFE", &le),
            marked(b"\xFE\xFF", &be),
            le.clone(),
            be,
        ] {
            assert_eq!(decoded(bytes).as_deref(), Ok(TEXT));
        }
        assert_eq!(decoded(Vec::new()).as_deref(), Ok(""));
        assert_eq!(decoded(vec![b'a']).as_deref(), Ok("a"));
    }

    #[test]
    fn what_is_neither_is_told_by_its_line() {
        assert_eq!(decoded(b"a\nb\nf\xFCr\n".to_vec()), Err("line 3 is not text in UTF-8".into()));
        assert!(decoded(b"\xFF\xFEa\0b".to_vec()).is_err_and(|words| words.contains("UTF-16")));
        assert!(decoded(b"\xFF\xFE\0\xD8".to_vec()).is_err_and(|words| words.contains("UTF-16")));
    }
}
