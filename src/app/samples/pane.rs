//! The pane itself: its buttons, the tiles or the single picture, and the lines below them.

use eframe::egui::{Button, PointerButton, Rect, Role, Ui, UiBuilder, WidgetInfo, pos2};

use super::column::{Column, Kind};
use super::single::{Open, Wish};
use super::worker::Job;
use super::{Picked, Samples, foot, index, single, view};
use crate::app::{buttons, card, texture, words};
use crate::run::message::Averaging;

impl Samples {
    pub(super) fn pane(&mut self, ui: &mut Ui, live: bool) -> Option<Picked> {
        let columns = self.columns(live);
        let count = columns.iter().flatten().map(Column::len).max().unwrap_or(0);
        self.open = self.open.filter(|open| open.index < count);
        let mut wish = self.open.and_then(|_| single::keys(ui.ctx()));
        let mut picked = None;
        let (tool_wish, contents_wish) = (&mut None, &mut None);
        let known = columns.as_deref().unwrap_or_default();
        let tools = |ui: &mut Ui, pane: &mut Self| *tool_wish = pane.tools(ui, live, known, count);
        card::show(ui, "Samples", self, tools, |ui, pane| {
            let area = ui.available_rect_before_wrap();
            if known.is_empty() {
                card::empty(
                    ui,
                    area,
                    "The first samples appear in a few seconds",
                    "what the model makes of the same seeds, again and again, as it learns",
                );
            } else {
                *contents_wish = pane.contents(ui, area, known);
            }
        });
        wish = wish.or(tool_wish.take()).or(contents_wish.take());
        if let (Some(wish), Some(open)) = (wish, self.open) {
            picked = self.carry_out(ui, wish, open, known);
        }
        picked
    }

    /// From right to left.
    fn tools(&mut self, ui: &mut Ui, live: bool, columns: &[Column], count: usize) -> Option<Wish> {
        let wish = match self.open {
            Some(open) => single::tools(ui, open, count),
            None => {
                let can_save = count > 0 && self.origin.run_dir.is_some() && !self.stale;
                let save = ui.add_enabled(can_save, Button::new("Save PNG"));
                save.widget_info(|| WidgetInfo::labeled(Role::Button, can_save, "save the grid as PNG"));
                let hover = "All that is shown here, into the folder saved beside the run";
                if save.on_hover_text(hover).clicked()
                    && let Some(export) = self.export_grid(columns)
                {
                    self.worker.start(Job::Save(export));
                }
                let (response, folder) = buttons::form(ui, "Beside", |ui| self.beside.menu(ui, live));
                response.on_hover_text("Training images, the teacher or another run beside the samples");
                if let Some(folder) = folder.flatten() {
                    self.open_run(folder, false);
                }
                None
            }
        };
        ui.add_space(4.0);
        for (averaging, name, hover) in [
            (Averaging::Raw, "raw", "The weights as the optimiser has left them"),
            (Averaging::Ema, "EMA", "The running average of the weights: what is measured and saved"),
        ] {
            // Once the run has ended nobody draws what has not been drawn.
            let known = averaging == Averaging::Ema || live || self.albums[index(averaging)].len() > 0;
            ui.add_enabled_ui(known, |ui| {
                ui.selectable_value(&mut self.averaging, averaging, name).on_hover_text(hover);
            });
        }
        wish
    }

    /// Everything below the title.
    fn contents(&mut self, ui: &mut Ui, whole: Rect, columns: &[Column]) -> Option<Wish> {
        let height = if self.open.is_some() { foot::OF_SINGLE } else { foot::OF_GRID };
        let top = (whole.bottom() - height).max(whole.top());
        let area = whole.with_max_y(top);
        let below = Rect::from_min_max(pos2(whole.left(), top + foot::GAP), whole.max);
        let mut below = ui.new_child(UiBuilder::new().max_rect(below));
        let Some(mut open) = self.open else {
            let clicked = view::show(ui, area, columns, &mut self.sheets, &mut self.zoom, &mut self.marked);
            let most = columns.first().map_or(0, Column::len);
            let album = &mut self.albums[index(self.averaging)];
            foot::caption(&mut below, album, most, &mut self.zoom, &self.said);
            if foot::time(&mut below, album) {
                self.said = None;
            }
            if let Some((kind, index)) = clicked {
                self.open = Some(Open { kind, index });
                self.said = None;
            }
            return None;
        };
        single::show(ui, area, columns, &mut self.sheets, &mut open);
        self.open = Some(open);
        let again = self.again(open);
        // Under the new title there are still the old pictures.
        let can_use = !(self.stale && open.kind == Kind::Samples);
        let can_save = can_use && self.origin.run_dir.is_some();
        let words = self.words(open, columns);
        let wish = single::foot(&mut below, &words, &again, can_use, can_save, &self.said);
        if foot::time(&mut below, &mut self.albums[index(self.averaging)]) {
            self.said = None;
        }
        // The first click of the two has opened the picture.
        let doubled = ui.input(|input| input.pointer.button_double_clicked(PointerButton::Primary));
        wish.or((can_use && doubled && ui.rect_contains_pointer(area)).then_some(Wish::Project))
    }

    /// The picture in one line.
    fn words(&self, open: Open, columns: &[Column]) -> String {
        let Some(column) = columns.iter().find(|column| column.kind == open.kind) else {
            return String::new();
        };
        let number =
            format!("{} {} of {}", column.kind.noun(), open.index + 1, words::count(column.len() as u64));
        let seed = if column.kind.is_seeded() { format!(" · seed {}", open.index) } else { String::new() };
        let weights = if open.kind == Kind::Samples { self.averaging_words() } else { "" };
        format!("{number}{seed} · {}{weights}", column.title)
    }

    fn averaging_words(&self) -> &'static str {
        match self.averaging {
            Averaging::Ema => " · EMA",
            Averaging::Raw => " · raw",
        }
    }

    fn carry_out(&mut self, ui: &Ui, wish: Wish, open: Open, columns: &[Column]) -> Option<Picked> {
        // The picture's column may be gone: there is a way back all the same.
        let column = columns.iter().find(|column| column.kind == open.kind);
        let pictures = column.and_then(|column| column.pictures.as_ref().ok());
        let picture = pictures.and_then(|pictures| pictures.get(open.index));
        match wish {
            Wish::Back => self.open = None,
            Wish::Previous | Wish::Next => {
                let index = if wish == Wish::Next { open.index + 1 } else { open.index.saturating_sub(1) };
                let last = column?.len().min(view::MAX_TILES).saturating_sub(1);
                self.open = Some(Open { index: index.min(last), ..open });
                self.said = None;
            }
            Wish::Copy => ui.ctx().copy_image(texture::to_color_image(picture?)),
            Wish::CopyCommand(words) => ui.ctx().copy_text(words),
            Wish::Save => {
                let export = self.export_picture(open, column?, picture?)?;
                self.worker.start(Job::Save(export));
            }
            Wish::Project => {
                self.open = None;
                return picture.map(|picture| Picked { name: self.name(open), picture: picture.clone() });
            }
        }
        None
    }
}
