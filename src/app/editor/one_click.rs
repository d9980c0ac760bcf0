//! The tools that one click runs, with the best settings that are known for each.

use eframe::egui::{Button, RichText, Stroke, Ui};

use super::Editor;
use super::acts::Act;
use super::entry::GONE;
use crate::app::theme;
use crate::edit::Way;

/// The tools: what they are called, the way that they edit, and what is to be expected of them.
const TOOLS: [(&str, Way, &str); 4] = [
    (
        "Denoise",
        Way::Direct,
        "Takes noise away: how much there is, is measured first. Works well on noise; blur, JPEG blocks and sketches \
         stay nearly as they are.",
    ),
    (
        "Fill",
        Way::Inpaint,
        "Fills in what is marked and keeps the rest. Works well where the picture is like the training images; \
         Another fills it in another way.",
    ),
    (
        "Colour",
        Way::Colourise,
        "Keeps the brightness and guesses colours. Expect colours that could be, rarely the original ones; they \
         often stay pale.",
    ),
    (
        "Sharpen",
        Way::SuperResolve,
        "Keeps the mean of each small square and finds the detail in it. Expect a little more detail, not a sharp \
         photograph.",
    ),
];

/// The tool that edits `way`.
pub fn name(way: Way) -> &'static str {
    TOOLS.iter().find(|(_, of, _)| *of == way).map_or("Project", |(name, ..)| name)
}

impl Editor {
    /// One button a tool, the one that suits the picture in the accent colour as long as nothing else was picked, and
    /// another draw of its noise.
    pub(super) fn tools_row(&mut self, ui: &mut Ui) {
        let entry = self.entries.get(self.selected);
        let advised = entry.map(|entry| entry.advice.way);
        let is_other = entry.is_some_and(|entry| entry.way() != entry.advice.way);
        let draws = entry.is_some_and(|entry| entry.settings.draws_noise(&entry.advice));
        let has_result = entry.is_some_and(|entry| entry.state().made.is_some());
        let enabled = entry.is_some() && !self.ended;
        let why_not = if self.ended { GONE } else { "Drop a picture first" };
        for (name, way, expect) in TOOLS {
            let suits = advised == Some(way) && enabled;
            let hover = if suits { format!("Suits this picture. {expect}") } else { expect.to_owned() };
            let stress = match (suits, is_other) {
                (false, _) => Stress::None,
                (true, true) => Stress::Outline,
                (true, false) => Stress::Full,
            };
            let button = ui.add_enabled(enabled, tool(ui, name, stress));
            if button.on_hover_text(hover).on_disabled_hover_text(why_not).clicked() {
                self.acts.push(Act::Tool(way));
            }
        }
        let why_not =
            if !has_result { "There is no result yet" } else { "Denoise draws no noise: it has one result" };
        let another = ui.add_enabled(enabled && has_result && draws, Button::new("Another"));
        let hover = "The same once more with other noise: another seed";
        if another.on_hover_text(hover).on_disabled_hover_text(why_not).clicked() {
            self.acts.push(Act::Another);
        }
    }
}

/// How much a button is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stress {
    None,
    /// It would suit, but something else was picked.
    Outline,
    /// It is the one to press.
    Full,
}

/// A button in the accent colour, outlined in it, or like any other.
pub fn tool<'a>(ui: &Ui, text: &str, stress: Stress) -> Button<'a> {
    let palette = theme::palette(ui);
    match stress {
        Stress::None => Button::new(text.to_owned()),
        Stress::Outline => Button::new(text.to_owned()).stroke(Stroke::new(1.0, palette.accent)),
        Stress::Full => Button::new(RichText::new(text).color(palette.on_accent)).fill(palette.accent),
    }
}
