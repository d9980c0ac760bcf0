//! Before and after beside each other, as large as there is room.

use eframe::egui::{Align, Label, Layout, Rect, RichText, Ui, UiBuilder, Vec2, vec2};

use super::camera::Camera;
use super::gallery::Hung;
use super::shown;
use super::state::Made;
use super::strip::applications;
use crate::app::{theme, tiles};

/// Height of the words above a picture, points.
const HEADING: f32 = 20.0;

/// Lower than this, pictures have no words above them, points.
const LOW: f32 = 70.0;

/// Space between the two, points.
const BETWEEN: f32 = 10.0;

/// The places of both pictures in `area`, for pictures of `size` pixels: beside each other, or one above the other
/// where they are larger so.
pub fn places(area: Rect, size: Vec2) -> [Rect; 2] {
    let (left, right) = area.split_left_right_at_fraction(0.5);
    let beside =
        [left.with_max_x(left.right() - BETWEEN / 2.0), right.with_min_x(right.left() + BETWEEN / 2.0)];
    let (top, bottom) = area.split_top_bottom_at_fraction(0.5);
    let above =
        [top.with_max_y(top.bottom() - BETWEEN / 2.0), bottom.with_min_y(bottom.top() + BETWEEN / 2.0)];
    let [beside, above] = [beside, above].map(|pair| pair.map(under_heading));
    let width = |pair: &[Rect; 2]| tiles::inside(size, pair[0]).width();
    if width(&above) > 1.1 * width(&beside) { above } else { beside }
}

fn under_heading(place: Rect) -> Rect {
    if place.height() < LOW { place } else { place.with_min_y(place.top() + HEADING) }
}

/// Shows both in their `places`, the one before in both while `held`.
pub fn show(
    ui: &mut Ui,
    places: [Rect; 2],
    made: &Made,
    hung: &Hung,
    chosen: usize,
    held: bool,
    camera: &Camera,
) {
    let Some(after) = hung.after.get(chosen) else { return };
    let (width, height) = made.projection.before.dimensions();
    let count = made.applications(chosen);
    let before = format!("{width} × {height} pixels");
    let number = chosen + 1;
    let labels = if held { format!("before, for after {number}") } else { format!("after {number}") };
    let [left, right] = places;
    heading(ui, left, "Before", &before);
    shown::picture(ui, left, &hung.before, "before", camera);
    let words = if held { ("Before", before) } else { ("After", applications(count)) };
    heading(ui, right, words.0, &words.1);
    shown::picture(ui, right, if held { &hung.before } else { after }, &labels, camera);
}

/// The words above a picture's place.
fn heading(ui: &mut Ui, place: Rect, title: &str, detail: &str) {
    let room = Rect::from_min_max(place.min - vec2(0.0, HEADING), place.right_top());
    if place.height() + HEADING < LOW {
        return;
    }
    let mut ui = ui.new_child(UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center)));
    ui.label(RichText::new(title).strong());
    let detail = RichText::new(detail).small().color(theme::palette(&ui).faint);
    ui.add(Label::new(detail).truncate());
}

#[cfg(test)]
mod tests {
    use eframe::egui::{pos2, vec2};

    use super::*;

    #[test]
    fn pictures_stand_where_they_are_larger_and_never_on_each_other() {
        let area = |width, height| Rect::from_min_size(pos2(10.0, 20.0), vec2(width, height));
        for (area, size, beside) in [
            (area(500.0, 220.0), vec2(32.0, 32.0), true),
            (area(220.0, 500.0), vec2(32.0, 32.0), false),
            (area(500.0, 220.0), vec2(400.0, 40.0), false),
            (area(300.0, 50.0), vec2(32.0, 32.0), true),
        ] {
            let [first, second] = places(area, size);
            assert_eq!(first.right() < second.left(), beside, "{area:?}");
            assert!(area.contains_rect(first) && area.contains_rect(second) && !first.intersects(second));
            assert_eq!(first.size(), second.size());
        }
    }
}
