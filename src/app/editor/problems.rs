//! What could not be done, and the strip in the editor that says so.

use eframe::egui::{
    Align, Button, Color32, Label, Layout, Rect, RichText, ScrollArea, Stroke, StrokeKind, TextStyle, Ui,
    UiBuilder, Vec2, vec2,
};

use crate::app::theme;

/// Lines before the oldest leaves.
const MAX: usize = 6;

/// Lines seen at once; the rest is scrolled.
const LINES_IN_SIGHT: usize = 3;

/// Space above the strip, points.
const ABOVE: f32 = 6.0;

/// Space around the lines, points.
const MARGIN: Vec2 = vec2(10.0, 6.0);

/// Width of the button and the space before it, points.
const BUTTON: f32 = 58.0;

/// Least height of what is in the strip, points: that of the button.
const LEAST: f32 = 16.0;

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

/// Height of the strip in a pane `width` points wide; none without problems. No line is cut through.
pub fn height(ui: &Ui, problems: &[String], width: f32) -> f32 {
    if problems.is_empty() {
        return 0.0;
    }
    let (font, room) = (TextStyle::Small.resolve(ui.style()), width - 2.0 * MARGIN.x - BUTTON);
    let galley = ui.painter().layout(problems.join("\n"), font, Color32::PLACEHOLDER, room.max(1.0));
    let lines = galley.rows.len();
    let all = galley.size().y * lines.min(LINES_IN_SIGHT) as f32 / lines.max(1) as f32;
    all.max(LEAST) + 2.0 * MARGIN.y + ABOVE
}

/// Shows `problems` in `rect`; returns whether the user clears them.
pub fn show(ui: &mut Ui, rect: Rect, problems: &[String]) -> bool {
    let colour = theme::palette(ui).error;
    let rect = rect.with_min_y(rect.top() + ABOVE);
    let edge = Stroke::new(1.0, colour.gamma_multiply(0.45));
    ui.painter().rect(rect, theme::TILE_RADIUS, colour.gamma_multiply(0.10), edge, StrokeKind::Inside);
    let inside = rect.shrink2(MARGIN);
    let (text, button) = inside.split_left_right_at_x(inside.right() - BUTTON);
    lines(&mut ui.new_child(UiBuilder::new().max_rect(text)), problems);
    let from_right = Layout::right_to_left(Align::Min);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(button).layout(from_right));
    ui.add(Button::new("Clear").small()).on_hover_text("Forget these lines").clicked()
}

fn lines(ui: &mut Ui, problems: &[String]) {
    let colour = theme::palette(ui).error;
    // What is not seen is scrolled to; the first line in sight is no fainter than the others.
    ui.spacing_mut().scroll.fade.strength = 0.0;
    ScrollArea::vertical().min_scrolled_height(0.0).stick_to_bottom(true).auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for words in problems {
            ui.add(Label::new(RichText::new(words).small().color(colour)).wrap());
        }
    });
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Context, RawInput};

    use super::*;

    #[test]
    fn whole_lines_are_seen_and_no_more_than_three() {
        let strip = |words: &str, count: usize| {
            let (problems, mut found) = (vec![words.to_owned(); count], 0.0);
            let frame =
                Context::default().run_ui(RawInput::default(), |ui| found = height(ui, &problems, 400.0));
            frame.drop_without_applying_deltas();
            found
        };
        let short = |count: usize| strip("a.txt: not a picture", count);
        assert!(short(0) == 0.0 && short(1) < short(2) && short(2) < short(3));
        for (height, what) in
            [(short(6), "six lines"), (strip(&"long ".repeat(200), 1), "a long one, wrapped")]
        {
            assert!((height - short(3)).abs() < 0.5, "{what}: {height}");
        }
    }

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
