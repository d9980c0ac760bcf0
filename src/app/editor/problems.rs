//! What could not be done, and the strip in the editor that says so.

use eframe::egui::{
    Align, Button, Frame, Label, Layout, Margin, Rect, RichText, ScrollArea, Stroke, Ui, UiBuilder,
};

use crate::app::theme;

/// Lines before the oldest leaves.
const MAX: usize = 6;

/// Height of one line, points.
const LINE: f32 = 19.0;

/// Lines seen at once; the rest is scrolled.
const LINES_IN_SIGHT: usize = 3;

/// Space above and inside the strip, points.
const PADDING: f32 = 22.0;

/// Lines about files that could not be used and the like, newest last.
#[derive(Default)]
pub struct Problems {
    lines: Vec<String>,
    /// Pictures that had to leave the list.
    left: usize,
}

impl Problems {
    pub fn add(&mut self, words: String) {
        if self.lines.len() == MAX {
            self.lines.remove(0);
        }
        self.lines.push(words);
    }

    /// The picture called `name` left the list of `most`. All that did share one line: each with its own,
    /// they would push out what was refused.
    pub fn left(&mut self, name: &str, most: usize) {
        let end = format!(" left the list, which holds {most} pictures");
        self.lines.retain(|line| !line.ends_with(&end));
        let before = if self.left > 0 { format!(" and {} before it", self.left) } else { String::new() };
        self.left += 1;
        self.add(format!("{name}{before}{end}"));
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

/// Height of the strip, points; none without problems.
pub fn height(problems: &[String]) -> f32 {
    match problems.len().min(LINES_IN_SIGHT) {
        0 => 0.0,
        lines => LINE * lines as f32 + PADDING,
    }
}

/// Shows `problems` in `rect`; returns whether the user clears them.
pub fn show(ui: &mut Ui, rect: Rect, problems: &[String]) -> bool {
    let colour = theme::palette(ui).error;
    let rect = rect.with_min_y(rect.top() + 6.0);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect));
    let mut clear = false;
    Frame::new()
        .fill(colour.gamma_multiply(0.10))
        .stroke(Stroke::new(1.0, colour.gamma_multiply(0.45)))
        .corner_radius(theme::TILE_RADIUS)
        .inner_margin(Margin::symmetric(10, 6))
        .show(&mut ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                clear = ui.add(Button::new("Clear").small()).on_hover_text("Forget these lines").clicked();
                ui.with_layout(Layout::top_down(Align::Min), |ui| lines(ui, problems));
            });
        });
    clear
}

fn lines(ui: &mut Ui, problems: &[String]) {
    let colour = theme::palette(ui).error;
    ui.spacing_mut().item_spacing.y = 3.0;
    ScrollArea::vertical().min_scrolled_height(0.0).stick_to_bottom(true).auto_shrink(false).show(ui, |ui| {
        for words in problems {
            ui.add(Label::new(RichText::new(words).small().color(colour)).truncate());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_left_do_not_push_out_what_was_refused() {
        let mut problems = Problems::default();
        problems.add("a.txt: not a picture".to_owned());
        ["1.png", "2.png", "3.png"].iter().for_each(|name| problems.left(name, 32));
        assert_eq!(
            problems.lines(),
            ["a.txt: not a picture", "3.png and 2 before it left the list, which holds 32 pictures"]
        );
        (0..MAX).for_each(|i| problems.add(i.to_string()));
        assert_eq!((problems.lines().len(), problems.lines()[0].as_str()), (MAX, "0"));
        problems.clear();
        problems.left("4.png", 32);
        assert_eq!(problems.lines(), ["4.png left the list, which holds 32 pictures"]);
    }
}
