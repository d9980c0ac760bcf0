//! The middle of the editor: the selected picture, to be painted on, or what the model made of it.

use eframe::egui::{Color32, Label, Pos2, Rect, RichText, TextureHandle, Ui, pos2, vec2};

use super::divider;
use super::entry::Entry;
use super::gallery::Gallery;
use super::mask::tools::Tools;
use super::strip;
use super::view::View;
use crate::app::{theme, tiles};

/// Height of the line under a picture that stands alone, points.
const CAPTION: f32 = 20.0;

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
    /// Shows `entry` in `area`; while `held`, the picture before stands in for every result.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        area: Rect,
        entry: &mut Entry,
        view: View,
        tools: &mut Tools,
        held: bool,
    ) {
        let made = entry.state().made.clone().filter(|_| view != View::Paint);
        let Some(made) = made else { return paint(ui, area, entry, tools) };
        let ctx = ui.ctx().clone();
        let hung = self.gallery.hang(&ctx, &made);
        let alone = area.with_max_y(area.bottom() - CAPTION);
        let foot = pos2(area.center().x, area.bottom() - CAPTION / 2.0);
        match view {
            View::Paint | View::SideBySide => {
                if let Some(chosen) = strip::show(ui, area, &made, hung, entry.chosen, held) {
                    entry.chosen = chosen;
                }
            }
            View::Slider | View::Difference if held => {
                picture(ui, alone, &hung.before, "before");
                caption(ui, foot, "before");
            }
            View::Slider => {
                let Some(after) = hung.after.get(entry.chosen) else { return };
                divider::show(ui, alone, &hung.before, after, &mut self.share);
                let words = strip::applications(made.applications(entry.chosen));
                caption(ui, foot, &format!("before  |  {words}"));
            }
            View::Difference => {
                let Some((factor, texture)) = hung.difference(&ctx, entry.chosen) else { return };
                picture(ui, alone, &texture, "difference");
                let words = strip::applications(made.applications(entry.chosen));
                caption(ui, foot, &format!("{words}: difference to before, ×{factor}"));
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

fn caption(ui: &mut Ui, middle: Pos2, words: &str) {
    let rect = Rect::from_center_size(middle, vec2(ui.available_width(), CAPTION));
    let colour = theme::palette(ui).faint;
    ui.put(rect, Label::new(RichText::new(words).small().color(colour)));
}
