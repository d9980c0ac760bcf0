// A warp's last stage (see shared/warp.wgsl): columns brought back to their length, as rows were before. Of an image
// that is not warped it is the flipped image. One thread per pixel.
@group(0) @binding(0) var<storage, read_write> images: array<f32>;
@group(0) @binding(1) var<storage, read_write> halved: array<f32>;
@group(0) @binding(2) var<storage, read_write> warped: array<f32>;
@group(0) @binding(3) var<storage, read_write> warps: Warps;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    let size = warps.size;
    let x = element % size;
    let y = element / size % size;
    let plane = element / size / size;
    let image = plane / warps.channels;
    if (image >= warps.images) {
        return;
    }
    if (warps.each[image].is_warped == 0u) {
        let flips = warps.each[image].flips;
        let column = select(x, size - 1u - x, (flips & 1u) != 0u);
        let row = select(y, size - 1u - y, (flips & 2u) != 0u);
        warped[element] = images[(plane * size + row) * size + column];
        return;
    }
    let first = plane * warps.side + 2u * (y + RIM) - CENTRE;
    var sum = 0.0;
    for (var tap = 0u; tap < TAPS; tap++) {
        sum += halved[(first + tap) * size + x] * warps.low_pass[tap];
    }
    warped[element] = sum;
}
