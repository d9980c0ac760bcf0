//! The EDM teacher: trained here, or read from a file.

use std::path::PathBuf;

use super::limits::{LARGEST_RATE, LONGEST_KIMG, MAX_BATCH, SMALLEST_RATE};
use super::setting::{IDENTITY, LENGTH, REPORT, SOURCE, SPLIT, table};

table! {
    /// The EDM teacher: trained here, or read from a file.
    pub struct Teacher in "teacher" {
        /// A pretrained teacher (a run, a checkpoint, or a file that `signet import` knows); none trains one.
        path: Option<PathBuf> = None, SOURCE;
        /// A toy world itself judges the student, not this network. Students start from the network all the
        /// same, and SIGN's pairs (`reg`) are made by it.
        exact: bool = false, IDENTITY;
        /// Thousand images for the teacher's stage.
        kimg: f64 = 60.0, LENGTH.from(0.0).to(LONGEST_KIMG).tunable(0.0, LONGEST_KIMG);
        /// Images a step.
        batch: usize = 32, IDENTITY.whole().from(1.0).to(MAX_BATCH);
        /// Images that go through the network at once, the gradients of a batch being added up; 0 is the
        /// whole batch.
        micro_batch: usize = 0, SPLIT.whole().from(0.0).to(MAX_BATCH);
        /// The teacher's learning rate; its warm-up and its fall follow from it.
        learning_rate: f64 = 2e-3, IDENTITY.above(0.0).tunable(SMALLEST_RATE, LARGEST_RATE);
        /// Probability of each transformation of EDM's augmentation (0.12 for CIFAR-10); 0 is none. It mirrors
        /// every other image itself, instead of `data.x_flip`.
        augment: f64 = 0.0, IDENTITY.noun("a probability").from(0.0).to(1.0);
        /// The learning rate rises linearly over the first so many thousand images.
        warmup_kimg: f64 = 1.0, IDENTITY.from(0.0);
        /// Share of the learning rate that is left at the end of the stage, falling linearly from its
        /// beginning; 1 keeps it constant. In a stage that is made longer it goes on as if the stage had had
        /// its new length from the beginning.
        last_learning_rate: f64 = 1.0, IDENTITY.noun("a share").above(0.0).to(1.0);
        /// Half-life of the average of the weights, thousand images.
        ema_halflife_kimg: f64 = 5.0, IDENTITY.from(0.0);
        /// Steps of the deterministic Heun sampler for sample grids.
        sample_steps: usize = 12, REPORT.whole().from(1.0).to(1000.0);
    }
}
