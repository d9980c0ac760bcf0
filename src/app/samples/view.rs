//! All tiles of all columns.

use eframe::egui::containers::scroll_area::ScrollSource;
use eframe::egui::load::SizedTexture;
use eframe::egui::{
    Align2, Image, Label, Rect, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2,
};

use super::column::{Column, Kind};
use super::plan::Plan;
use super::zoom::Zoom;
use crate::app::texture::Sheet;
use crate::app::{card, theme, tiles};

/// Tiles shown of one grid: more are too small to see.
pub const MAX_TILES: usize = 256;

/// Side of the picture that a tile shows under the pointer, points; with other columns to be seen, half of it.
const HOVER_SIDE: f32 = 256.0;

/// Textures of each kind of column.
pub type Sheets = [Sheet; Kind::COUNT];

/// The textures of a column; none where it has no pictures.
pub fn textures<'a>(ui: &Ui, sheets: &'a mut Sheets, column: &Column) -> &'a [SizedTexture] {
    match &column.pictures {
        Ok(pictures) => sheets[column.kind.index()].show(ui.ctx(), column.kind.noun(), pictures, MAX_TILES),
        Err(_) => &[],
    }
}

/// Side of the largest pictures, pixels.
pub fn pixels(columns: &[Column]) -> usize {
    columns.iter().filter_map(Column::side).max().unwrap_or(1).max(1) as usize
}

/// A column's heading, in one line.
pub fn heading(ui: &mut Ui, rect: Rect, title: &str) {
    let mut line = ui.new_child(UiBuilder::new().max_rect(rect));
    line.add(Label::new(RichText::new(title).small()).truncate());
}

/// Paints `columns` into `area`; returns a tile that was clicked. `marked` is the tile under the pointer: it is
/// marked in every column that has its seed.
pub fn show(
    ui: &mut Ui,
    area: Rect,
    columns: &[Column],
    sheets: &mut Sheets,
    zoom: &mut Zoom,
    marked: &mut Option<usize>,
) -> Option<(Kind, usize)> {
    let count = columns.iter().map(Column::len).max().unwrap_or(0).min(MAX_TILES);
    if count == 0 {
        let words = columns.first().and_then(|column| column.pictures.as_ref().err());
        card::empty(ui, area, words.map_or("No pictures", String::as_str), "");
        return None;
    }
    let pixels_per_point = ui.ctx().pixels_per_point();
    let pixels = pixels(columns);
    let mut plan = Plan::fitting(columns.len(), count, area.size(), pixels, pixels_per_point);
    if let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|_| ui.rect_contains_pointer(area)) {
        let factor = ui.input(|input| input.zoom_delta());
        if factor != 1.0 {
            zoom.about(factor, pointer - area.min);
        }
    }
    plan.side = zoom.side(plan.side, pixels as f32 / pixels_per_point);
    let mut scroll = ScrollArea::new(!zoom.is_fitted())
        .id_salt("samples")
        .auto_shrink(false)
        .min_scrolled_width(0.0)
        .min_scrolled_height(0.0)
        .scroll_source(ScrollSource::ALL);
    if let Some(offset) = zoom.take_move() {
        scroll = scroll.scroll_offset(offset);
    }
    let (mut clicked, mut hovered) = (None, None);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(area));
    let output = scroll.show(&mut inside, |ui| {
        let size = plan.size().max(area.size());
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let corner = Align2::CENTER_CENTER.align_size_within_rect(plan.size(), rect).min.to_vec2();
        for (block, column) in columns.iter().enumerate() {
            if columns.len() > 1 {
                heading(ui, plan.heading(block).translate(corner), &column.title);
            }
            if let Err(words) = &column.pictures {
                card::empty(ui, plan.tiles(block).translate(corner), words, "");
            }
            for (i, texture) in textures(ui, sheets, column).iter().enumerate() {
                let rect = plan.tile(block, i).translate(corner);
                if !ui.is_rect_visible(rect) {
                    continue;
                }
                let label = format!("{} {}", column.kind.noun(), i + 1);
                let response = tiles::tile(ui, rect, *texture, &label);
                if response.hovered() {
                    hovered = column.kind.is_seeded().then_some(i);
                } else if *marked == Some(i) && column.kind.is_seeded() {
                    let stroke = Stroke::new(2.0, theme::palette(ui).accent);
                    ui.painter().rect_stroke(rect, theme::TILE_RADIUS, stroke, StrokeKind::Outside);
                }
                if response.clicked() {
                    clicked = Some((column.kind, i));
                }
                response.on_hover_ui(|ui| {
                    let side = if columns.len() > 1 { HOVER_SIDE / 2.0 } else { HOVER_SIDE };
                    ui.add(Image::new((texture.id, Vec2::splat(side))));
                    let seed = if column.kind.is_seeded() { format!(" · seed {i}") } else { String::new() };
                    ui.label(format!("{label}{seed}"));
                    ui.weak("click: full size · double click: to the editor");
                });
            }
        }
    });
    zoom.scrolled(output.state.clamped_offset());
    if hovered != *marked {
        *marked = hovered;
        // The tiles before the hovered one are painted already.
        ui.ctx().request_repaint();
    }
    clicked
}
