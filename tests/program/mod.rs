//! The program as tests start it.

use std::path::Path;
use std::process::{Command, Output};

/// Runs `signet` in `folder` without a display.
pub fn signet(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
    command.current_dir(folder).args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.output().expect("the program starts")
}

/// Everything that it said.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A recipe of seconds, as text that ends within `[report]`: SIGN on colour pictures of 8×8 pixels.
pub fn tiny(teacher_kimg: f64, student_kimg: f64) -> String {
    format!(
        r#"
name = "tiny"
seed = 0
[data]
size = 8
limit = 64
[network]
model_channels = 8
attn_resolutions = []
[teacher]
kimg = {teacher_kimg}
batch = 8
sample_steps = 2
[student]
method = "sign"
kimg = {student_kimg}
batch = 8
[student.sign]
head_steps = 4
[report]
grid = 4
metric_samples = 8
"#
    )
}

/// Where the first run of such a recipe goes.
pub const RUN: &str = "runs/00000-tiny-sign";

/// Trains in `folder` by that text, on the CPU and in the terminal.
pub const TRAIN: [&str; 5] = ["train", "tiny.toml", "--device", "cpu", "--headless"];

pub fn write_recipe(folder: &Path, recipe: &str) {
    std::fs::write(folder.join("tiny.toml"), recipe).expect("the recipe");
}

/// Trains by the recipe in `folder`, which goes well.
pub fn train(folder: &Path, more: &[&str]) {
    let trained = signet(folder, &[&TRAIN, more].concat());
    assert!(trained.status.success(), "{}", text(&trained));
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("copies");
        }
    }
}
