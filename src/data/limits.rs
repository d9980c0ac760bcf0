//! How much of a stranger's file the reader is willing to hold: every bound on user data, with its
//! reason.

/// Smallest and largest side of training images, pixels: a U-Net that halves twice needs 8, and
/// 1024 is the largest set these methods were published on (FFHQ).
pub const SIZES: std::ops::RangeInclusive<usize> = 8..=1024;

/// Shortest side of a picture that is used, pixels: smaller ones are spacers, not pictures.
pub const MIN_SIDE: u32 = 4;

/// Memory of one decoded picture, bytes: an 8-bit photograph of 223 megapixels, whatever its sides. The
/// largest cameras of telephones have 200. What decoders work with comes on top (`decode::budget`).
pub const MAX_DECODE_BYTES: u64 = 640 << 20;

/// Largest single picture file that is read, bytes: one without compression is as large as its pixels.
pub const MAX_FILE_BYTES: u64 = MAX_DECODE_BYTES;

/// Largest `dataset.json`, bytes: ImageNet's, with 1.3 million labels, has 40 MiB.
pub const MAX_JSON_BYTES: u64 = 256 << 20;

/// Largest unpacked IDX file or packed tar, bytes: EMNIST, the largest of its family, has 0.6 GiB. A packed
/// tar of pictures is held in memory.
pub const MAX_RAW_BYTES: u64 = 2 << 30;

/// A zip may unpack to this many times its own size, and [`ZIP_ALLOWANCE`] bytes more: pictures hardly shrink
/// in a zip, raw pixels of drawings do.
pub const MAX_ZIP_RATIO: u64 = 256;
pub const ZIP_ALLOWANCE: u64 = 1 << 30;

/// Largest dictionary of an LZMA entry, bytes: what 7-Zip takes at its highest level.
pub const MAX_LZMA_BYTES: u64 = 64 << 20;

/// Longest side of images that come as plain bytes, pixels: more is a damaged header.
pub const MAX_RAW_SIDE: u32 = 16_384;

/// Most images of a set: ImageNet-21k has 14 million.
pub const MAX_IMAGES: usize = 1 << 24;

/// Most labels that are read from a `dataset.json`: one for each of the most images.
pub const MAX_LABELS: usize = MAX_IMAGES;

/// Most letters of a class's name that are kept.
pub const MAX_CLASS_NAME: usize = 200;

/// Pixels of a whole data set in memory, bytes: ImageNet at 64×64 has 14.7 GiB.
pub const MAX_PIXEL_BYTES: u64 = 16 << 30;

/// Class numbers stay below this (ImageNet-21k has 21,841): they become a one-hot vector.
pub const MAX_CLASSES: u32 = 65_536;

/// Folders inside folders that are followed.
pub const MAX_DEPTH: usize = 32;

/// Pictures read and decoded at a time, between two calls of the progress function.
pub const CHUNK: usize = 512;

/// Bytes of picture files in memory at a time, and one file more.
pub const CHUNK_BYTES: u64 = 256 << 20;

/// Bytes of fitted pictures in memory at a time, before they are added to the set.
pub const PIECE_BYTES: usize = 256 << 20;
