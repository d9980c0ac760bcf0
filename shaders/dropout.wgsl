// Dropout: each number times `scale`, or times 0 where its uniform is not kept. A mask's uniforms are those of
// one sample of the generator, from number `first` on; of their words the upper 24 bits are compared.
//
// One thread per block of four of the mask's numbers.
struct Draw { seed: u32, stream: u32, step: u32, step_high: u32 };
struct Mask { number: u32, first_block: u32, skipped: u32, elements: u32, kept_below: u32, scale: f32 };
@group(0) @binding(0) var<storage, read_write> x: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> y: array<{{ type_1 }}>;
@group(0) @binding(2) var<storage, read_write> draw: Draw;
@group(0) @binding(3) var<storage, read_write> mask: Mask;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let thread = thread_number(id, groups);
    let end = mask.skipped + mask.elements;
    if (4u * thread >= end) {
        return;
    }
    let counter = vec4<u32>(mask.first_block + thread, mask.number, draw.step, draw.step_high);
    let words = philox(counter, vec2<u32>(draw.seed, draw.stream));
    for (var i = 0u; i < 4u; i++) {
        let place = 4u * thread + i;
        if (place >= mask.skipped && place < end) {
            let factor = select(0.0, mask.scale, (words[i] >> 8u) < mask.kept_below);
            y[place - mask.skipped] = {{ type_1 }}(f32(x[place - mask.skipped]) * factor);
        }
    }
}
