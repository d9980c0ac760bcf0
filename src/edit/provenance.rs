//! How a picture came about, in the words that are kept in its file.

use super::{Direct, Fit, Mode, Settings, Task};
use crate::words::ascii_json;

/// What an edited picture was made of, and how.
#[derive(Clone, Debug)]
pub struct Provenance<'a> {
    pub model: &'a str,
    /// Where the picture came from.
    pub file: String,
    pub settings: &'a Settings,
    /// Where the mask came from, if there was one.
    pub mask: Option<String>,
    /// How the picture was spoiled first.
    pub corruption: Option<String>,
}

impl Provenance<'_> {
    /// What is written into the PNG: which program, and as JSON how the picture came about.
    pub fn texts(&self) -> Vec<(&'static str, String)> {
        let Self { model, file, settings, mask, corruption } = self;
        let mut words = serde_json::Map::new();
        let mut say = |name: &str, value: serde_json::Value| words.insert(name.to_string(), value);
        say("model", (*model).into());
        say("file", file.as_str().into());
        for (name, value) in described(settings) {
            say(name, value);
        }
        say("fit", (if settings.fit == Fit::Tiles { "tiles" } else { "resize" }).into());
        say("seed", settings.seed.into());
        say("picture", settings.picture.into());
        if let Some(class) = settings.class {
            say("class", class.into());
        }
        if let Some(mask) = mask {
            say("mask", mask.as_str().into());
        }
        if let Some(corruption) = corruption {
            say("corrupt", corruption.as_str().into());
        }
        let json = serde_json::Value::Object(words).to_string();
        vec![("Software", format!("Signet {}", env!("CARGO_PKG_VERSION"))), ("signet", ascii_json(&json))]
    }
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
