// First stage of the finite-and-norm reduction: of each chunk of a flat block, the sum of squares of its
// finite values and the number of the others. The host adds the chunks up in double precision.
//
// One workgroup per chunk.
struct Block { elements: u32, chunk: u32 };
@group(0) @binding(0) var<storage, read_write> block: array<f32>;
@group(0) @binding(1) var<storage, read_write> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> size: Block;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let chunk = group_number(group, groups);
    let first = chunk * size.chunk;
    let end = min(first + size.chunk, size.elements);
    var sums = vec3<f32>();
    for (var k = first + thread; k < end; k += {{ threads }}u) {
        let value = block[k];
        sums += select(vec3<f32>(0.0, 1.0, 0.0), vec3<f32>(value * value, 0.0, 0.0), is_finite(value));
    }
    sums = sum_three_over_workgroup(thread, sums);
    if (thread == 0u && first < size.elements) {
        partials[2u * chunk] = sums.x;
        partials[2u * chunk + 1u] = sums.y;
    }
}
