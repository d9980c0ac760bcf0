//! The lines below the pictures: what they are, what one of them is, and what can be done with it.

use eframe::egui::{Align, Button, Color32, Label, Layout, ProgressBar, RichText, TextStyle, Ui};

use super::grid::seed_words;
use super::{Generate, Made, Pending};
use crate::app::samples::origin::Again;
use crate::app::theme;
use crate::words;

/// Height of one line and the space above it, points.
const LINE: f32 = 26.0;
pub const ABOVE: f32 = 4.0;

/// Height of the bar, points.
const BAR: f32 = 14.0;

/// What the user wants of the picture that is chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Project,
    Copy,
    CopyCommand(String),
    Cancel,
}

impl Generate {
    /// Height that the lines need in a pane `width` points wide, with the space above them. The same whether a picture
    /// is chosen or not: the second click of a double click finds the picture where it was.
    pub(super) fn foot_height(&self, ui: &Ui, width: f32) -> f32 {
        if let (None, Some(problem)) = (&self.pending, &self.problem) {
            let font = TextStyle::Small.resolve(ui.style());
            let words = ui.painter().layout(problem.clone(), font, Color32::PLACEHOLDER, width.max(1.0));
            return ABOVE + words.size().y;
        }
        match (self.made.is_some(), self.pending.is_some()) {
            (true, _) => ABOVE + 2.0 * LINE + ui.spacing().item_spacing.y,
            (false, true) => ABOVE + LINE,
            (false, false) => 0.0,
        }
    }

    pub(super) fn foot(&self, ui: &mut Ui) -> Option<Act> {
        let palette = theme::palette(ui);
        let mut act = None;
        if let Some(pending) = &self.pending {
            act = waiting(ui, pending);
        } else if let Some(problem) = &self.problem {
            ui.add(Label::new(RichText::new(problem).small().color(palette.error)).wrap());
            return None;
        } else if let Some(made) = &self.made {
            ui.horizontal(|ui| {
                ui.add(Label::new(RichText::new(made_words(made)).strong()).truncate());
                if let Some((well, words)) = &self.keeper.said {
                    let colour = if *well { palette.good } else { palette.error };
                    let words = RichText::new(words).small().color(colour);
                    ui.add(Label::new(words).truncate());
                }
            });
        }
        let Some(made) = &self.made else { return act };
        let Some(index) = self.chosen else {
            ui.weak("click a picture to choose it, double-click to edit it");
            return act;
        };
        ui.horizontal(|ui| {
            ui.add(Label::new(seed_words(made, &self.form, index)).truncate());
            if ui.small_button("To the editor").on_hover_text("A double click does the same").clicked() {
                act = Some(Act::Project);
            }
            if ui.small_button("Copy").on_hover_text("The picture, onto the clipboard").clicked() {
                act = Some(Act::Copy);
            }
            let command = self.again(made, index);
            let (words, hover) = match &command {
                Ok(command) if command.exact => (Some(&command.words), "Makes this very picture again"),
                Ok(command) => (Some(&command.words), "Makes what the newest checkpoint makes of this seed"),
                Err(why) => (None, *why),
            };
            let hover = words.map_or_else(|| hover.to_owned(), |words| format!("{words}\n{hover}"));
            let button = ui.add_enabled(words.is_some(), Button::new("Copy command").small());
            if button.on_hover_text(hover).clicked() {
                act = words.map(|words| Act::CopyCommand(words.clone()));
            }
        });
        act
    }

    /// How picture `index` is made again.
    pub(super) fn again(&self, made: &Made, index: usize) -> Again {
        let seed = made.seeds.get(index).copied().ok_or("there is no such picture")?;
        let class = made.classes.as_ref().and_then(|classes| classes.get(index)).copied();
        self.origin.of_seed(&(&made.at).into(), seed, class)
    }
}

/// "36 pictures · seeds 36–71 · sign at 18.0 kimg".
pub fn made_words(made: &Made) -> String {
    let count = made.seeds.len();
    let pictures = if count == 1 { "1 picture".to_owned() } else { format!("{count} pictures") };
    let seeds = match (made.seeds.first(), made.seeds.last()) {
        (Some(first), Some(last)) if first < last => format!(" · seeds {first}–{last}"),
        (Some(first), _) => format!(" · seed {first}"),
        _ => String::new(),
    };
    format!("{pictures}{seeds} · {} at {} kimg", made.at.stage.name(), words::kimg(made.at.kimg))
}

/// How far they are, and the way to call them off.
fn waiting(ui: &mut Ui, pending: &Pending) -> Option<Act> {
    let mut act = None;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Cancel").on_hover_text("Make no more of them").clicked() {
                act = Some(Act::Cancel);
            }
            let share = pending.done as f32 / pending.total.max(1) as f32;
            let palette = theme::palette(ui);
            let words = match pending.done {
                0 => "waiting for the trainer's next step".to_owned(),
                done => format!("{done} of {}", pending.total),
            };
            let bar = ProgressBar::new(share)
                .desired_width(ui.available_width())
                .desired_height(BAR)
                .fill(if share > 0.0 { palette.accent.gamma_multiply(0.55) } else { palette.well })
                .corner_radius(theme::TILE_RADIUS)
                .text(RichText::new(words).small().color(palette.text));
            ui.add(bar);
        });
    });
    act
}
