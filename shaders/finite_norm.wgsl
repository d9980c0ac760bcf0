// First stage of the finite-and-norm reduction: of each chunk of six flat blocks, the sum of squares of its finite values
// and the number of the others, in the rows from `first` on. finite_norm_total.wgsl adds the rows up. Six are as many as
// fit beside sums and parameters into the buffers that WebGPU guarantees; chunks are numbered through, and so are rows.
//
// One workgroup per chunk.
struct Blocks { chunk: u32, first: u32, elements: array<u32, 6> };
@group(0) @binding(0) var<storage, read_write> block_0: array<f32>;
@group(0) @binding(1) var<storage, read_write> block_1: array<f32>;
@group(0) @binding(2) var<storage, read_write> block_2: array<f32>;
@group(0) @binding(3) var<storage, read_write> block_3: array<f32>;
@group(0) @binding(4) var<storage, read_write> block_4: array<f32>;
@group(0) @binding(5) var<storage, read_write> block_5: array<f32>;
@group(0) @binding(6) var<storage, read_write> partials: array<f32>;
@group(0) @binding(7) var<storage, read_write> size: Blocks;

fn value_of(block: u32, k: u32) -> f32 {
    var value = 0.0;
    switch block {
        case 0u: { value = block_0[k]; }
        case 1u: { value = block_1[k]; }
        case 2u: { value = block_2[k]; }
        case 3u: { value = block_3[k]; }
        case 4u: { value = block_4[k]; }
        default: { value = block_5[k]; }
    }
    return value;
}

// What a number adds to the sums of the finite-and-norm reduction: its square if it is finite, else 1 to the count of
// those that are not.
fn finite_square(value: f32) -> vec3<f32> {
    return select(vec3<f32>(0.0, 1.0, 0.0), vec3<f32>(value * value, 0.0, 0.0), is_finite(value));
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let number = group_number(group, groups);
    // Which block that is, and which of its chunks. The last row of groups may be longer than the chunks: it is of no
    // block, has no elements, and its threads still meet every barrier.
    var block = 0u;
    var chunk = number;
    var elements = 0u;
    for (; block < 6u; block += 1u) {
        let chunks = (size.elements[block] + size.chunk - 1u) / size.chunk;
        if (chunk < chunks) {
            elements = size.elements[block];
            break;
        }
        chunk -= chunks;
    }
    let begin = chunk * size.chunk;
    let end = min(begin + size.chunk, elements);
    var sums = vec3<f32>();
    for (var k = begin + thread; k < end; k += {{ threads }}u) {
        sums += finite_square(value_of(block, k));
    }
    sums = sum_three_over_workgroup(thread, sums);
    if (thread == 0u && begin < elements) {
        let row = size.first + number;
        partials[2u * row] = sums.x;
        partials[2u * row + 1u] = sums.y;
    }
}
