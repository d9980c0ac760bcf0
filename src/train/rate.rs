//! Learning rates over a stage, counted in images seen before the step.

use crate::recipe::{Recipe, Stage, Student, Teacher};

/// Linear warm-up from 0 over the first `warmup_kimg` thousand images (so that the very first step
/// moves nothing), then constant, as EDM trains its denoisers. A warm-up of 0 is none.
pub fn warmed_up(learning_rate: f64, images_seen: u64, warmup_kimg: f64) -> f64 {
    let images = warmup_kimg * 1000.0;
    let ramp = if images > 0.0 { (images_seen as f64 / images).min(1.0) } else { 1.0 };
    learning_rate * ramp
}

/// Linear fall from `learning_rate` to its share `last` over a stage of `stage_kimg`.
pub fn falling(learning_rate: f64, images_seen: u64, stage_kimg: f64, last: f64) -> f64 {
    let done = (images_seen as f64 / (stage_kimg * 1000.0).max(1.0)).min(1.0);
    learning_rate * (1.0 - done * (1.0 - last))
}

/// The rate of a student (not that of its fake score) after `images_seen` of its stage.
pub fn of_student(student: &Student, images_seen: u64) -> f64 {
    falling(student.learning_rate, images_seen, student.kimg, student.last_learning_rate)
}

/// The rate of a teacher after `images_seen` of its stage.
pub fn of_teacher(teacher: &Teacher, images_seen: u64) -> f64 {
    let falling = falling(teacher.learning_rate, images_seen, teacher.kimg, teacher.last_learning_rate);
    warmed_up(falling, images_seen, teacher.warmup_kimg)
}

/// Weight of SIGN's idempotence after `images_seen` of its stage: ramped up over the first share of it.
pub fn of_idempotence(student: &Student, images_seen: u64) -> f64 {
    warmed_up(student.sign.idem, images_seen, student.sign.idem_ramp * student.kimg)
}

/// What follows the course of `stage` of `recipe`, and what it is after `images_seen`.
pub fn course(recipe: &Recipe, stage: Stage, images_seen: u64) -> Vec<(&'static str, f64)> {
    let rate = match stage {
        Stage::Teacher => of_teacher(&recipe.teacher, images_seen),
        Stage::Sid | Stage::Sign => of_student(&recipe.student, images_seen),
    };
    let mut course = vec![("the learning rate", rate)];
    if stage == Stage::Sign {
        course.push(("the weight of idempotence", of_idempotence(&recipe.student, images_seen)));
    }
    course
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_begin_and_end_where_they_should() {
        let warm = |images| warmed_up(1e-3, images, 4.0);
        assert_eq!((warm(0), warm(1000), warm(4000), warm(9000)), (0.0, 2.5e-4, 1e-3, 1e-3));
        assert_eq!(warmed_up(1e-3, 0, 0.0), 1e-3);
        let fall = |images| falling(1.0, images, 1.0, 0.05);
        assert_eq!((fall(0), fall(500)), (1.0, 0.525));
        assert!((fall(5000) - 0.05).abs() < 1e-12);
    }
}
