//! A picture in its place: cut at the edge where it is magnified.

use eframe::egui::{Rect, Response, TextureHandle, Ui, UiBuilder};

use super::camera::Camera;
use crate::app::tiles;

/// Around a picture, for the line that shows where the pointer is, points.
const RIM: f32 = 2.0;

/// A part of `ui` that paints nothing outside of `slot`.
pub fn within(ui: &mut Ui, slot: Rect, name: &str) -> Ui {
    let mut inside = ui.new_child(UiBuilder::new().id_salt(name).max_rect(slot));
    inside.set_clip_rect(slot.expand(RIM).intersect(ui.clip_rect()));
    inside
}

pub fn picture(ui: &mut Ui, slot: Rect, texture: &TextureHandle, label: &str, camera: &Camera) -> Response {
    let rect = camera.rect(texture.size_vec2(), slot);
    tiles::tile(&mut within(ui, slot, label), rect, texture, label)
}
