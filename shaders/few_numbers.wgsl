// Numbers that came with the launch, into memory of their own. The first word says how many there are.
//
// One thread per number. Bindings are read_write for the reason given in denoise_loss.wgsl.
@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let number = id.x + id.y * groups.x * {{ threads }}u;
    if (number < words[0]) {
        numbers[number] = bitcast<f32>(words[number + 1u]);
    }
}
