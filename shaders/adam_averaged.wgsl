// One step of Adam as in adam.wgsl, and after it the average's step to the new weights.
//
// One thread per element.
@group(0) @binding(0) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(1) var<storage, read_write> verdict: array<f32>;
@group(0) @binding(2) var<storage, read_write> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> square: array<f32>;
@group(0) @binding(5) var<storage, read_write> average: array<f32>;
@group(0) @binding(6) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    let bad = is_bad(verdict[0], verdict[1]);
    if (element >= plan.elements || (bad && plan.mend == 0u)) {
        return;
    }
    var g = gradient[element];
    if (bad) {
        g = mended(g);
    }
    let after = moved(weights[element], mean[element], square[element], g, plan);
    weights[element] = after.x;
    mean[element] = after.y;
    square[element] = after.z;
    average[element] = average[element] * plan.keep + after.x * plan.rest;
}
