//! The samples pane: the newest grid, the ones before it, and the training images beside it.

use std::collections::VecDeque;

use eframe::egui::{Label, Rect, RichText, Slider, Ui, vec2};
use image::RgbImage;

use super::texture::Sheet;
use super::{card, theme, tiles, words};
use crate::run::message::{Message, Pictures, Progress};

/// Past grids kept for the slider; at 64 pictures of 64 × 64 pixels these are 48 MiB.
const MAX_GRIDS: usize = 64;

/// Tiles shown of one grid: more are too small to see.
const MAX_TILES: usize = 256;

/// Height of the lines under the tiles, points.
const FOOT: f32 = 68.0;

struct Grid {
    at: Progress,
    pictures: Pictures,
    path: Option<std::path::PathBuf>,
}

/// A picture that the user sends to the editor.
pub struct Picked {
    pub name: String,
    pub picture: RgbImage,
}

#[derive(Default)]
pub struct Samples {
    grids: VecDeque<Grid>,
    /// The past grid that the slider stands on; none follows the newest.
    past: Option<usize>,
    reals: Option<Pictures>,
    beside: bool,
    sheet: Sheet,
    reals_sheet: Sheet,
}

impl Samples {
    pub fn receive(&mut self, message: &Message) {
        match message {
            Message::Reals(pictures) => self.reals = Some(pictures.clone()),
            Message::Samples { at, pictures, path } if !pictures.is_empty() => {
                if self.grids.len() == MAX_GRIDS {
                    self.grids.pop_front();
                    self.past = self.past.map(|past| past.saturating_sub(1));
                }
                self.grids.push_back(Grid { at: *at, pictures: pictures.clone(), path: path.clone() });
            }
            _ => {}
        }
    }

    /// Shows the pane; returns the picture that the user clicked, if any.
    pub fn show(&mut self, ui: &mut Ui) -> Option<Picked> {
        let mut picked = None;
        let tools = |ui: &mut Ui, samples: &mut Self| {
            let known = samples.reals.is_some();
            let hover = "Show pictures of the data set beside the samples";
            ui.add_enabled_ui(known, |ui| {
                ui.toggle_value(&mut samples.beside, "Show reals").on_hover_text(hover);
            });
            if samples.past.is_some() && ui.button("Newest").clicked() {
                samples.past = None;
            }
        };
        card::show(ui, "Samples", self, tools, |ui, samples| picked = samples.contents(ui));
        picked
    }

    fn contents(&mut self, ui: &mut Ui) -> Option<Picked> {
        let whole = ui.available_rect_before_wrap();
        let newest = self.grids.len().checked_sub(1);
        let Some(index) = newest.map(|newest| self.past.unwrap_or(newest).min(newest)) else {
            card::empty(
                ui,
                whole,
                "The first samples appear in a few seconds",
                "what the model makes of the same seeds, again and again, as it learns",
            );
            return None;
        };
        let foot_top = (whole.bottom() - FOOT).max(whole.top());
        let area = Rect::from_min_max(whole.min, eframe::egui::pos2(whole.right(), foot_top));
        let picked = self.pictures(ui, area, index);
        let foot = Rect::from_min_max(eframe::egui::pos2(whole.left(), foot_top + 6.0), whole.max);
        let mut foot = ui.new_child(eframe::egui::UiBuilder::new().max_rect(foot));
        self.foot(&mut foot, index);
        picked
    }

    /// The tiles of grid `index`, with the training images on the right if they are wanted.
    fn pictures(&mut self, ui: &mut Ui, area: Rect, index: usize) -> Option<Picked> {
        let grid = self.grids.get(index)?;
        let reals = self.reals.as_ref().filter(|reals| self.beside && !reals.is_empty());
        let (left, right) = match reals {
            Some(_) => {
                let (left, right) = area.split_left_right_at_fraction(0.5);
                (left.with_max_x(left.right() - theme::GAP), right.with_min_x(right.left() + theme::GAP))
            }
            None => (area, area),
        };
        let ctx = ui.ctx().clone();
        let click = "Click to project it in the editor";
        let textures = self.sheet.show(&ctx, "sample", &grid.pictures, MAX_TILES);
        let sample = tiles::show(ui, left, textures, "sample", click).and_then(|i| {
            let name = format!("{}-{}-sample-{}", grid.at.stage.name(), grid.at.step, i + 1);
            grid.pictures.get(i).map(|picture| Picked { name, picture: picture.clone() })
        });
        let Some(reals) = reals else { return sample };
        let textures = self.reals_sheet.show(&ctx, "real", reals, MAX_TILES);
        let real = tiles::show(ui, right, textures, "real", click).and_then(|i| {
            reals.get(i).map(|picture| Picked { name: format!("real-{}", i + 1), picture: picture.clone() })
        });
        sample.or(real)
    }

    /// The caption and the slider through the session.
    fn foot(&mut self, ui: &mut Ui, index: usize) {
        let Some(grid) = self.grids.get(index) else { return };
        let mut caption = format!(
            "{} · {} kimg · step {}",
            grid.at.stage.name(),
            words::kimg(grid.at.kimg),
            words::count(grid.at.step)
        );
        let count = grid.pictures.len();
        if count > MAX_TILES {
            caption.push_str(&format!(" · the first {MAX_TILES} of {}", words::count(count as u64)));
        }
        ui.horizontal(|ui| {
            ui.label(RichText::new(caption).strong());
            if let Some(path) = &grid.path {
                let words = RichText::new(path.display().to_string()).small().weak();
                ui.add(Label::new(words).truncate());
            }
        });
        let newest = self.grids.len() - 1;
        if newest == 0 {
            return;
        }
        let mut chosen = index;
        ui.spacing_mut().slider_width = (ui.available_width() - 190.0).max(80.0);
        let slider = Slider::new(&mut chosen, 0..=newest)
            .text("past grids")
            .custom_formatter(|i, _| format!("{} of {}", i as usize + 1, newest + 1));
        if ui.add_sized(vec2(ui.available_width(), 20.0), slider).changed() {
            self.past = (chosen < newest).then_some(chosen);
        }
    }
}
