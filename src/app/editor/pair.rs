//! Before and after beside each other, as large as there is room.

use eframe::egui::{Align, Label, Layout, Rect, RichText, TextStyle, Ui, UiBuilder, Vec2, vec2};

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

/// Around the words of a tag, points.
const TAG_MARGIN: Vec2 = vec2(4.0, 1.0);

/// Where both pictures are.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    pub both: [Rect; 2],
    /// Whether there is room for words above them.
    pub are_headed: bool,
}

/// The places of both pictures in `area`, for pictures of `size` pixels: beside each other, or one above the other
/// where they are larger so.
pub fn places(area: Rect, size: Vec2) -> Places {
    let (left, right) = area.split_left_right_at_fraction(0.5);
    let beside =
        [left.with_max_x(left.right() - BETWEEN / 2.0), right.with_min_x(right.left() + BETWEEN / 2.0)];
    let (top, bottom) = area.split_top_bottom_at_fraction(0.5);
    let above =
        [top.with_max_y(top.bottom() - BETWEEN / 2.0), bottom.with_min_y(bottom.top() + BETWEEN / 2.0)];
    let [beside, above] = [beside, above].map(under_headings);
    let width = |places: &Places| tiles::inside(size, places.both[0]).width();
    if width(&above) > 1.1 * width(&beside) { above } else { beside }
}

fn under_headings(places: [Rect; 2]) -> Places {
    let are_headed = places[0].height() >= LOW;
    let height = if are_headed { HEADING } else { 0.0 };
    Places { both: places.map(|place| place.with_min_y(place.top() + height)), are_headed }
}

/// Shows both in their `places`, the one before in both while `held`.
pub fn show(
    ui: &mut Ui,
    places: Places,
    made: &Made,
    hung: &Hung,
    chosen: usize,
    held: bool,
    camera: &Camera,
) {
    let Some(after) = hung.after.get(chosen) else { return };
    let (width, height) = made.projection.before.dimensions();
    let before = ("Before", format!("{width} × {height} pixels"));
    let number = chosen + 1;
    let label = if held { format!("before, for after {number}") } else { format!("after {number}") };
    let after = if held {
        (&hung.before, before.clone(), label)
    } else {
        (after, ("After", applications(made.applications(chosen))), label)
    };
    for (place, (texture, (title, detail), label)) in
        places.both.into_iter().zip([(&hung.before, before, "before".to_owned()), after])
    {
        shown::picture(ui, place, texture, &label, camera);
        // What of the picture is seen.
        let rect = camera.rect(texture.size_vec2(), place).intersect(place);
        if places.are_headed {
            heading(ui, Rect::from_min_max(rect.min, place.max), title, &detail);
        } else {
            tag(ui, rect, title);
        }
    }
}

/// The words above a picture, from its left edge as far as its place reaches.
fn heading(ui: &mut Ui, place: Rect, title: &str, detail: &str) {
    let room = Rect::from_min_max(place.min - vec2(0.0, HEADING), place.right_top());
    let mut ui = ui.new_child(UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center)));
    ui.label(RichText::new(title).strong());
    let detail = RichText::new(detail).small().color(theme::palette(&ui).faint);
    ui.add(Label::new(detail).truncate());
}

/// The same in short on a picture's corner, where there is no room above it.
fn tag(ui: &Ui, picture: Rect, title: &str) {
    let palette = theme::palette(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let words = ui.painter().layout_no_wrap(title.to_owned(), font, palette.text);
    let ground = Rect::from_min_size(picture.min, words.size() + 2.0 * TAG_MARGIN);
    ui.painter().rect_filled(ground, theme::TILE_RADIUS, palette.card.gamma_multiply(0.8));
    ui.painter().galley(ground.min + TAG_MARGIN, words, palette.text);
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
            let Places { both: [first, second], are_headed } = places(area, size);
            assert_eq!(first.right() < second.left(), beside, "{area:?}");
            assert!(area.contains_rect(first) && area.contains_rect(second) && !first.intersects(second));
            assert_eq!(first.size(), second.size());
            // The words above a picture are within its half.
            let above = if are_headed { HEADING } else { 0.0 };
            assert!(
                first.top() - above >= area.top() && area.contains_rect(second.translate(vec2(0.0, -above)))
            );
        }
    }
}
