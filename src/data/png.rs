//! Pictures to files, with words in them.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use image::RgbImage;
use png::ColorType;

use super::Profile;
use crate::error::{Error, Kind, Result};
use crate::plain_file::create;

/// Words of a PNG: keywords and Latin-1 words that picture viewers show (`tEXt` chunks).
type Texts<'a> = &'a [(&'static str, String)];

/// Chunks before the pixels that are looked at for words, and bytes of one.
const MOST_CHUNKS: usize = 64;
const MOST_WORDS: u32 = 1 << 16;

/// Packed pixels are written in pieces of so many bytes.
const CHUNK: usize = 1 << 18;

/// A picture and what its file says besides.
#[derive(Clone, Copy, Debug)]
pub struct Png<'a> {
    pub picture: &'a RgbImage,
    /// What the numbers mean as colours, of the kind [`Profile::for_rgb`]; none is sRGB.
    pub profile: Option<&'a Profile>,
    pub texts: Texts<'a>,
}

impl Png<'_> {
    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written, a picture without pixels, words that are not Latin-1.
    pub fn save(&self, path: &Path) -> Result<()> {
        let temporary = path.with_extension("png.tmp");
        let hint = "check that the folder is there, can be written to and has room";
        let mut file = BufWriter::new(create(&temporary).map_err(|error| error.hint(hint))?);
        let mut write = || -> Result<(), png::EncodingError> {
            self.encode(&mut file)?;
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

    /// The file's bytes.
    ///
    /// # Errors
    /// A picture without pixels, words that are not Latin-1.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.encode(&mut bytes)
            .map_err(|error| Error::new(Kind::Data, format!("the picture cannot be encoded: {error}")))?;
        Ok(bytes)
    }

    fn encode(&self, sink: impl Write) -> Result<(), png::EncodingError> {
        let mut info = png::Info::with_size(self.picture.width(), self.picture.height());
        info.color_type = ColorType::Rgb;
        info.icc_profile = self.profile.and_then(Profile::icc).map(Cow::Borrowed);
        let mut encoder = png::Encoder::with_info(sink, info)?;
        for (keyword, text) in self.texts {
            encoder.add_text_chunk((*keyword).to_string(), text.clone())?;
        }
        let mut writer = encoder.write_header()?;
        for (name, data) in self.profile.map(Profile::chunks).unwrap_or_default() {
            writer.write_chunk(png::chunk::ChunkType(*name), data)?;
        }
        // Packed as it is written: a large picture's file does not stand in memory beside it.
        let mut pixels = writer.stream_writer_with_size(CHUNK)?;
        pixels.write_all(self.picture.as_raw())?;
        pixels.finish()?;
        writer.finish()
    }
}

/// Writes a PNG of sRGB colours, as [`Png::save`].
///
/// # Errors
/// As [`Png::save`].
pub fn save_png(picture: &RgbImage, path: &Path, texts: Texts<'_>) -> Result<()> {
    Png { picture, profile: None, texts }.save(path)
}

/// The bytes of a PNG of sRGB colours.
///
/// # Errors
/// As [`Png::bytes`].
pub fn png_bytes(picture: &RgbImage, texts: Texts<'_>) -> Result<Vec<u8>> {
    Png { picture, profile: None, texts }.bytes()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::decode_photo;

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
    fn a_profile_is_read_back() {
        let picture = RgbImage::from_fn(7, 5, |x, y| image::Rgb([x as u8, y as u8, 200]));
        let say = |icc: &[u8], chunk: Option<(&[u8; 4], &[u8])>| {
            let mut bytes = Vec::new();
            let mut info = png::Info::with_size(7, 5);
            info.color_type = ColorType::Rgb;
            info.icc_profile = (!icc.is_empty()).then(|| icc.to_vec().into());
            let mut writer =
                png::Encoder::with_info(&mut bytes, info).and_then(|e| e.write_header()).expect("a PNG");
            if let Some((name, data)) = chunk {
                writer.write_chunk(png::chunk::ChunkType(*name), data).expect("a chunk");
            }
            writer.write_image_data(picture.as_raw()).expect("pixels");
            writer.finish().expect("an end");
            bytes
        };
        let mut icc = vec![0; 132];
        icc[16..20].copy_from_slice(b"RGB ");
        icc[36..40].copy_from_slice(b"acsp");
        for bytes in [
            say(&icc, None),
            say(&[], Some((b"gAMA", &55_556u32.to_be_bytes()))),
            say(&[], Some((b"cICP", &[12, 13, 0, 1]))),
        ] {
            let photo = decode_photo(Path::new("a.png"), &bytes).expect("a picture");
            let profile = photo.profile.as_ref().expect("a profile");
            assert!(!profile.is_srgb());
            let written =
                Png { picture: &photo.picture, profile: Some(profile), texts: &[] }.bytes().expect("a PNG");
            assert_eq!(decode_photo(Path::new("b.png"), &written).expect("a picture"), photo);
        }
        let plain = png_bytes(&picture, &[]).expect("a PNG");
        assert_eq!(decode_photo(Path::new("a.png"), &plain).expect("a picture").profile, None);
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
