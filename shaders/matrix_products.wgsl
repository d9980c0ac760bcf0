// Products of matrices, one for each row of a batch, wherever their numbers lie: c[m, n] = SCALE sum_k a[m, k] b[k, n],
// each factor with its own stride from row to row and from column to column.
//
// A workgroup computes a tile of ROWS × COLUMNS, a thread 8 × 8 of it, in DEPTH products at a time (see same_conv.wgsl).
// Shape and strides are compiled in, the number of matrices is not.
const M = {{ m }}u;
const N = {{ n }}u;
const K = {{ k }}u;
const A_OFFSET = {{ a_offset }}u;
const A_BATCH = {{ a_batch }}u;
const A_M = {{ a_m }}u;
const A_K = {{ a_k }}u;
const B_OFFSET = {{ b_offset }}u;
const B_BATCH = {{ b_batch }}u;
const B_K = {{ b_k }}u;
const B_N = {{ b_n }}u;
const C_OFFSET = {{ c_offset }}u;
const C_BATCH = {{ c_batch }}u;
const C_M = {{ c_m }}u;

const ROWS = 64u;
const COLUMNS = 128u;
const DEPTH = 16u;
const ROW_TILES = (M + ROWS - 1u) / ROWS;
const COLUMN_TILES = (N + COLUMNS - 1u) / COLUMNS;
const ROW_STRIDE = ROWS / 4u + 1u;
const COLUMN_STRIDE = COLUMNS / 4u + 1u;
const ACROSS = COLUMNS / 8u;

@group(0) @binding(0) var<storage, read_write> a: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> b: array<{{ type_1 }}>;
@group(0) @binding(2) var<storage, read_write> c: array<{{ type_2 }}>;
struct Run { batch: u32 };
@group(0) @binding(3) var<storage, read_write> run: Run;

// Four neighbouring rows, or columns, at one depth.
var<workgroup> a_tile: array<vec4<f32>, DEPTH * ROW_STRIDE>;
var<workgroup> b_tile: array<vec4<f32>, DEPTH * COLUMN_STRIDE>;

fn a_at(batch: u32, m: u32, k: u32) -> f32 {
    if (m >= M || k >= K) {
        return 0.0;
    }
    return f32(a[A_OFFSET + batch * A_BATCH + m * A_M + k * A_K]);
}

fn b_at(batch: u32, k: u32, n: u32) -> f32 {
    if (n >= N || k >= K) {
        return 0.0;
    }
    return f32(b[B_OFFSET + batch * B_BATCH + k * B_K + n * B_N]);
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let tile = group_number(group, groups);
    let first_row = tile % ROW_TILES * ROWS;
    let first_column = tile / ROW_TILES % COLUMN_TILES * COLUMNS;
    // The last row of workgroups may be longer than the tiles; what it computes is written nowhere.
    let batch = min(tile / (ROW_TILES * COLUMN_TILES), run.batch - 1u);
    let is_real = tile < ROW_TILES * COLUMN_TILES * run.batch;

    let own_row = thread / ACROSS * 2u;
    let own_column = thread % ACROSS;
    var upper_left = mat4x4<f32>();
    var upper_right = mat4x4<f32>();
    var lower_left = mat4x4<f32>();
    var lower_right = mat4x4<f32>();
    for (var first = 0u; first < K; first += DEPTH) {
        // Neighbouring threads fetch along the side on which numbers are neighbours.
        for (var i = thread; i < DEPTH * ROWS / 4u; i += {{ threads }}u) {
            let k = select(i / (ROWS / 4u), i % DEPTH, A_K == 1u);
            let four = select(i % (ROWS / 4u), i / DEPTH, A_K == 1u);
            let row = first_row + four * 4u;
            a_tile[k * ROW_STRIDE + four] = vec4<f32>(
                a_at(batch, row, first + k),
                a_at(batch, row + 1u, first + k),
                a_at(batch, row + 2u, first + k),
                a_at(batch, row + 3u, first + k),
            );
        }
        for (var i = thread; i < DEPTH * COLUMNS / 4u; i += {{ threads }}u) {
            let k = select(i / (COLUMNS / 4u), i % DEPTH, B_K == 1u);
            let four = select(i % (COLUMNS / 4u), i / DEPTH, B_K == 1u);
            let column = first_column + four * 4u;
            b_tile[k * COLUMN_STRIDE + four] = vec4<f32>(
                b_at(batch, first + k, column),
                b_at(batch, first + k, column + 1u),
                b_at(batch, first + k, column + 2u),
                b_at(batch, first + k, column + 3u),
            );
        }
        workgroupBarrier();
        for (var k = 0u; k < DEPTH; k++) {
            let upper = a_tile[k * ROW_STRIDE + own_row];
            let lower = a_tile[k * ROW_STRIDE + own_row + 1u];
            let left = b_tile[k * COLUMN_STRIDE + own_column];
            let right = b_tile[k * COLUMN_STRIDE + own_column + ACROSS];
            upper_left += outer(upper, left);
            upper_right += outer(upper, right);
            lower_left += outer(lower, left);
            lower_right += outer(lower, right);
        }
        workgroupBarrier();
    }
    if (is_real) {
        let row = first_row + own_row * 4u;
        let column = first_column + own_column * 4u;
        write(batch, row, column, upper_left);
        write(batch, row, column + ACROSS * 4u, upper_right);
        write(batch, row + 4u, column, lower_left);
        write(batch, row + 4u, column + ACROSS * 4u, lower_right);
    }
}

fn write(batch: u32, row: u32, column: u32, sums: mat4x4<f32>) {
    write_row(batch, row, column, sums[0]);
    write_row(batch, row + 1u, column, sums[1]);
    write_row(batch, row + 2u, column, sums[2]);
    write_row(batch, row + 3u, column, sums[3]);
}

fn write_row(batch: u32, row: u32, column: u32, sum: vec4<f32>) {
    if (row >= M) {
        return;
    }
    let scale = bitcast<f32>({{ scale_bits }}u);
    let start = C_OFFSET + batch * C_BATCH + row * C_M + column;
    for (var j = 0u; j < 4u; j++) {
        if (column + j < N) {
            c[start + j] = {{ type_2 }}(scale * sum[j]);
        }
    }
}
