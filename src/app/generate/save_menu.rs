//! Where pictures are saved, and as what.

use std::path::{Path, PathBuf};

use eframe::egui::{Button, Role, TextEdit, Ui, WidgetInfo};

use super::keep::Format;
use crate::app::buttons;
use crate::app::typed_path::path_of;

/// Folder of generated pictures, in the run's.
const FOLDER: &str = "generated";

/// Width of the menu, points.
const WIDTH: f32 = 300.0;

/// What the user has set.
#[derive(Default)]
pub struct Wanted {
    /// The folder in the field; empty is the run's own.
    typed: String,
    pub format: Format,
}

impl Wanted {
    /// Where pictures go; a folder that is named without its place is one in the run's.
    pub fn folder(&self, run_dir: Option<&Path>) -> Option<PathBuf> {
        let typed = path_of(&self.typed).unwrap_or_else(|| FOLDER.into());
        match run_dir {
            Some(run_dir) => Some(run_dir.join(typed)),
            None => Some(typed).filter(|typed| typed.is_absolute()),
        }
    }
}

/// The button with its menu, for so many pictures; whether they are to be saved.
pub fn show(ui: &mut Ui, wanted: &mut Wanted, count: usize, run_dir: Option<&Path>) -> bool {
    let mut save = false;
    ui.add_enabled_ui(count > 0, |ui| {
        let (button, shown) = buttons::form(ui, "Save…", |ui| {
            ui.set_max_width(WIDTH);
            contents(ui, wanted, count, run_dir)
        });
        save = shown.unwrap_or(false);
        button.widget_info(|| WidgetInfo::labeled(Role::Button, count > 0, "save generated pictures"));
        button.on_disabled_hover_text("Once there are pictures");
    });
    save
}

fn contents(ui: &mut Ui, wanted: &mut Wanted, count: usize, run_dir: Option<&Path>) -> bool {
    let label = ui.label("Save to folder").id;
    let hint = format!("{FOLDER}, in the run's folder");
    let field = TextEdit::singleline(&mut wanted.typed).hint_text(hint).desired_width(WIDTH);
    ui.add(field).labelled_by(label);
    for format in Format::ALL {
        ui.radio_value(&mut wanted.format, format, format.words());
    }
    ui.small(wanted.format.recorded());
    ui.small("Existing files are never overwritten.");
    let folder = wanted.folder(run_dir);
    let words = if count == 1 { "Save 1 picture".to_owned() } else { format!("Save {count} pictures") };
    let button = ui.add_enabled(folder.is_some(), Button::new(words));
    let hover = folder.map_or_else(
        || "The run has no folder yet: give the whole path of one".to_owned(),
        |folder| folder.display().to_string(),
    );
    let save = button.on_hover_text(&hover).on_disabled_hover_text(&hover).clicked();
    if save {
        ui.close();
    }
    save
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_in_the_runs_unless_it_says_where() {
        let run = Some(Path::new("/runs/1"));
        let of = |typed: &str, run| Wanted { typed: typed.to_owned(), ..Wanted::default() }.folder(run);
        assert_eq!(of("", run), Some("/runs/1/generated".into()));
        assert_eq!(of(" mine ", run), Some("/runs/1/mine".into()));
        #[cfg(unix)]
        assert_eq!(of("'/else where'", run), Some("/else where".into()));
        assert_eq!(of("mine", None), None, "nobody says where");
    }
}
