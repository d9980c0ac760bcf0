//! How the layout looks and is taken hold of.

use eframe::egui::{
    Color32, CursorIcon, Id, Rect, Role, Sense, Stroke, Style, TextStyle, Ui, Visuals, WidgetInfo,
    WidgetText, vec2,
};
use egui_tiles::{
    Behavior, EditAction, ResizeState, SimplificationOptions, TabState, Tabs, TileId, Tiles, UiResponse,
};

use super::Pane;
use crate::app::card;
use crate::app::theme::{self, GAP};

/// The layout while it is being shown.
pub struct Showing<'a> {
    pub contents: &'a mut dyn FnMut(Pane, &mut Ui),
    /// Whether the user has moved something in this frame.
    pub moved: bool,
}

impl Behavior<Pane> for Showing<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut Pane) -> UiResponse {
        let rect = ui.max_rect();
        (self.contents)(*pane, ui);
        // A pane is moved by its title, as windows are.
        let size = vec2(title_width(ui, *pane), ui.text_style_height(&TextStyle::Heading));
        let title = Rect::from_min_size(rect.min + card::MARGIN, size);
        let handle = ui.interact(title, Id::unique(("move", pane.title())), Sense::click_and_drag());
        handle.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("move {}", pane.title().to_lowercase()))
        });
        let handle = handle.on_hover_cursor(CursorIcon::Grab).on_hover_text("Drag to move this pane");
        if handle.drag_started() { UiResponse::DragStarted } else { UiResponse::None }
    }

    fn on_edit(&mut self, action: EditAction) {
        self.moved |= matches!(action, EditAction::TileResized | EditAction::TileDropped);
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        pane.title().into()
    }

    /// A pane that is alone in its place needs no tab: it has its title.
    fn is_tab_bar_visible(&self, _tile: TileId, tabs: &Tabs) -> bool {
        tabs.children.len() > 1
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn gap_width(&self, _style: &Style) -> f32 {
        GAP
    }

    fn min_size(&self) -> f32 {
        160.0
    }

    fn tab_bar_color(&self, _visuals: &Visuals) -> Color32 {
        Color32::TRANSPARENT
    }

    fn tab_bg_color(
        &self,
        visuals: &Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        state: &TabState,
    ) -> Color32 {
        let palette = theme::palette_of(visuals);
        if state.active { palette.card } else { Color32::TRANSPARENT }
    }

    fn tab_outline_stroke(
        &self,
        _visuals: &Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        _state: &TabState,
    ) -> Stroke {
        Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::NONE
    }

    fn tab_text_color(
        &self,
        visuals: &Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        state: &TabState,
    ) -> Color32 {
        let palette = theme::palette_of(visuals);
        if state.active { palette.text } else { palette.faint }
    }

    /// Only what is being moved shows a line: the gaps speak for themselves.
    fn resize_stroke(&self, style: &Style, state: ResizeState) -> Stroke {
        match state {
            ResizeState::Idle => Stroke::NONE,
            ResizeState::Hovering | ResizeState::Dragging => {
                Stroke::new(2.0, theme::palette_of(&style.visuals).accent)
            }
        }
    }
}

/// Width of a pane's title as its card writes it, points.
fn title_width(ui: &Ui, pane: Pane) -> f32 {
    let font = TextStyle::Heading.resolve(ui.style());
    ui.painter().layout_no_wrap(pane.title().to_owned(), font, Color32::PLACEHOLDER).size().x
}
