// Warps of images (src/gpu/kernels/warp), in four stages: an image's rows are brought to twice their length, then its
// columns where it is sampled, and then both are brought back. An image that is not warped has no part in the first
// three. Planes are the channels of images, one after another.

// A number a x + b y + c of places x and y, each of a, b and c in units of 2^-32 as two words, the lower one first.
struct Line { right: vec2<u32>, down: vec2<u32>, first: vec2<u32> };
// Flips: 1 is left to right, 2 is top to bottom.
struct Warp { is_warped: u32, flips: u32, x: Line, y: Line };
struct Warps {
    // `size` is the images' side, `side` that of the warped ones with their rims at twice the resolution.
    images: u32, channels: u32, size: u32, side: u32,
    // Pixels before the first column and row of the reflected images, and how large those are.
    left: u32, top: u32, width: u32, height: u32,
    low_pass: array<f32, TAPS>,
    each: array<Warp>,
};
// The filter's tap that meets a pixel's own place, when the resolution doubles.
const CENTRE = 5u;
// Taps that meet a pixel then, the others meet zeros.
const MET = 6u;
const TAPS = 12u;
// Pixels around the transformed image that the filter looks at on its way back.
const RIM = 3u;

// The pixel of a row or a column of so many that is seen at a place of its reflected one; the ends are not repeated.
fn reflected(place: u32, before: u32, size: u32) -> u32 {
    let last = i32(size) - 1;
    let inside = abs(i32(place) - i32(before));
    return u32(select(inside, 2 * last - inside, inside > last));
}
