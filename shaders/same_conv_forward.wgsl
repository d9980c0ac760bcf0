@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> results: array<{{ type_3 }}>;
@group(0) @binding(4) var<storage, read_write> run: Run;

fn put(at: u32, result: f32) {
    results[at] = {{ type_3 }}(result);
}

fn finished(row: u32, sum: vec4<f32>) -> vec4<f32> {
    return sum + bias[row];
}
