//! Where the places of transformed tiles lie: `[channels, places, tiles]`, with a gap behind each channel.

use crate::simd::vector::LINE;

/// Places in a tile of 4×4 pixels.
pub const PLACES: usize = 16;

/// Numbers of one place: whole lines, so that a vector beyond its last tile does no harm.
pub fn plane(tiles: usize) -> usize {
    tiles.next_multiple_of(LINE)
}

/// Numbers from one channel to the next, of which a line is used by nobody: with a power of two from channel to channel
/// all of them would compete for the same few lines of a cache.
pub fn stride(tiles: usize) -> usize {
    PLACES * plane(tiles) + LINE
}
