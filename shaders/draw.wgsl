// Random numbers of some samples of one step, `per_sample` each: uniforms with 24 bits, or standard normals.
// Four of a sample's numbers that follow each other share the counter's block.
//
// One thread per block.
struct Draw {
    seed: u32, stream: u32, step: u32, step_high: u32,
    first: u32, samples: u32, per_sample: u32, normal: u32,
};
@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> draw: Draw;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let thread = thread_number(id, groups);
    let blocks = (draw.per_sample + 3u) / 4u;
    let sample = thread / blocks;
    let block = thread % blocks;
    if (sample >= draw.samples) {
        return;
    }
    let counter = vec4<u32>(block, draw.first + sample, draw.step, draw.step_high);
    let words = philox(counter, vec2<u32>(draw.seed, draw.stream));
    var four = vec4<f32>(words >> vec4<u32>(8u)) * 0x1p-24;
    if (draw.normal == 1u) {
        four = vec4<f32>(box_muller(words.x, words.y), box_muller(words.z, words.w));
    }
    for (var i = 0u; i < min(4u, draw.per_sample - 4u * block); i++) {
        numbers[sample * draw.per_sample + 4u * block + i] = four[i];
    }
}
