//! The recipes that come with the program.

use super::{Data, Method, Network, Optimiser, Recipe, Report, Student, Teacher};

/// Names and what they are for, as `--help` shows them.
pub const PRESETS: [(&str, &str); 3] = [
    ("demo", "the built-in pictures at 16×16: a small teacher, then SIGN, on any machine"),
    ("small-sign", "your images at 16×16 or 32×32: a teacher, then SIGN (an editor)"),
    ("small-sid", "your images at 16×16 or 32×32: a teacher, then SiD (one-step samples)"),
];

/// Names of the presets.
pub fn names() -> Vec<&'static str> {
    PRESETS.iter().map(|(name, _)| *name).collect()
}

/// The preset called `name`.
pub fn preset(name: &str) -> Option<Recipe> {
    match name {
        "demo" => Some(demo()),
        "small-sign" => Some(small(Method::Sign)),
        "small-sid" => Some(small(Method::Sid)),
        _ => None,
    }
}

fn demo() -> Recipe {
    Recipe {
        name: "demo".into(),
        seed: 0,
        data: Data { size: 16, ..Data::default() },
        network: Network { model_channels: 24, ..Network::default() },
        // The place of a pretrained teacher that comes with the program: `teacher.path`.
        teacher: Teacher { kimg: 40.0, ..Teacher::default() },
        student: Student { kimg: 24.0, ..Student::default() },
        optimiser: Optimiser::default(),
        report: Report::default(),
    }
}

fn small(method: Method) -> Recipe {
    Recipe {
        name: if method == Method::Sign { "small-sign" } else { "small-sid" }.into(),
        seed: 0,
        data: Data { x_flip: true, ..Data::default() },
        network: Network::default(),
        teacher: Teacher { kimg: 100.0, ..Teacher::default() },
        student: Student { method, kimg: 100.0, ..Student::default() },
        optimiser: Optimiser::default(),
        report: Report::default(),
    }
}
