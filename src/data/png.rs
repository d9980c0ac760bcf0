//! Pictures to files, with words in them.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use image::RgbImage;
use png::ColorType;

use crate::error::{Error, Kind, Result};
use crate::plain_file::create;

/// Words of a PNG: keywords and Latin-1 words that picture viewers show (`tEXt` chunks).
type Texts<'a> = &'a [(&'static str, String)];

/// Chunks before the pixels that are looked at for words, and bytes of one.
const MOST_CHUNKS: usize = 64;
const MOST_WORDS: u32 = 1 << 16;

/// Writes a PNG whole or not at all, with words in it.
///
/// # Errors
/// A file that cannot be written, a picture without pixels, words that are not Latin-1.
pub fn save_png(picture: &RgbImage, path: &Path, texts: Texts<'_>) -> Result<()> {
    let temporary = path.with_extension("png.tmp");
    let hint = "check that the folder is there, can be written to and has room";
    let mut file = BufWriter::new(create(&temporary).map_err(|error| error.hint(hint))?);
    let mut write = || -> Result<(), png::EncodingError> {
        encode(picture, &mut file, texts)?;
        Ok(file.flush()?)
    };
    let placed = write().and_then(|()| Ok(std::fs::rename(&temporary, path)?));
    placed.map_err(|error| {
        // Half a picture helps nobody; that it may not be there is no second error.
        let _ = std::fs::remove_file(&temporary);
        match error {
            png::EncodingError::IoError(error) => Error::io(path, "write the picture", &error),
            other => Error::data(path, format!("the picture cannot be written: {other}")),
        }
        .hint(hint)
    })
}

/// A colour picture as the bytes of a PNG.
///
/// # Errors
/// A picture without pixels, words that are not Latin-1.
pub fn png_bytes(picture: &RgbImage, texts: Texts<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    encode(picture, &mut bytes, texts)
        .map_err(|error| Error::new(Kind::Data, format!("the picture cannot be encoded: {error}")))?;
    Ok(bytes)
}

/// The words under `keyword` in the PNG at `path`, as [`save_png`] puts them in front of the pixels; none where there
/// are none. Nothing else of the file is looked at.
pub fn png_words(path: &Path, keyword: &str) -> Option<String> {
    const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
    let mut file = BufReader::new(File::open(path).ok()?);
    let mut signature = [0; 8];
    file.read_exact(&mut signature).ok()?;
    if signature != SIGNATURE {
        return None;
    }
    for _ in 0..MOST_CHUNKS {
        let mut head = [0; 8];
        file.read_exact(&mut head).ok()?;
        let [a, b, c, d, kind @ ..] = head;
        let len = u32::from_be_bytes([a, b, c, d]);
        if kind == *b"IDAT" || len > MOST_WORDS {
            return None;
        }
        // The checksum stands behind it.
        let mut chunk = vec![0; len as usize + 4];
        file.read_exact(&mut chunk).ok()?;
        chunk.truncate(len as usize);
        let words = chunk.strip_prefix(keyword.as_bytes()).and_then(|rest| rest.strip_prefix(&[0]));
        if let (b"tEXt", Some(words)) = (&kind, words) {
            // Latin-1: every byte is a character.
            return Some(words.iter().map(|byte| char::from(*byte)).collect());
        }
    }
    None
}

fn encode(picture: &RgbImage, sink: impl Write, texts: Texts<'_>) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(sink, picture.width(), picture.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    for (keyword, text) in texts {
        encoder.add_text_chunk((*keyword).to_string(), text.clone())?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture.as_raw())?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn pixels_and_words_are_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.png");
        let picture = RgbImage::from_fn(7, 5, |x, y| image::Rgb([x as u8, y as u8, 200]));
        save_png(&picture, &path, &[("signet", "{\"seed\":3}".into())]).expect("written");
        assert_eq!(image::open(&path).expect("a picture").into_rgb8(), picture);
        let file = std::io::BufReader::new(File::open(&path).expect("a file"));
        let reader = png::Decoder::new(file).read_info().expect("a PNG");
        let texts = &reader.info().uncompressed_latin1_text;
        assert_eq!((texts[0].keyword.as_str(), texts[0].text.as_str()), ("signet", "{\"seed\":3}"));
        assert_eq!(png_words(&path, "signet").as_deref(), Some("{\"seed\":3}"));
        assert_eq!(png_words(&path, "sign"), None);
        let whole = std::fs::read(&path).expect("bytes");
        for len in 0..whole.len() {
            std::fs::write(&path, &whole[..len]).expect("written");
            assert!(png_words(&path, "signet").is_none_or(|words| words == "{\"seed\":3}"), "{len}");
        }
        assert_eq!(png_words(&folder.path().join("none.png"), "signet"), None);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let picture = RgbImage::new(2, 2);
        let wrong = [("signet", "日本".to_string())];
        let error = save_png(&picture, &folder.path().join("a.png"), &wrong).expect_err("not Latin-1");
        assert!(error.remedy.is_some(), "{error}");
        assert!(save_png(&picture, &folder.path().join("no/a.png"), &[]).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
