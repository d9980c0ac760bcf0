// First stage of the finite-and-norm reduction: of each chunk of a flat block, the sum of squares of its
// finite values and the number of the others, in the rows from `first` on. finite_norm_total.wgsl adds the rows up.
//
// One workgroup per chunk.
struct Block { elements: u32, chunk: u32, first: u32 };
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
    let begin = chunk * size.chunk;
    // The last row of groups may be longer than the chunks; its threads still meet every barrier.
    let end = min(begin + size.chunk, size.elements);
    var sums = vec3<f32>();
    for (var k = begin + thread; k < end; k += {{ threads }}u) {
        sums += finite_square(block[k]);
    }
    sums = sum_three_over_workgroup(thread, sums);
    if (thread == 0u && begin < size.elements) {
        let row = size.first + chunk;
        partials[2u * row] = sums.x;
        partials[2u * row + 1u] = sums.y;
    }
}
