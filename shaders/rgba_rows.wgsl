// Images in [-1, 1] (not clipped), plane by plane, as rows of pixels that a texture can be copied from: a
// pixel is a word with red in its lowest byte and opaque alpha, a row is as long as such a copy asks for.
// Gray is repeated. A value's byte is the last whose edge it reaches, that of NaN is mid gray.
//
// One thread per pixel.
struct Size { count: u32, channels: u32, height: u32, width: u32, row: u32, edges: array<f32, 256> };
@group(0) @binding(0) var<storage, read_write> images: array<f32>;
@group(0) @binding(1) var<storage, read_write> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> size: Size;

fn byte_of(value: f32) -> u32 {
    if ((bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u) {
        return 128u;
    }
    // Drivers round this in their own ways, so that it may be one off; what compares is exact.
    let guess = u32(clamp(value * 127.5 + 128.0, 0.0, 255.0));
    if (guess > 0u && value < size.edges[guess]) {
        return guess - 1u;
    }
    if (guess < 255u && value >= size.edges[guess + 1u]) {
        return guess + 1u;
    }
    return guess;
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let pixel = thread_number(id, groups);
    let plane = size.height * size.width;
    if (pixel >= size.count * plane) {
        return;
    }
    let image = pixel / plane;
    let place = pixel % plane;
    let last = min(size.channels, 3u) - 1u;
    var word = 0xff000000u;
    for (var c = 0u; c < 3u; c++) {
        let value = images[(image * size.channels + min(c, last)) * plane + place];
        word |= byte_of(value) << (8u * c);
    }
    rows[(image * size.height + place / size.width) * size.row + place % size.width] = word;
}
