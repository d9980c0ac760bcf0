//! A checked list of operations: every value has a shape, every weight its place, and no value is kept
//! longer than somebody needs it.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::{Device, Tensor};

use super::bad;
use super::file::{File, Op};
use super::layer::Layer;
use super::shape::Shape;
use super::source::Source;
use crate::error::Result;

/// Most operations: the deepest networks for images have some hundreds.
const MOST_OPS: usize = 4096;
/// Most numbers of a value for one image, 64 MiB: VGG's largest have 3 million.
const MOST_ELEMENTS: usize = 1 << 24;

/// One operation, ready to run. Values are counted: the image is number 0, step i gives number i + 1.
struct Step {
    layer: Layer,
    inputs: Vec<usize>,
    /// Values that no later step needs.
    over: Vec<usize>,
}

/// The network.
pub struct Plan {
    steps: Vec<Step>,
    shapes: Vec<Shape>,
    /// Number of the features' value, and of the logits'.
    pooled: usize,
    logits: Option<usize>,
}

impl Plan {
    /// The operations of `file` for images of `side` pixels.
    ///
    /// # Errors
    /// `Kind::Checkpoint` naming the first operation that cannot be run.
    pub fn new(
        file: &File,
        named: &BTreeMap<String, Vec<f32>>,
        side: usize,
        device: &Device,
    ) -> Result<Self> {
        if file.ops.len() > MOST_OPS {
            return Err(bad(format!("it has {} operations, the most are {MOST_OPS}", file.ops.len())));
        }
        let source = Source { named, device };
        let mut building = Building {
            numbers: HashMap::from([(file.input, 0)]),
            shapes: vec![Shape { channels: 3, side }],
            steps: Vec::new(),
        };
        for (i, op) in file.ops.iter().enumerate() {
            let at = |what| bad(format!("operation {i}, which gives {}: {what}", op.out()));
            building.add(op, &source).map_err(at)?;
        }
        let Building { steps, shapes, .. } = building;
        let of = |wanted: fn(&Layer) -> bool| -> Vec<usize> {
            (1..).zip(&steps).filter(|(_, step)| wanted(&step.layer)).map(|(i, _)| i).collect()
        };
        let means = of(|layer| matches!(layer, Layer::Mean));
        let layers = of(|layer| matches!(layer, Layer::Fc(..)));
        let ([pooled], [] | [_]) = (means.as_slice(), layers.as_slice()) else {
            let (means, layers) = (means.len(), layers.len());
            return Err(bad(format!(
                "it has {means} means and {layers} fully connected layers, not one of each"
            )));
        };
        let (pooled, logits) = (*pooled, layers.first().copied());
        let mut plan = Self { steps, shapes, pooled, logits };
        plan.end_lives();
        Ok(plan)
    }

    /// Notes after which step each value is not needed any more.
    fn end_lives(&mut self) {
        let mut seen: Vec<usize> = vec![self.pooled];
        seen.extend(self.logits);
        for (i, step) in self.steps.iter_mut().enumerate().rev() {
            for value in step.inputs.iter().copied().chain([i + 1]) {
                if !seen.contains(&value) {
                    seen.push(value);
                    step.over.push(value);
                }
            }
        }
    }

    /// Numbers of an image's features.
    pub fn pooled_len(&self) -> usize {
        self.shapes[self.pooled].channels
    }

    /// Numbers of an image's logits.
    pub fn logits_len(&self) -> usize {
        self.logits.map_or(0, |value| self.shapes[value].channels)
    }

    /// Numbers of the largest value for one image.
    pub fn largest(&self) -> usize {
        self.shapes.iter().map(|shape| shape.elements().unwrap_or(usize::MAX)).max().unwrap_or(1)
    }

    /// Features `[batch, dim]` and logits `[batch, classes]` of images `[batch, 3, side, side]`.
    pub fn run(&self, images: Tensor<4>) -> (Tensor<2>, Option<Tensor<2>>) {
        let nothing = Tensor::<4>::zeros([1, 1, 1, 1], &images.device());
        let mut values = vec![images];
        for step in &self.steps {
            let inputs: Vec<Tensor<4>> = step.inputs.iter().map(|value| values[*value].clone()).collect();
            // Before the layer runs, so that it may write over what only it still holds.
            let is_dead = |value: usize| step.over.contains(&value);
            (0..values.len()).filter(|v| is_dead(*v)).for_each(|v| values[v] = nothing.clone());
            let y = step.layer.forward(inputs).filter(|_| !is_dead(values.len()));
            values.push(y.unwrap_or_else(|| nothing.clone()));
        }
        let flat = |value: usize| values[value].clone().flatten::<2>(1, 3);
        (flat(self.pooled), self.logits.map(flat))
    }
}

/// What is known while operations are read one after another.
struct Building {
    /// The file's numbers of values, as ours.
    numbers: HashMap<u64, usize>,
    shapes: Vec<Shape>,
    steps: Vec<Step>,
}

impl Building {
    fn add(&mut self, op: &Op, source: &Source<'_>) -> Result<(), String> {
        let number = |value: &u64| {
            self.numbers.get(value).copied().ok_or_else(|| format!("nothing gives its input {value}"))
        };
        let inputs = op.inputs().iter().map(number).collect::<Result<Vec<_>, _>>()?;
        let shapes: Vec<Shape> = inputs.iter().map(|value| self.shapes[*value]).collect();
        let (layer, shape) = Layer::new(op, &shapes, source)?;
        if shape.elements().is_none_or(|numbers| numbers > MOST_ELEMENTS) {
            return Err(format!("a result of {shape} is too large"));
        }
        if self.numbers.insert(op.out(), self.shapes.len()).is_some() {
            return Err("something before it gives the same".into());
        }
        self.shapes.push(shape);
        self.steps.push(Step { layer, inputs, over: Vec::new() });
        Ok(())
    }
}
