//! Pictures pasted: themselves, as browsers copy them, or by their paths, as file managers do.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{Context, Event};

use super::decode::Source;

/// What was pasted in this frame, unless somebody is typing.
pub fn pasted(ctx: &Context) -> Vec<Source> {
    if ctx.text_edit_focused() {
        return Vec::new();
    }
    ctx.input(|input| {
        let sources = input.events.iter().flat_map(|event| match event {
            Event::Paste(text) => text.lines().filter_map(path_of).map(Source::Path).collect(),
            Event::PasteImage(image) => vec![Source::Pasted(Arc::clone(image))],
            _ => Vec::new(),
        });
        sources.collect()
    })
}

/// The path in a line, which may be quoted or a `file://` URL.
pub fn path_of(line: &str) -> Option<PathBuf> {
    let line = line.trim().trim_matches(['"', '\'']);
    let path = match line.strip_prefix("file://") {
        // A host may stand before the path: `file://localhost/home`.
        Some(rest) => decoded(&rest[rest.find('/')?..])?,
        None => line.to_owned(),
    };
    (!path.is_empty()).then(|| PathBuf::from(path))
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
            ("file:///home/a%20b/K%C3%A4se.png\r", "/home/a b/Käse.png"),
            ("file://localhost/x.png", "/x.png"),
        ] {
            assert_eq!(path_of(line), Some(PathBuf::from(path)), "{line}");
        }
        for line in ["", "  ", "file://nowhere", "file:///%zz", "file:///%f", "file:///%ff"] {
            assert_eq!(path_of(line), None, "{line}");
        }
    }
}
