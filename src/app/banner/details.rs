//! What a user sends to whoever helps: the trouble, and what it happened to.

use crate::app::status::Status;

/// `words`, and what is known of the program and its run, as plain text.
pub fn text(status: &Status, words: &str) -> String {
    let mut lines = vec![words.to_owned(), String::new()];
    lines.push(format!("signet {} on {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS));
    if !status.device.is_empty() {
        lines.push(format!("device: {}", status.device));
        lines.push(format!("recipe: {}, {2}×{2} pixels{1}", status.recipe, stage(status), status.resolution));
    }
    if let Some(at) = &status.at {
        lines.push(format!("at: {} kimg of {}, step {}", at.kimg, at.stage.name(), at.step));
    }
    if let Some(dir) = &status.run_dir {
        lines.push(format!("run folder: {}", dir.display()));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn stage(status: &Status) -> String {
    let words = |(stage, parameters): (crate::run::message::Stage, usize)| {
        format!(", {} with {parameters} parameters", stage.name())
    };
    status.stage.map(words).unwrap_or_default()
}
