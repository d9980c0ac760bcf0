// A warp's third stage (see shared/warp.wgsl): rows brought back to their length, without the rims, by the filter at
// every other place. One thread per number of the result.
@group(0) @binding(0) var<storage, read_write> sampled: array<f32>;
@group(0) @binding(1) var<storage, read_write> halved: array<f32>;
@group(0) @binding(2) var<storage, read_write> warps: Warps;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    let row = element / warps.size;
    let image = row / (warps.side * warps.channels);
    if (image >= warps.images) {
        return;
    }
    if (warps.each[image].is_warped == 0u) {
        return;
    }
    let first = row * warps.side + 2u * (element % warps.size + RIM) - CENTRE;
    var sum = 0.0;
    for (var tap = 0u; tap < TAPS; tap++) {
        sum += sampled[first + tap] * warps.low_pass[tap];
    }
    halved[element] = sum;
}
