//! The chosen pictures in a form: some of them, how many there are, how large, and what to expect of so many.

use eframe::egui::{Label, Rect, RichText, Sense, Ui, Vec2, vec2};

use super::look::{Look, Looker, SHOWN};
use crate::app::texture::Sheet;
use crate::app::{theme, tiles, words};
use crate::error::Kind;

/// Side of a picture, points.
const SIDE: f32 = 40.0;

/// Fewer pictures than this are learned by heart rather than understood.
const FEW: usize = 1_000;

/// Names of classes that are shown, and how long all of them may be, characters.
const NAMES: usize = 6;
const NAMES_CHARS: usize = 80;

/// Shows a row of the form; nothing where no pictures are chosen.
pub fn show(ui: &mut Ui, looker: &Looker, sheet: &mut Sheet) {
    match looker.seen() {
        None if looker.is_at_work() => {
            ui.label("");
            ui.weak("looking at the pictures…");
        }
        Some(Ok(look)) => {
            ui.label("");
            ui.vertical(|ui| {
                thumbnails(ui, look, sheet);
                ui.add(Label::new(counted(look)).wrap());
                let palette = theme::palette(ui);
                if let Some(words) = few(look) {
                    ui.add(Label::new(RichText::new(words).color(palette.warn)).wrap());
                }
                for warning in &look.warnings {
                    ui.add(Label::new(RichText::new(warning).small().color(palette.warn)).wrap());
                }
            });
        }
        Some(Err(error)) if error.kind != Kind::Stopped => {
            ui.label("");
            let words = RichText::new(error.to_string()).small().color(theme::palette(ui).error);
            ui.add(Label::new(words).wrap());
        }
        None | Some(Err(_)) => return,
    }
    ui.end_row();
}

fn thumbnails(ui: &mut Ui, look: &Look, sheet: &mut Sheet) {
    let along = |n: usize| n as f32 * (SIDE + tiles::TILE_GAP) - tiles::TILE_GAP;
    let room = ((ui.available_width() + tiles::TILE_GAP) / (SIDE + tiles::TILE_GAP)).max(1.0) as usize;
    let count = look.pictures.len().min(room);
    let (row, _) = ui.allocate_exact_size(vec2(along(count), SIDE), Sense::hover());
    let textures = sheet.show(ui.ctx(), "chosen", &look.pictures, SHOWN).to_vec();
    for (index, texture) in textures.into_iter().take(count).enumerate() {
        let corner = row.min + vec2(index as f32 * (SIDE + tiles::TILE_GAP), 0.0);
        let rect = Rect::from_min_size(corner, Vec2::splat(SIDE));
        tiles::tile(ui, rect, texture, &format!("chosen picture {}", index + 1));
    }
}

/// "1 200 pictures · 32 × 32 pixels, in colour · 2 classes: cat, dog".
fn counted(look: &Look) -> String {
    let about = if look.is_exact { "" } else { "about " };
    let pictures = match look.count {
        1 => "1 picture".to_owned(),
        count => format!("{} pictures", words::count(count as u64)),
    };
    let colour = if look.channels == 1 { "gray" } else { "in colour" };
    format!("{about}{pictures} · {}, {colour} · {}", look.native.words(), classes(&look.classes))
}

fn classes(names: &[String]) -> String {
    match names.len() {
        0 => "no classes".to_owned(),
        1 => format!("1 class: {}", shortened(names)),
        count => format!("{count} classes: {}", shortened(names)),
    }
}

fn shortened(names: &[String]) -> String {
    let mut shown: String = names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    let is_cut = shown.chars().count() > NAMES_CHARS;
    if is_cut {
        shown = shown.chars().take(NAMES_CHARS).collect();
    }
    if is_cut || names.len() > NAMES { format!("{shown}…") } else { shown }
}

/// What to expect of few pictures.
fn few(look: &Look) -> Option<String> {
    match look.count {
        0 | 1 => Some("One picture is not a data set: give two or more.".to_owned()),
        count if count < FEW => Some(format!(
            "{} pictures are few: the model will mostly repeat them. With about {} or more it invents more of its own.",
            words::count(count as u64),
            words::count(FEW as u64)
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::native::Native;
    use super::*;

    fn look(count: usize, classes: &[&str]) -> Look {
        Look {
            count,
            is_exact: count < 100,
            native: Native::Exactly(32),
            channels: 1,
            classes: classes.iter().map(ToString::to_string).collect(),
            pictures: Vec::new().into(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn pictures_are_told_in_a_line() {
        let words = counted(&look(12, &["cat", "dog"]));
        assert_eq!(words, "12 pictures · 32 × 32 pixels, gray · 2 classes: cat, dog");
        assert!(
            counted(&look(60_000, &[]))
                .starts_with("about 60 000 pictures · 32 × 32 pixels, gray · no classes")
        );
        let many: Vec<String> = (0..40).map(|i| format!("{}{i}", "ä".repeat(60))).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(counted(&look(3, &many)).chars().count() < 200);
    }

    #[test]
    fn few_pictures_are_told() {
        assert!(few(&look(1, &[])).is_some_and(|words| words.contains("two or more")));
        assert!(few(&look(999, &[])).is_some_and(|words| words.starts_with("999 pictures are few")));
        assert_eq!(few(&look(1_000, &[])), None);
    }
}
