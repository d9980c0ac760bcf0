//! What the numbers of a picture mean as colours: an ICC profile, or what a PNG says in its place.

mod icc;

use image::{ImageDecoder, ImageFormat};

use self::icc::Space;

/// Largest ICC profile that is kept, bytes: those of printing machines have some 3 MiB.
const MAX_ICC_BYTES: usize = 8 << 20;

/// A PNG's words on its colours, those before its pixels: code points, white and primaries, exponent.
const CHUNKS: [[u8; 4]; 4] = [*b"cICP", *b"cHRM", *b"gAMA", *b"sRGB"];

/// How to read the numbers of a picture as colours. Numbers without one are read as sRGB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Icc(Vec<u8>),
    /// A PNG's chunks by name.
    Chunks(Vec<([u8; 4], Vec<u8>)>),
}

impl Profile {
    /// What a file says, if it says anything that can be read.
    pub(super) fn of(decoder: &mut dyn ImageDecoder, bytes: &[u8], format: ImageFormat) -> Option<Self> {
        let icc = decoder.icc_profile().ok().flatten();
        if let Some(icc) = icc.filter(|icc| icc::space(icc).is_some() && icc.len() <= MAX_ICC_BYTES) {
            return Some(Self(Kind::Icc(icc)));
        }
        let chunks = if format == ImageFormat::Png { png_chunks(bytes) } else { Vec::new() };
        (!chunks.is_empty()).then_some(Self(Kind::Chunks(chunks)))
    }

    /// The profile for a picture in red, green and blue.
    ///
    /// # Errors
    /// A profile for other numbers: which, in words.
    pub fn for_rgb(self) -> Result<Self, &'static str> {
        match &self.0 {
            Kind::Icc(icc) => match icc::space(icc) {
                Some(Space::Rgb) => Ok(self),
                Some(Space::Gray) => Err("gray pictures"),
                Some(Space::Cmyk) => Err("printing inks (CMYK)"),
                Some(Space::Other) | None => Err("another kind of colours"),
            },
            Kind::Chunks(_) => Ok(self),
        }
    }

    /// Whether the numbers mean what they would without it, as far as an eye can tell: sRGB, or for gray a
    /// curve like sRGB's.
    pub fn is_srgb(&self) -> bool {
        match &self.0 {
            Kind::Icc(icc) => icc::is_srgb(icc),
            Kind::Chunks(chunks) => chunks_are_srgb(chunks),
        }
    }

    /// The ICC profile, where it is one.
    pub(crate) fn icc(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Icc(icc) => Some(icc),
            Kind::Chunks(_) => None,
        }
    }

    /// A PNG's chunks by name, where it is these.
    pub(crate) fn chunks(&self) -> &[([u8; 4], Vec<u8>)] {
        match &self.0 {
            Kind::Icc(_) => &[],
            Kind::Chunks(chunks) => chunks,
        }
    }
}

/// Those of [`CHUNKS`] that a PNG has, each once.
fn png_chunks(bytes: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let mut found: Vec<([u8; 4], Vec<u8>)> = Vec::new();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some(([len, name], data)) = rest.as_chunks::<4>().0.first_chunk::<2>().zip(rest.get(8..)) {
        let len = u32::from_be_bytes(*len) as usize;
        if name == b"IDAT" {
            break;
        }
        let Some((data, after)) = data.split_at_checked(len) else { break };
        if CHUNKS.contains(name) && found.iter().all(|(other, _)| other != name) {
            found.push((*name, data.to_vec()));
        }
        // The checksum has been looked at by the decoder.
        rest = after.get(4..).unwrap_or_default();
    }
    found
}

/// The strongest word counts: code points, then sRGB itself, then primaries and exponent.
fn chunks_are_srgb(chunks: &[([u8; 4], Vec<u8>)]) -> bool {
    let named = |wanted: &[u8; 4]| chunks.iter().find(|(name, _)| name == wanted).map(|(_, data)| data);
    if let Some(points) = named(b"cICP") {
        // Primaries 1 (BT.709, which are sRGB's) and transfer 13 (sRGB's).
        return points.starts_with(&[1, 13]);
    }
    if named(b"sRGB").is_some() {
        return true;
    }
    let near = |data: &Vec<u8>, wanted: &[u32]| {
        let values = data.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
        values.len() == wanted.len()
            && values.zip(wanted).all(|(value, wanted)| value.abs_diff(*wanted) <= 1000)
    };
    // In units of 1/100,000.
    const PRIMARIES: [u32; 8] = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000];
    named(b"cHRM").is_none_or(|data| near(data, &PRIMARIES))
        && named(b"gAMA").is_none_or(|data| near(data, &[45_455]))
}

#[cfg(test)]
mod tests;
