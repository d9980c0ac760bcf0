//! The window's icon: a ring with a square seal, drawn here so that no picture file is needed.

use eframe::egui::IconData;

/// Side of the icon, pixels: what desktops ask for most.
const SIDE: u32 = 64;

const SEAL: [u8; 4] = [84, 184, 168, 255];
const CLEAR: [u8; 4] = [0, 0, 0, 0];

/// The icon as straight RGBA.
pub fn draw() -> IconData {
    let centre = (SIDE as f32 - 1.0) / 2.0;
    let mut rgba = Vec::with_capacity((SIDE * SIDE * 4) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (dx, dy) = (x as f32 - centre, y as f32 - centre);
            let ring = (22.0..=30.0).contains(&dx.hypot(dy));
            let seal = dx.abs().max(dy.abs()) <= 9.0;
            rgba.extend_from_slice(if ring || seal { &SEAL } else { &CLEAR });
        }
    }
    IconData { rgba, width: SIDE, height: SIDE }
}
