//! How large the tiles of a grid are shown: fitted to the pane, or a whole number of screen pixels to a pixel.

use eframe::egui::{Slider, Ui, Vec2, vec2};

/// Largest zoom, screen pixels to a pixel.
pub const MOST: f32 = 16.0;

#[derive(Default)]
pub struct Zoom {
    /// Screen pixels to a pixel, not rounded yet; none fits the pane.
    times: Option<f32>,
    /// What the fitted grid would come to.
    fitted: f32,
    /// Where the view stands in a grid that is larger than the pane, points.
    offset: Vec2,
    /// Whether it has just been moved from here, not by the user's scrolling.
    moved: bool,
}

impl Zoom {
    pub fn is_fitted(&self) -> bool {
        self.times.is_none()
    }

    /// Side of a tile, points: `fitted` is the side that fits the pane, `natural` that of one screen pixel to
    /// a pixel.
    pub fn side(&mut self, fitted: f32, natural: f32) -> f32 {
        self.fitted = fitted / natural.max(f32::MIN_POSITIVE);
        self.times.map_or(fitted, |times| times.round() * natural)
    }

    /// Zooms by `factor` about a point of the pane (points from its corner), which stays where it is.
    pub fn about(&mut self, factor: f32, point: Vec2) {
        let before = self.times.unwrap_or(self.fitted);
        let after = (before * factor).clamp(1.0, MOST);
        self.times = Some(after);
        let ratio = after.round() / before.round().max(1.0);
        self.go((self.offset + point) * ratio - point);
    }

    fn go(&mut self, offset: Vec2) {
        (self.offset, self.moved) = (offset.max(Vec2::ZERO), true);
    }

    /// Where the view is to be moved, if it is.
    pub fn take_move(&mut self) -> Option<Vec2> {
        std::mem::take(&mut self.moved).then_some(self.offset)
    }

    /// Where the user has scrolled to.
    pub fn scrolled(&mut self, offset: Vec2) {
        self.offset = offset;
    }

    /// The slider and the way back; `named` says whether there is room for a word before them.
    pub fn show(&mut self, ui: &mut Ui, named: bool) {
        let hover =
            "Screen pixels to a pixel; with Ctrl the wheel does the same, and dragging moves the grid";
        if named {
            ui.weak("Zoom").on_hover_text(hover);
        }
        // A slider that has to round its value takes it for changed.
        let mut times = self.times.unwrap_or(self.fitted).round().clamp(1.0, MOST);
        ui.spacing_mut().slider_width = (ui.available_width() - 112.0).clamp(24.0, 110.0);
        ui.spacing_mut().interact_size.x = 34.0;
        let slider = Slider::new(&mut times, 1.0..=MOST).integer().suffix("×");
        if ui.add(slider).on_hover_text(hover).accessible_name("Zoom").changed() {
            self.times = Some(times);
            self.go(self.offset);
        }
        let fitted = ui.selectable_label(self.is_fitted(), "Fit all");
        if fitted.on_hover_text("As large as the pane has room for").clicked() {
            self.times = None;
            self.go(vec2(0.0, 0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooms_are_whole_and_the_point_under_the_pointer_stays() {
        let mut zoom = Zoom::default();
        assert_eq!(zoom.side(40.0, 16.0), 40.0);
        zoom.about(1.6, vec2(10.0, 20.0));
        assert_eq!(zoom.side(40.0, 16.0), 4.0 * 16.0);
        zoom.scrolled(vec2(100.0, 50.0));
        zoom.about(2.0, vec2(10.0, 20.0));
        assert_eq!(zoom.side(40.0, 16.0), 8.0 * 16.0);
        assert_eq!(zoom.take_move(), Some(vec2(110.0 * 2.0 - 10.0, 70.0 * 2.0 - 20.0)));
        assert_eq!(zoom.take_move(), None);
        zoom.about(100.0, Vec2::ZERO);
        assert_eq!(zoom.side(40.0, 16.0), MOST * 16.0);
        zoom.about(1e-3, Vec2::ZERO);
        assert_eq!(zoom.side(40.0, 16.0), 16.0);
    }
}
