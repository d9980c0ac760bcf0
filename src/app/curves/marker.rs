//! What happened in a run, as vertical lines across its curves.

use eframe::egui::Color32;

use super::moment::Moment;
use crate::app::theme::Palette;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Stage,
    Checkpoint,
    /// A warning of the trainer's: an alarm about the samples, a step that was left out.
    Warning,
    /// A learning rate or weight was changed.
    Change,
}

impl Event {
    pub const ALL: [Self; 4] = [Self::Stage, Self::Checkpoint, Self::Warning, Self::Change];

    pub fn colour(self, palette: &Palette) -> Color32 {
        match self {
            Event::Stage => palette.accent,
            Event::Checkpoint => palette.good,
            Event::Warning => palette.warn,
            Event::Change => palette.text,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    pub event: Event,
    pub stage: String,
    pub at: Moment,
    pub words: String,
}
