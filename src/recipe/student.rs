//! How the one-step generator is distilled.

use serde::{Deserialize, Serialize};

use super::limits::{LARGEST_ALPHA, LARGEST_RATE, LONGEST_KIMG, MAX_BATCH, SMALLEST_RATE};
use super::setting::{IDENTITY, LENGTH, SPLIT, no_numbers, table};
use super::sign::Sign;

/// How the one-step generator is distilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    Sid,
    Sign,
}

table! {
    /// The one-step generator and its fake score.
    pub struct Student in "student" {
        /// Distil with this method: sid or sign.
        method: Method = Method::Sign, IDENTITY;
        /// Thousand images for the student's stage; 0 trains a teacher alone.
        kimg: f64 = 60.0, LENGTH.from(0.0).to(LONGEST_KIMG).tunable(0.0, LONGEST_KIMG);
        /// Images a step.
        batch: usize = 16, IDENTITY.whole().from(1.0).to(MAX_BATCH);
        /// As `teacher.micro_batch`, for the student's stage.
        micro_batch: usize = 0, SPLIT.whole().from(0.0).to(MAX_BATCH);
        /// The generator's learning rate; its fall follows from it.
        learning_rate: f64 = 2e-4, IDENTITY.above(0.0).tunable(SMALLEST_RATE, LARGEST_RATE);
        /// The fake score's learning rate.
        fake_learning_rate: f64 = 6e-4, IDENTITY.above(0.0).tunable(SMALLEST_RATE, LARGEST_RATE);
        /// As `teacher.last_learning_rate`, for the student's own rate. The fake score's stays, so that it keeps up with a
        /// student that moves less and less.
        last_learning_rate: f64 = 1.0, IDENTITY.noun("a share").above(0.0).to(1.0);
        /// As `teacher.ema_halflife_kimg`, for the generator's weights.
        ema_halflife_kimg: f64 = 5.0, IDENTITY.from(0.0);
        tables { sid: Sid, sign: Sign, }
    }
}

table! {
    /// Score identity Distillation (Zhou et al., 2024).
    pub struct Sid in "student.sid" {
        /// What the generator goes down: sid, or dmd to compare with.
        objective: Objective = Objective::Sid, IDENTITY;
        /// How far SiD's loss corrects itself by the two scores' difference.
        alpha: f64 = 1.2, IDENTITY.tunable(-LARGEST_ALPHA, LARGEST_ALPHA);
        /// Noise level at which the generator is queried.
        sigma_init: f64 = 2.5, IDENTITY.noun("a noise level").above(0.0).to(80.0);
        /// Largest time of the loss's noise schedule, of 1000.
        t_max: f64 = 800.0, IDENTITY.above(0.0).to(1000.0);
        /// Factor of the summed generator loss.
        loss_scale: f64 = 100.0, IDENTITY.from(0.0);
    }
}

/// What a one-step generator goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objective {
    /// SiD's model-based Fisher divergence.
    Sid,
    /// Distribution matching (DMD, Yin et al., 2024) without its regression: to compare with; `alpha` does
    /// not apply.
    Dmd,
}

no_numbers!(Method Objective);
