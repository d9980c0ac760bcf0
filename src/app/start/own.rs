//! A new run of the user's images, or of a teacher that is trained already.

use eframe::egui::{Button, ComboBox, Grid, RichText, Ui};

use super::path_row;
use super::wish::Wish;
use crate::app::dialog::Question;
use crate::app::shell_words::quoted;
use crate::app::theme;
use crate::app::typed_path::path_of;

/// Sides that a machine without a large GPU can train.
const SIZES: [usize; 4] = [16, 32, 64, 128];
const METHODS: [(&str, &str); 2] = [("sign", "SIGN: samples and edits"), ("sid", "SiD: samples")];

/// What has been filled in.
pub struct Own {
    /// Path of the images.
    pub data: String,
    /// Path of a trained network or of a run; empty for none.
    pub teacher: String,
    size: usize,
    method: usize,
    labels: bool,
}

impl Default for Own {
    fn default() -> Self {
        Self { data: String::new(), teacher: String::new(), size: SIZES[0], method: 0, labels: false }
    }
}

impl Own {
    /// What keeps it from beginning, in words.
    fn missing(&self) -> Option<String> {
        if path_of(&self.data).is_none() {
            return Some("drop a folder or an archive of pictures here, or type its path".into());
        }
        let mut typed = [&self.data, &self.teacher].into_iter().filter_map(|path| path_of(path));
        let lost = typed.find(|path| !path.exists());
        lost.map(|path| format!("{} is not there", path.display()))
    }

    fn words(&self) -> Vec<String> {
        let (method, _) = METHODS[self.method.min(1)];
        let mut words = vec!["train".to_string(), format!("small-{method}")];
        let mut flag = |name: &str, value: String| words.extend([name.to_string(), value]);
        let path = |typed: &str| path_of(typed).map(|path| path.display().to_string());
        flag("--data", path(&self.data).unwrap_or_default());
        flag("--size", self.size.to_string());
        if let Some(teacher) = path(&self.teacher) {
            flag("--teacher", teacher);
        }
        if self.labels {
            words.push("--labels".into());
        }
        words
    }

    /// The command line, to be copied into a terminal.
    fn command(&self) -> String {
        let words: Vec<String> = self.words().iter().map(|word| quoted(word)).collect();
        format!("signet {}", words.join(" "))
    }

    /// Shows the form; gives what the user wants.
    pub fn show(&mut self, ui: &mut Ui, is_open: bool) -> Option<Wish> {
        let mut asked = None;
        Grid::new("own").num_columns(2).spacing([14.0, 6.0]).show(ui, |ui| {
            let field = ("Images", "a folder, a zip, MNIST's IDX or CIFAR-10's tar");
            let ways = [("Folder…", Question::ImageFolder), ("File…", Question::ImageFile)];
            let images = path_row::show(ui, field, &mut self.data, &ways, is_open, 0.0);
            ui.end_row();
            let field = ("Teacher", "optional: a run, an EDM .pkl, a .safetensors");
            let ways = [("Run…", Question::TeacherRun), ("File…", Question::TeacherFile)];
            let teacher = path_row::show(ui, field, &mut self.teacher, &ways, is_open, 0.0);
            ui.end_row();
            asked = images.or(teacher);
            let label = ui.label("Pixels").id;
            let sizes = ComboBox::from_id_salt("size").selected_text(format!("{0} × {0}", self.size));
            let sizes = sizes.show_ui(ui, |ui| {
                for size in SIZES {
                    ui.selectable_value(&mut self.size, size, format!("{size} × {size}"));
                }
            });
            sizes.response.labelled_by(label);
            ui.end_row();
            let label = ui.label("Method").id;
            let methods = ComboBox::from_id_salt("method").selected_text(METHODS[self.method.min(1)].1);
            let methods = methods.show_ui(ui, |ui| {
                for (i, (_, what)) in METHODS.iter().enumerate() {
                    ui.selectable_value(&mut self.method, i, *what);
                }
            });
            methods.response.labelled_by(label);
            ui.end_row();
        });
        ui.checkbox(&mut self.labels, "use the images' classes");
        let missing = self.missing();
        let begin = ui.add_enabled(missing.is_none(), Button::new("Begin the run")).clicked();
        let small = |text: String| RichText::new(text).small().color(theme::palette(ui).faint);
        match missing {
            Some(what) => ui.label(small(what)),
            None => ui.label(small(self.command())),
        };
        begin.then(|| Wish::Run(self.words())).or(asked.map(Wish::Ask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut own = Own::default();
        assert!(own.missing().is_some());
        own.data = folder.path().display().to_string();
        own.teacher = "edm.pkl".into();
        assert!(own.missing().is_some_and(|what| what.contains("edm.pkl")));
        own.teacher.clear();
        own.labels = true;
        assert_eq!(own.missing(), None);
        let words = own.words();
        assert_eq!(words[..3], ["train", "small-sign", "--data"]);
        assert!(words.ends_with(&["--labels".to_string()]), "{words:?}");
    }

    #[test]
    fn a_path_with_spaces_is_one_word_of_the_command() {
        let own = Own { data: "'/my pictures/set'".into(), ..Own::default() };
        assert_eq!(own.words()[3], "/my pictures/set");
        assert!(own.command().starts_with("signet train small-sign --data '/my pictures/set' --size"));
    }
}
