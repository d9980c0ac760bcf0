//! Just enough of ICC profiles: which numbers one is for, and whether it is sRGB by another name.

/// Offset of the table of tags, bytes.
const HEADER: usize = 128;
/// Most tags that are looked through: real profiles have about 20.
const MAX_TAGS: usize = 256;

/// sRGB's red, green and blue (XYZ) as profiles have them, adapted to D50.
const SRGB: [[f64; 3]; 3] = [[0.4361, 0.2225, 0.0139], [0.3851, 0.7169, 0.0971], [0.1431, 0.0606, 0.7141]];
/// By how much a primary may be off.
const NEAR_PRIMARY: f64 = 0.006;
/// What sRGB makes of one half, and by how much a curve may be off there: a plain exponent of 2.2 is as good.
const SRGB_OF_HALF: f64 = 0.2140;
const NEAR_CURVE: f64 = 0.012;

/// The numbers that a profile is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    Rgb,
    Gray,
    Cmyk,
    Other,
}

/// The space of a profile's numbers; none where it is no profile at all.
pub fn space(icc: &[u8]) -> Option<Space> {
    if icc.get(36..40) != Some(b"acsp") {
        return None;
    }
    Some(match icc.get(16..20)? {
        b"RGB " => Space::Rgb,
        b"GRAY" => Space::Gray,
        b"CMYK" => Space::Cmyk,
        _ => Space::Other,
    })
}

/// Whether a profile is sRGB near enough; one for gray, whether its curve is.
pub fn is_srgb(icc: &[u8]) -> bool {
    let curve_is_near =
        |name: &[u8; 4]| of_half(icc, name).is_some_and(|half| (half - SRGB_OF_HALF).abs() <= NEAR_CURVE);
    let primary_is_near = |(name, wanted): (&[u8; 4], [f64; 3])| {
        xyz(icc, name).is_some_and(|xyz| xyz.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= NEAR_PRIMARY))
    };
    match space(icc) {
        Some(Space::Gray) => curve_is_near(b"kTRC"),
        Some(Space::Rgb) => {
            [b"rXYZ", b"gXYZ", b"bXYZ"].into_iter().zip(SRGB).all(primary_is_near)
                && [b"rTRC", b"gTRC", b"bTRC"].into_iter().all(curve_is_near)
        }
        _ => false,
    }
}

/// The data of a tag.
fn tag<'a>(icc: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let count = (word(icc, HEADER)? as usize).min(MAX_TAGS);
    let entry = |i: usize| icc.get(HEADER + 4 + 12 * i..)?.get(..12);
    let entry = (0..count).map_while(entry).find(|entry| entry.starts_with(name))?;
    let (start, len) = (word(entry, 4)? as usize, word(entry, 8)? as usize);
    icc.get(start..)?.get(..len)
}

fn xyz(icc: &[u8], name: &[u8; 4]) -> Option<[f64; 3]> {
    let data = tag(icc, name)?;
    Some([fixed(data, 8)?, fixed(data, 12)?, fixed(data, 16)?])
}

/// What a curve makes of one half.
fn of_half(icc: &[u8], name: &[u8; 4]) -> Option<f64> {
    let data = tag(icc, name)?;
    match data.get(..4)? {
        b"curv" => match word(data, 8)? as usize {
            0 => Some(0.5),
            // The only number is an exponent, in units of 1/256.
            1 => Some(0.5f64.powf(f64::from(short(data, 12)?) / 256.0)),
            count => Some(f64::from(short(data, 12 + (count - 1) / 2 * 2)?) / f64::from(u16::MAX)),
        },
        b"para" => {
            let exponent = fixed(data, 12)?;
            let number = |i: usize| fixed(data, 12 + 4 * i);
            match short(data, 8)? {
                0 => Some(0.5f64.powf(exponent)),
                // All others are (a x + b)^g + c above some point, which is far below one half.
                kind @ 1..=4 => {
                    let offset = match kind {
                        2 => number(3)?,
                        4 => number(5)?,
                        _ => 0.0,
                    };
                    Some((number(1)? * 0.5 + number(2)?).max(0.0).powf(exponent) + offset)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn short(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

fn word(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// A signed number with 16 bits behind the point.
fn fixed(data: &[u8], at: usize) -> Option<f64> {
    data.get(at..)?.first_chunk().map(|bytes| f64::from(i32::from_be_bytes(*bytes)) / 65_536.0)
}
