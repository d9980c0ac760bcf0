//! Where the places of transformed tiles lie: `[channels, places, tiles]`, with a gap behind each channel.

use faer::{MatMut, MatRef};

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
    let len = (channels - 1) * stride(tiles) + tiles;
    MatRef::from_row_major_slice_with_stride(&all[place * tiles..][..len], channels, tiles, stride(tiles))
}

/// The same to be written.
pub fn place_mut(all: &mut [f32], channels: usize, tiles: usize, place: usize) -> MatMut<'_, f32> {
    let len = (channels - 1) * stride(tiles) + tiles;
    let all = &mut all[place * tiles..][..len];
    // faer 0.24.4 mixes up the strides of its row-major constructor.
    MatMut::from_column_major_slice_with_stride_mut(all, tiles, channels, stride(tiles)).transpose_mut()
}
