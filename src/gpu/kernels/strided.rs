//! Row-major matrices whose rows do not follow each other.

use faer::{MatMut, MatRef};

/// `[rows, columns]`, from the beginning of `values` on, with so many numbers from row to row.
pub fn matrix(values: &[f32], [rows, columns]: [usize; 2], stride: usize) -> MatRef<'_, f32> {
    let values = &values[..len([rows, columns], stride)];
    MatRef::from_row_major_slice_with_stride(values, rows, columns, stride)
}

/// The same to be written.
pub fn matrix_mut(values: &mut [f32], [rows, columns]: [usize; 2], stride: usize) -> MatMut<'_, f32> {
    let values = &mut values[..len([rows, columns], stride)];
    // faer 0.24.4 mixes up the strides of its row-major constructor.
    MatMut::from_column_major_slice_with_stride_mut(values, columns, rows, stride).transpose_mut()
}

/// Up to the end of the last row.
fn len([rows, columns]: [usize; 2], stride: usize) -> usize {
    (rows - 1) * stride + columns
}
