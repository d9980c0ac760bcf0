//! How much room the pane has: what is seldom needed goes into menus where there is little.

use eframe::egui::Vec2;

/// Narrower than this, sliders become numbers and the views a list, points.
const NARROW: f32 = 590.0;

/// From this width on, every tool has a button of its own, points.
const WIDE: f32 = 1180.0;

/// From this width on, sliders have their full length, points.
const LONG_SLIDERS: f32 = 760.0;

/// Lower than this, seldom needed settings go into a menu, points.
const LOW: f32 = 470.0;

#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub narrow: bool,
    pub wide: bool,
    pub low: bool,
    /// Length of sliders, points.
    pub slider: f32,
}

impl Room {
    pub fn of(pane: Vec2) -> Self {
        let narrow = pane.x < NARROW;
        let slider = if pane.x < LONG_SLIDERS { 46.0 } else { 96.0 };
        Self { narrow, wide: pane.x >= WIDE, low: narrow || pane.y < LOW, slider }
    }
}
