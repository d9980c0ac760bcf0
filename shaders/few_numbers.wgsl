// Numbers that came with the launch, into memory of their own, bit by bit. The first word says how many there are.
//
// One thread per number.
@group(0) @binding(0) var<storage, read_write> numbers: array<u32>;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let number = thread_number(id, groups);
    if (number < words[0]) {
        numbers[number] = words[number + 1u];
    }
}
