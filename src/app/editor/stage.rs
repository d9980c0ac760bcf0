//! The middle of the editor: the selected picture, to be painted on, or what the model made of it.

use eframe::egui::{Color32, Pos2, Rect, TextureHandle, Ui, pos2};

use super::divider;
use super::entry::Entry;
use super::gallery::Gallery;
use super::mask::tools::Tools;
use super::strip;
use super::view::View;
use crate::app::tiles;

/// How results are looked at.
pub struct Stage {
    gallery: Gallery,
    /// Where the slider's divider is, as a share of the width.
    share: f32,
}

impl Default for Stage {
    fn default() -> Self {
        Self { gallery: Gallery::default(), share: 0.5 }
    }
}

impl Stage {
    /// Shows `entry` in `area`; while `held`, the picture before stands in for every result. Returns what is
    /// shown, in words, where it needs them.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        area: Rect,
        entry: &mut Entry,
        view: View,
        tools: &mut Tools,
        held: bool,
    ) -> Option<String> {
        let made = entry.state().made.clone().filter(|_| view != View::Paint);
        let Some(made) = made else {
            paint(ui, area, entry, tools);
            return None;
        };
        let ctx = ui.ctx().clone();
        let hung = self.gallery.hang(&ctx, &made);
        match view {
            View::Paint | View::SideBySide => {
                if let Some(chosen) = strip::show(ui, area, &made, hung, entry.chosen, held) {
                    entry.chosen = chosen;
                }
                None
            }
            View::Slider | View::Difference if held => {
                picture(ui, area, &hung.before, "before");
                Some("before".to_owned())
            }
            View::Slider => {
                divider::show(ui, area, &hung.before, hung.after.get(entry.chosen)?, &mut self.share);
                None
            }
            View::Difference => {
                let (factor, texture) = hung.difference(&ctx, entry.chosen)?;
                picture(ui, area, &texture, "difference");
                Some(format!("difference to before ×{factor}"))
            }
        }
    }
}

/// The picture with the mask over it; a stroke that ends here is kept.
fn paint(ui: &mut Ui, area: Rect, entry: &mut Entry, tools: &mut Tools) {
    let picture = entry.state().picture.clone();
    let texture = entry.texture.show(ui.ctx(), &picture);
    let rect = tiles::inside(texture.size_vec2(), area);
    let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    ui.painter().image(texture.id(), rect, whole, Color32::WHITE);
    if tools.draw(ui, rect, &mut entry.mask) {
        entry.keep_mask();
    }
}

fn picture(ui: &mut Ui, area: Rect, texture: &TextureHandle, label: &str) {
    tiles::tile(ui, tiles::inside(texture.size_vec2(), area), texture, label);
}
