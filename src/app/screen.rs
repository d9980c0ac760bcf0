//! A window that is no larger than what its screen has room for, at any scale of the desktop's.

use std::time::Duration;

use eframe::egui::{Context, RawInput, Ui, Vec2, ViewportCommand, ViewportInfo, Visuals, vec2};
use eframe::{App, Frame, Storage};

/// What a desktop's bars and the window's own title take of a screen, points.
const BARS: Vec2 = vec2(16.0, 88.0);

/// Frames in which the screen may still be unknown: some desktops tell it once the window is there.
const PATIENCE: u8 = 60;

/// An app in a window that is fitted to its screen once, when it opens.
pub struct Fitted {
    app: Box<dyn App>,
    /// The smallest size that the app is made for, points.
    smallest: Vec2,
    /// Frames that are left to look.
    left: u8,
}

/// What is to be done about a window.
#[derive(Clone, Debug, PartialEq)]
enum Fit {
    /// The screen is not known.
    Wait,
    Fits,
    /// The window shall have this size, points.
    Shrink(Vec2),
    /// Even the smallest size is too large at this zoom: this one is needed.
    Zoom(f32),
}

impl Fitted {
    pub fn new(app: Box<dyn App>, smallest: [f32; 2]) -> Self {
        Self { app, smallest: smallest.into(), left: PATIENCE }
    }

    fn fit(&mut self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        match fit(&ctx.input(|input| input.viewport().clone()), self.smallest, zoom) {
            Fit::Wait => self.left -= 1,
            Fit::Fits => self.left = 0,
            Fit::Shrink(size) => {
                ctx.send_viewport_cmd(ViewportCommand::MinInnerSize(self.smallest.min(size)));
                ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
                self.left = 0;
            }
            // All sizes are other ones in the next frame.
            Fit::Zoom(zoom) => {
                ctx.set_zoom_factor(zoom);
                self.left -= 1;
            }
        }
    }
}

fn fit(window: &ViewportInfo, smallest: Vec2, zoom: f32) -> Fit {
    let fills = [window.maximized, window.fullscreen].contains(&Some(true));
    let (Some(screen), Some(inner), false) = (window.monitor_size, window.inner_rect, fills) else {
        return if fills { Fit::Fits } else { Fit::Wait };
    };
    if screen.x <= 1.0 || screen.y <= 1.0 {
        return Fit::Wait;
    }
    // The bars keep their size, whatever the zoom.
    let room = (screen - BARS / zoom).max(vec2(1.0, 1.0));
    let share = (room / smallest).min_elem();
    if share < 0.99 {
        return Fit::Zoom(zoom * share);
    }
    let size = inner.size().min(room);
    if size == inner.size() { Fit::Fits } else { Fit::Shrink(size) }
}

impl App for Fitted {
    fn logic(&mut self, ctx: &Context, frame: &mut Frame) {
        if self.left > 0 {
            self.fit(ctx);
        }
        self.app.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut Frame) {
        self.app.ui(ui, frame);
    }

    fn save(&mut self, storage: &mut dyn Storage) {
        self.app.save(storage);
    }

    fn on_exit(&mut self) {
        self.app.on_exit();
    }

    fn auto_save_interval(&self) -> Duration {
        self.app.auto_save_interval()
    }

    fn clear_color(&self, visuals: &Visuals) -> [f32; 4] {
        self.app.clear_color(visuals)
    }

    fn persist_egui_memory(&self) -> bool {
        self.app.persist_egui_memory()
    }

    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        self.app.raw_input_hook(ctx, input);
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Pos2, Rect};

    use super::*;

    const SMALLEST: Vec2 = vec2(760.0, 520.0);

    /// A window of 1320×860 points on a screen of so many pixels at a scale of the desktop's.
    fn on(pixels: [f32; 2], scale: f32, zoom: f32) -> ViewportInfo {
        let points = scale * zoom;
        let inner = Rect::from_min_size(Pos2::ZERO, vec2(1320.0, 860.0) / zoom);
        ViewportInfo {
            monitor_size: Some(Vec2::from(pixels) / points),
            inner_rect: Some(inner),
            ..Default::default()
        }
    }

    #[test]
    fn small_screens_and_large_scales_shrink_the_window() {
        let size = |pixels, scale| match fit(&on(pixels, scale, 1.0), SMALLEST, 1.0) {
            Fit::Shrink(size) => size,
            other => panic!("{other:?} for {pixels:?} at {scale}"),
        };
        assert_eq!(size([1366.0, 768.0], 1.0), vec2(1320.0, 680.0));
        assert_eq!(size([1920.0, 1080.0], 1.5), vec2(1264.0, 632.0));
        for pixels in [[1920.0, 1080.0], [2560.0, 1440.0]] {
            assert_eq!(fit(&on(pixels, 1.0, 1.0), SMALLEST, 1.0), Fit::Fits);
        }
    }

    #[test]
    fn a_screen_that_is_too_small_at_its_scale_is_zoomed_out() {
        let Fit::Zoom(zoom) = fit(&on([1366.0, 768.0], 1.5, 1.0), SMALLEST, 1.0) else { panic!("no zoom") };
        assert!((0.7..0.9).contains(&zoom), "{zoom}");
        let Fit::Shrink(size) = fit(&on([1366.0, 768.0], 1.5, zoom), SMALLEST, zoom) else {
            panic!("no size")
        };
        assert!(size.x >= SMALLEST.x * 0.99 && size.y >= SMALLEST.y * 0.99, "{size}");
        assert!(size.y * 1.5 * zoom <= 768.0 - BARS.y * 1.49, "{size} does not fit at {zoom}");
    }

    #[test]
    fn a_window_that_fills_its_screen_or_knows_none_is_left_alone() {
        let large = on([1366.0, 768.0], 1.0, 1.0);
        let maximized = ViewportInfo { maximized: Some(true), ..large.clone() };
        assert_eq!(fit(&maximized, SMALLEST, 1.0), Fit::Fits);
        assert_eq!(fit(&ViewportInfo { monitor_size: None, ..large }, SMALLEST, 1.0), Fit::Wait);
    }
}
