//! Paths as people type and paste them: plain, in quotes, or as `file://` URLs.

use std::path::PathBuf;

/// The path in a line; none where there is none, or a URL of something else.
pub fn path_of(line: &str) -> Option<PathBuf> {
    let line = unquoted(line.trim());
    let path = match line.strip_prefix("file://") {
        // A host may stand before the path: `file://localhost/home`.
        Some(rest) => decoded(&rest[rest.find('/')?..])?,
        None => line.to_owned(),
    };
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// Without the quotes that file managers put around paths. A name may end in one of its own: only a pair is
/// taken off.
fn unquoted(line: &str) -> &str {
    let within = |quote: char| line.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(line)
}

/// Text with its `%20` and the like as the bytes that they stand for.
fn decoded(url: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(url.len());
    let mut rest = url.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_urls_are_read_and_nonsense_is_not() {
        for (line, path) in [
            ("/home/a b.png", "/home/a b.png"),
            ("  'cat.png' ", "cat.png"),
            ("\"cat.png\"", "cat.png"),
            ("/x/students'", "/x/students'"),
            ("'tis.png", "'tis.png"),
            ("\"it's\"", "it's"),
            ("file:///home/a%20b/K%C3%A4se.png\r", "/home/a b/Käse.png"),
            ("file://localhost/x.png", "/x.png"),
        ] {
            assert_eq!(path_of(line), Some(PathBuf::from(path)), "{line}");
        }
        for line in ["", "  ", "''", "file://nowhere", "file:///%zz", "file:///%f", "file:///%ff"] {
            assert_eq!(path_of(line), None, "{line}");
        }
    }
}
