//! Shape of a convolution.

use burn::backend::Shape;

/// Its numbers of samples, channels, pixels and taps.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub batch: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub height: usize,
    pub width: usize,
    /// Rows and columns.
    pub kernel: [usize; 2],
}

impl Sizes {
    /// For images `[batch, inputs, height, width]` and weights `[outputs, inputs, rows, columns]`.
    pub fn of(images: &Shape, weight: &Shape) -> Self {
        let [batch, height, width] = [images[0], images[2], images[3]];
        Self { batch, inputs: weight[1], outputs: weight[0], height, width, kernel: [weight[2], weight[3]] }
    }

    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Taps of the kernel.
    pub fn taps(&self) -> usize {
        let [rows, columns] = self.kernel;
        rows * columns
    }

    /// Products that are added up: as many in each of the three directions.
    pub fn multiply_adds(&self) -> u64 {
        let all = [self.inputs, self.outputs, self.taps(), self.pixels(), self.batch];
        all.into_iter().map(|number| number as u64).product()
    }

    /// The same with images and results exchanged: that of the data gradient.
    pub fn back(&self) -> Self {
        Self { inputs: self.outputs, outputs: self.inputs, ..*self }
    }
}
