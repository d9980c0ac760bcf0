// Images in [-1, 1] (not clipped), plane by plane, as rows of pixels that a texture can be copied from: a
// pixel is a word with red in its lowest byte and opaque alpha, a row is as long as such a copy asks for.
// Gray is repeated. A value's byte is trunc(clip(127.5 x + 128, 0, 255)), that of NaN is mid gray.
//
// One thread per pixel. Bindings are read_write for the reason given in denoise_loss.wgsl.
struct Size { count: u32, channels: u32, height: u32, width: u32, row: u32 };
@group(0) @binding(0) var<storage, read_write> images: array<f32>;
@group(0) @binding(1) var<storage, read_write> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> size: Size;

fn byte_of(value: f32) -> u32 {
    if ((bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u) {
        return 128u;
    }
    // Beyond ±2 the answer is the same, and an infinity would meet its like below. Then 127.5 x as the
    // difference of two exact products: one rounding, whether or not a driver fuses it into the first.
    let x = clamp(value, -2.0, 2.0);
    let scaled = x * 128.0 - x * 0.5;
    return u32(clamp(scaled + 128.0, 0.0, 255.0));
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let pixel = id.x + id.y * groups.x * {{ threads }}u;
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
