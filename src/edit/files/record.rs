//! What became of one file: how it was edited, and what was measured.

use std::path::{Path, PathBuf};

use super::Request;
use crate::edit::{Canvas, Direct, Fit, Mode, Settings, Task, Way};
use crate::eval::{psnr, ssim};

/// An edited file.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub result: PathBuf,
    pub way: Way,
    /// Of the result, pixels.
    pub width: usize,
    pub height: usize,
    /// How alike the input is to the picture that it was made from; none where nothing was spoiled.
    pub before: Option<Likeness>,
    /// How alike the result is to that picture, or to the input.
    pub after: Likeness,
    /// Root mean square of result minus input, [-1, 1] units.
    pub moved_rms: f64,
    /// Root mean square of f(y) - y for the result y, [-1, 1] units.
    pub idempotence_rms: f64,
}

/// How alike two pictures are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// dB; infinite for equal pictures.
    pub psnr: f64,
    pub ssim: f64,
}

impl Record {
    /// Measures the `result` in `edited` against what was `given`, or against the picture before it was
    /// spoiled.
    pub(super) fn new(
        result: PathBuf,
        settings: &Settings,
        edited: &Canvas,
        given: &[f32],
        clean: Option<&[f32]>,
        [moved_rms, idempotence_rms]: [f64; 2],
    ) -> Self {
        let shape = edited.shape;
        let sides = [shape.channels, shape.height, shape.width];
        let alike = |a: &[f32], b: &[f32]| Likeness { psnr: psnr(a, b), ssim: ssim(a, b, sides) };
        Self {
            result,
            way: settings.mode.way(),
            width: shape.width,
            height: shape.height,
            before: clean.map(|clean| alike(given, clean)),
            after: alike(&edited.numbers, clean.unwrap_or(given)),
            moved_rms,
            idempotence_rms,
        }
    }
}

/// What is written into the PNG: which program, and as JSON how the picture came about.
pub(super) fn texts(request: &Request, file: &Path, settings: &Settings) -> Vec<(&'static str, String)> {
    let mut words = serde_json::Map::new();
    let mut say = |name: &str, value: serde_json::Value| words.insert(name.to_string(), value);
    say("model", request.model.clone().into());
    say("file", file.display().to_string().into());
    for (name, value) in described(settings) {
        say(name, value);
    }
    say("fit", (if settings.fit == Fit::Tiles { "tiles" } else { "resize" }).into());
    say("seed", settings.seed.into());
    if let Some(class) = settings.class {
        say("class", class.into());
    }
    if let Some(mask) = &request.mask {
        say("mask", mask.display().to_string().into());
    }
    if let Some(corruption) = request.corruption {
        say("corrupt", corruption.to_string().into());
    }
    let json = serde_json::Value::Object(words).to_string();
    vec![("Software", format!("Signet {}", env!("CARGO_PKG_VERSION"))), ("signet", ascii(&json))]
}

/// The settings by name.
fn described(settings: &Settings) -> Vec<(&'static str, serde_json::Value)> {
    let mut words = vec![("mode", settings.mode.way().to_string().into())];
    match &settings.mode {
        Mode::Direct(Direct { steps, noise_sigma, strength_sigma }) => {
            words.push(("steps", (*steps).into()));
            words.push(("noise_sigma", (*noise_sigma).into()));
            words.push(("strength_sigma", (*strength_sigma).into()));
        }
        Mode::Constrained { task, sigmas } => {
            words.push(("sigmas", sigmas.clone().into()));
            if let Task::SuperResolve { patch } = task {
                words.push(("patch", (*patch).into()));
            }
        }
    }
    words
}

/// JSON with its characters beyond ASCII escaped: a PNG's text is Latin-1.
fn ascii(json: &str) -> String {
    let escaped = |c: char| -> String {
        if c.is_ascii() {
            return c.into();
        }
        c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    json.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_json_says_the_same() {
        let value = serde_json::json!({ "file": "Käse \u{1F9C0}.png", "steps": 3 });
        let escaped = ascii(&value.to_string());
        assert!(escaped.is_ascii(), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).expect("JSON"), value);
    }
}
