// A warp's first stage (see shared/warp.wgsl): rows of the flipped images, reflected beyond their ends and brought to
// twice their length, with zeros between the pixels and then the filter. One thread per number of the result.
@group(0) @binding(0) var<storage, read_write> images: array<f32>;
@group(0) @binding(1) var<storage, read_write> doubled: array<f32>;
@group(0) @binding(2) var<storage, read_write> warps: Warps;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    let size = warps.size;
    let row = element / (2u * warps.width);
    let image = row / (size * warps.channels);
    if (image >= warps.images) {
        return;
    }
    if (warps.each[image].is_warped == 0u) {
        return;
    }
    let flips = warps.each[image].flips;
    let y = row % size;
    let first = (row - y + select(y, size - 1u - y, (flips & 2u) != 0u)) * size;
    // Pixel i lies at place 2 i, and meets tap `place + CENTRE - 2 i`.
    let met = element % (2u * warps.width) + CENTRE;
    var sum = 0.0;
    for (var i = 0u; i < MET; i++) {
        // Below the first pixel it wraps around, and is beyond the last.
        let pixel = met / 2u - i;
        if (pixel < warps.width) {
            let x = reflected(pixel, warps.left, size);
            let value = images[first + select(x, size - 1u - x, (flips & 1u) != 0u)];
            sum += warps.low_pass[met % 2u + 2u * i] * value;
        }
    }
    doubled[element] = sum;
}
