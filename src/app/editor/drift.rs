//! A result projected again and again: a model that is idempotent leaves it where it is.

use std::sync::Arc;

use eframe::egui::{Label, Pos2, Rect, RichText, Sense, Shape, Stroke, Ui, vec2};
use image::RgbImage;

use super::state::Made;
use crate::app::theme;
use crate::run::message::Projection;
use crate::words;

/// Height of the line, points.
pub const HEIGHT: f32 = 22.0;

/// Width of the curve, points.
const CURVE: f32 = 64.0;

/// Numbers in sight; the curve has them all.
const SAID: usize = 6;

/// The repeats of one result.
#[derive(Default)]
pub struct Drift {
    /// Which result, and which of its applications.
    of: Option<(Arc<Made>, usize)>,
    last: Option<Arc<RgbImage>>,
    /// What each repeat moved, root mean square in [-1, 1] units.
    pub moved_rms: Vec<f32>,
}

impl Drift {
    /// The picture that the next repeat of application `chosen` of `made` begins with.
    pub fn next(&mut self, made: &Arc<Made>, chosen: usize) -> Option<Arc<RgbImage>> {
        if !self.is_of(made, chosen) {
            let picture = made.projection.after.get(chosen)?;
            *self = Self {
                of: Some((Arc::clone(made), chosen)),
                last: Some(Arc::new(picture.clone())),
                moved_rms: Vec::new(),
            };
        }
        self.last.clone()
    }

    pub fn is_of(&self, made: &Arc<Made>, chosen: usize) -> bool {
        self.of.as_ref().is_some_and(|(of, at)| Arc::ptr_eq(of, made) && *at == chosen)
    }

    /// Takes what came of a repeat.
    pub fn add(&mut self, repeat: &Projection) {
        if let (Some(picture), Some(moved)) = (repeat.after.last(), repeat.moved_rms.last()) {
            self.last = Some(Arc::new(picture.clone()));
            self.moved_rms.push(*moved);
        }
    }

    /// The numbers of the newest repeats and a curve of all.
    pub fn show(&self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            let first = self.moved_rms.len().saturating_sub(SAID);
            let numbers: Vec<_> =
                self.moved_rms[first..].iter().map(|moved| words::value(f64::from(*moved))).collect();
            let dots = if first > 0 { "… " } else { "" };
            let hover = "What each further projection of the result moved: root mean square over its pixels, in \
                         [-1, 1] units. 0 is a model that leaves its own results alone; pictures go back \
                         and forth in steps of 0.008.";
            let (rect, response) = ui.allocate_exact_size(vec2(CURVE, HEIGHT - 6.0), Sense::hover());
            response.on_hover_text(hover);
            self.curve(ui, rect);
            let words = format!("each repeat moved it {dots}{} rms", numbers.join(" · "));
            ui.add(Label::new(RichText::new(words).small()).truncate()).on_hover_text(hover);
        });
    }

    fn curve(&self, ui: &Ui, rect: Rect) {
        let palette = theme::palette(ui);
        let most = self.moved_rms.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let gaps = self.moved_rms.len().saturating_sub(1).max(1) as f32;
        let place = |(i, moved): (usize, &f32)| -> Pos2 {
            rect.left_bottom() + vec2(i as f32 / gaps * rect.width(), -moved / most * rect.height())
        };
        let points: Vec<Pos2> = self.moved_rms.iter().enumerate().map(place).collect();
        let line = Stroke::new(1.5, palette.accent);
        ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, palette.edge));
        points.iter().for_each(|point| {
            ui.painter().circle_filled(*point, 2.0, palette.accent);
        });
        ui.painter().add(Shape::line(points, line));
    }
}
