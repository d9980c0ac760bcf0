//! Where the places of transformed tiles lie: `[channels, places, tiles]`, with a gap behind each channel.

use faer::{MatMut, MatRef};

use super::super::super::strided;

/// Places in a tile of 4×4 pixels.
pub const PLACES: usize = 16;

/// Numbers between channels that nobody uses: with a power of two from channel to channel all of them would compete
/// for the same few lines of a cache.
const GAP: usize = 16;

/// Numbers from one channel to the next.
pub fn stride(tiles: usize) -> usize {
    PLACES * tiles + GAP
}

/// One place of all channels: `[channels, tiles]`.
pub fn place(all: &[f32], channels: usize, tiles: usize, place: usize) -> MatRef<'_, f32> {
    strided::matrix(&all[place * tiles..], [channels, tiles], stride(tiles))
}

/// The same to be written.
pub fn place_mut(all: &mut [f32], channels: usize, tiles: usize, place: usize) -> MatMut<'_, f32> {
    strided::matrix_mut(&mut all[place * tiles..], [channels, tiles], stride(tiles))
}
