//! How much room the pane has: what is seldom needed goes into menus where there is little.

use eframe::egui::Vec2;

/// Narrower than this, sliders become numbers and rows of buttons become lists, points.
const NARROW: f32 = 590.0;

/// Lower than this, seldom needed settings go into a menu, points.
const LOW: f32 = 470.0;

#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub narrow: bool,
    pub low: bool,
}

impl Room {
    pub fn of(pane: Vec2) -> Self {
        let narrow = pane.x < NARROW;
        Self { narrow, low: narrow || pane.y < LOW }
    }
}
