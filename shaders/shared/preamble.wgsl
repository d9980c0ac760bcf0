// What every stage may use; `shader.rs` puts it in front of each. Workgroup memory that a stage does not use costs it
// nothing: no driver reserves it.
//
// Bindings are read_write in all stages, also where one only reads: burn's pool may put several tensors into one
// buffer, and read next to read_write on one buffer in one dispatch is a validation error.
//
// `type_0` and so on are the types of the numbers in the tensors bound there: f32, or f16 for images inside a network
// that is trained in mixed precision. All arithmetic is f32.

// Parameters of the losses: images, values of one image, and a number that the loss names.
struct Params { samples: u32, per_sample: u32, scalar: f32, unused: u32 };

// Where threads are. Workgroups that one dimension of a dispatch does not hold lie in several rows. The last row may
// reach beyond what there is to do: its threads have nothing to add or to write, but meet every barrier.
//
// Stages name their built-in inputs one by one: of a struct of them, naga's HLSL would pass on a wrong number of groups.

// Number of a workgroup in its dispatch.
fn group_number(group: vec3<u32>, groups: vec3<u32>) -> u32 {
    return group.x + group.y * groups.x;
}

// Number of a thread in its dispatch.
fn thread_number(id: vec3<u32>, groups: vec3<u32>) -> u32 {
    return id.x + id.y * groups.x * {{ threads }}u;
}

// False for NaN and infinity. The exponent's bits say so: compilers of shaders may take for granted
// that a float is neither.
fn is_finite(value: f32) -> bool {
    return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

// Sums one value of every thread of a workgroup. The tree has one fixed order, so that the same
// inputs give the same bits on every run; no float atomics, no subgroups.
var<workgroup> partial: array<f32, {{ threads }}>;

fn sum_over_workgroup(thread: u32, value: f32) -> f32 {
    partial[thread] = value;
    workgroupBarrier();
    for (var stride = {{ threads }}u / 2u; stride > 0u; stride >>= 1u) {
        if (thread < stride) {
            partial[thread] += partial[thread + stride];
        }
        workgroupBarrier();
    }
    return partial[0];
}

// Sums three values of every thread of a workgroup at once, in the same order.
var<workgroup> partial_three: array<vec3<f32>, {{ threads }}>;

fn sum_three_over_workgroup(thread: u32, values: vec3<f32>) -> vec3<f32> {
    partial_three[thread] = values;
    workgroupBarrier();
    for (var stride = {{ threads }}u / 2u; stride > 0u; stride >>= 1u) {
        if (thread < stride) {
            partial_three[thread] += partial_three[thread + stride];
        }
        workgroupBarrier();
    }
    return partial_three[0];
}
