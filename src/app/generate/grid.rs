//! The pictures that were made.

use eframe::egui::{Align2, Image, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, vec2};

use super::Generate;
use crate::app::tiles::{self, TILE_GAP};
use crate::app::{card, theme};
use crate::run::MOST_MADE;

/// Side of the picture that a tile shows under the pointer, points.
const HOVER_SIDE: f32 = 192.0;

/// Around all tiles, for the ring around the chosen one, points.
const RING: f32 = 3.0;

/// Tiles are no smaller than this, points: the others are scrolled to.
const LEAST_SIDE: f32 = 28.0;

impl Generate {
    /// Paints them into `area`; returns the one that was double-clicked.
    pub(super) fn grid(&mut self, ui: &mut Ui, area: Rect) -> Option<usize> {
        let Some(made) = self.made.as_ref().filter(|made| !made.pictures.is_empty()) else {
            let words = match self.pending {
                Some(_) => ("The pictures are being made", "a few at a time, between two training steps"),
                None => ("No pictures yet", "choose seeds, then press Generate"),
            };
            card::empty(ui, area, words.0, words.1);
            return None;
        };
        let count = made.pictures.len().min(MOST_MADE);
        let pixels = made.pictures.first().map_or(1, |picture| picture.width()) as usize;
        let (mut across, mut side) =
            tiles::fit(count, area.shrink(RING).size(), pixels, ui.ctx().pixels_per_point());
        if side < LEAST_SIDE {
            across = (((area.width() - 2.0 * RING + TILE_GAP) / (LEAST_SIDE + TILE_GAP)) as usize).max(1);
            side = LEAST_SIDE;
        }
        let rows = count.div_ceil(across);
        let along = |n: usize| n as f32 * (side + TILE_GAP) - TILE_GAP;
        let size = vec2(along(across.min(count)), along(rows));
        let textures = self.sheet.show(ui.ctx(), "generated", &made.pictures, MOST_MADE).to_vec();
        let mut doubled = None;
        let mut inside = ui.new_child(UiBuilder::new().max_rect(area));
        ScrollArea::vertical().id_salt("generated").auto_shrink(false).show(&mut inside, |ui| {
            let (whole, _) =
                ui.allocate_exact_size((size + Vec2::splat(2.0 * RING)).max(area.size()), Sense::hover());
            let corner = Align2::CENTER_CENTER.align_size_within_rect(size, whole).min;
            for (index, texture) in textures.iter().enumerate() {
                let place = vec2((index % across) as f32, (index / across) as f32) * (side + TILE_GAP);
                let rect = Rect::from_min_size(corner + place, Vec2::splat(side));
                if !ui.is_rect_visible(rect) {
                    continue;
                }
                let label = format!("generated {}", index + 1);
                let response = tiles::tile(ui, rect, *texture, &label);
                if self.chosen == Some(index) {
                    let stroke = Stroke::new(2.0, theme::palette(ui).accent);
                    ui.painter().rect_stroke(rect, theme::TILE_RADIUS, stroke, StrokeKind::Outside);
                }
                if response.clicked() {
                    self.chosen = Some(index);
                }
                if response.double_clicked() {
                    doubled = Some(index);
                }
                let words = seed_words(made, &self.form, index);
                response.on_hover_ui(|ui| {
                    ui.add(Image::new((texture.id, Vec2::splat(HOVER_SIDE))));
                    ui.label(words);
                    ui.weak("click: choose · double click: to the editor");
                });
            }
        });
        doubled
    }
}

/// "seed 40 · class 3: cat".
pub fn seed_words(made: &super::Made, form: &super::Form, index: usize) -> String {
    let seed = made.seeds.get(index).map_or_else(String::new, |seed| format!("seed {seed}"));
    let class = made.classes.as_ref().and_then(|classes| classes.get(index));
    class.map_or_else(|| seed.clone(), |class| format!("{seed} · class {}", form.name(*class)))
}
