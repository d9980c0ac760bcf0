//! The middle of the editor: the selected picture, to be painted on, or what the model made of it.

use eframe::egui::{Color32, Pos2, Rect, Ui, Vec2, pos2};

use super::camera::Camera;
use super::entry::Entry;
use super::gallery::Gallery;
use super::mask::tools::Tools;
use super::view::View;
use super::{divider, pair, shown, strip};

/// How pictures are looked at.
pub struct Stage {
    gallery: Gallery,
    /// Where the slider's divider is, as a share of the width.
    share: f32,
    pub camera: Camera,
    /// Number of the picture that the camera was pointed at.
    seen: Option<u32>,
    /// Where the picture was shown last, and its size, pixels: for the buttons that magnify it.
    place: Option<(Rect, Vec2)>,
}

impl Default for Stage {
    fn default() -> Self {
        Self { gallery: Gallery::default(), share: 0.5, camera: Camera::default(), seen: None, place: None }
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
        if self.seen.replace(entry.number) != Some(entry.number) {
            self.camera.fit();
        }
        self.place = None;
        let made = entry.state().made.clone().filter(|_| view != View::Paint);
        let Some(made) = made else {
            self.paint(ui, area, entry, tools);
            return None;
        };
        let ctx = ui.ctx().clone();
        let hung = self.gallery.hang(&ctx, &made);
        let size = hung.before.size_vec2();
        let camera = &mut self.camera;
        if view == View::SideBySide {
            let places = pair::places(area, size);
            camera.listen(ui, &places.both, size);
            self.place = Some((places.both[0], size));
            pair::show(ui, places, &made, hung, entry.chosen, held, camera);
            return None;
        }
        if view == View::Steps {
            if let Some(chosen) = strip::show(ui, area, &made, hung, entry.chosen, held) {
                entry.chosen = chosen;
            }
            return None;
        }
        let moves = camera.listen(ui, &[area], size);
        self.place = Some((area, size));
        if held {
            shown::picture(ui, area, &hung.before, "before", camera);
            return Some("before".to_owned());
        }
        if view == View::Difference {
            let (factor, texture) = hung.difference(&ctx, entry.chosen)?;
            shown::picture(ui, area, &texture, "difference", camera);
            return Some(factor.map_or_else(
                || "no difference".to_owned(),
                |factor| format!("difference from before, ×{factor}"),
            ));
        }
        let after = hung.after.get(entry.chosen)?;
        let rect = camera.rect(after.size_vec2(), area);
        let mut inside = shown::within(ui, area, "slider");
        divider::show(&mut inside, rect, &hung.before, after, &mut self.share, !moves);
        None
    }

    /// The picture with the mask over it; a stroke that ends here is kept.
    fn paint(&mut self, ui: &mut Ui, area: Rect, entry: &mut Entry, tools: &mut Tools) {
        let picture = entry.state().picture.clone();
        let texture = entry.texture.show(ui.ctx(), &picture);
        let size = texture.size_vec2();
        tools.rests = self.camera.listen(ui, &[area], size);
        self.place = Some((area, size));
        let rect = self.camera.rect(size, area);
        let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        let mut inside = shown::within(ui, area, "canvas");
        inside.painter().image(texture.id(), rect, whole, Color32::WHITE);
        if tools.draw(&mut inside, rect, &mut entry.mask) {
            entry.keep_mask();
        }
    }

    /// How large the picture is shown: pixels of the screen for one of its own. None where several are.
    pub fn magnification(&self, pixels_per_point: f32) -> Option<f32> {
        self.place.map(|(slot, size)| self.camera.points_per_pixel(size, slot) * pixels_per_point)
    }

    /// Shows each of the picture's pixels as one of the screen's.
    pub fn show_pixels(&mut self, pixels_per_point: f32) {
        if let Some((slot, size)) = self.place {
            self.camera.show_pixels(size, slot, 1.0 / pixels_per_point);
        }
    }
}
