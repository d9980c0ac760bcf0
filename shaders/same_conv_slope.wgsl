@group(0) @binding(2) var<storage, read_write> results: array<{{ type_2 }}>;
@group(0) @binding(3) var<storage, read_write> run: Run;

fn put(at: u32, result: f32) {
    results[at] = {{ type_2 }}(result);
}

fn finished(row: u32, sum: vec4<f32>) -> vec4<f32> {
    return sum;
}
