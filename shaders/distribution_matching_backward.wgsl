// Gradient of distribution matching in y: slope = scale[i] (fake - real), scale[i] = gradient[i] * factor[i];
// 0 in a sample that was left out and where fake is not finite. The other images are constants.
//
// One thread per element.
@group(0) @binding(0) var<storage, read_write> real: array<f32>;
@group(0) @binding(1) var<storage, read_write> fake: array<f32>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> slope: array<f32>;
@group(0) @binding(4) var<storage, read_write> params: Params;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element >= params.samples * params.per_sample) {
        return;
    }
    let of_sample = scale[element / params.per_sample];
    let usable = of_sample != 0.0 && is_finite(fake[element]);
    slope[element] = select(0.0, of_sample * (fake[element] - real[element]), usable);
}
