//! A new run of the user's images, or of a teacher that is trained already.

mod look;
mod native;
mod pace;
mod seen;

use std::path::{Path, PathBuf};

use eframe::Storage;
use eframe::egui::{Button, ComboBox, FontFamily, Grid, Label, RichText, Ui};

use self::look::{Look, Looker};
use self::native::SIZES;
use self::pace::Paces;
use super::path_row;
use super::wish::Wish;
use crate::app::dialog::Question;
use crate::app::shell_words::quoted;
use crate::app::texture::Sheet;
use crate::app::theme;
use crate::app::typed_path::path_of;
use crate::recipe::{self, Recipe};

const METHODS: [(&str, &str); 2] = [("sign", "SIGN: samples and edits"), ("sid", "SiD: samples")];

/// The side that is trained at as long as nothing is known of the pictures, pixels.
const SIZE: usize = 16;

/// Why mirroring is asked for.
const MIRRORING: &str = "Half of them are then shown mirrored, which helps with few pictures. Not for text, digits \
                         and the like: the model would learn to write backwards.";

/// What has been filled in, and what is known of it.
pub struct Own {
    /// Path of the images.
    pub data: String,
    /// Path of a trained network or of a run; empty for none.
    pub teacher: String,
    size: usize,
    method: usize,
    labels: bool,
    mirrors: bool,
    looker: Looker,
    sheet: Sheet,
    paces: Paces,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            data: String::new(),
            teacher: String::new(),
            size: SIZE,
            method: 0,
            labels: false,
            mirrors: false,
            looker: Looker::default(),
            sheet: Sheet::default(),
            paces: Paces::default(),
        }
    }
}

impl Own {
    /// `runs` is where runs lie: they say how fast this machine is.
    pub fn new(runs: &Path) -> Self {
        Self { paces: Paces::of_runs(runs), ..Self::default() }
    }

    /// Takes what earlier sessions have measured.
    pub fn remember(&mut self, storage: Option<&dyn Storage>) {
        self.paces.remember(storage);
    }

    pub fn keep(&self, storage: &mut dyn Storage) {
        self.paces.keep(storage);
    }

    /// What keeps it from beginning, in words.
    fn missing(&self) -> Option<String> {
        if path_of(&self.data).is_none() {
            return Some("drop a folder or an archive of pictures here, or type its path".into());
        }
        let mut typed = [&self.data, &self.teacher].into_iter().filter_map(|path| path_of(path));
        let lost = typed.find(|path| !path.exists());
        lost.map(|path| format!("{} is not there", path.display()))
    }

    /// The name of its recipe.
    fn preset(&self) -> String {
        format!("small-{}", METHODS[self.method.min(1)].0)
    }

    fn words(&self) -> Vec<String> {
        let mut words = vec!["train".to_string(), self.preset()];
        let mut flag = |name: &str, value: String| words.extend([name.to_string(), value]);
        let path = |typed: &str| path_of(typed).map(|path| path.display().to_string());
        flag("--data", path(&self.data).unwrap_or_default());
        flag("--size", self.size.to_string());
        flag("--x-flip", if self.mirrors { "yes" } else { "no" }.to_string());
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

    /// What the command trains by, as far as it bears on the time it takes.
    fn recipe(&self) -> Option<Recipe> {
        let mut recipe = recipe::preset(&self.preset())?;
        recipe::fit(&mut recipe, self.size);
        recipe.data.use_labels = self.labels;
        recipe.teacher.path = path_of(&self.teacher);
        Some(recipe)
    }

    /// Shows the form; gives what the user wants.
    pub fn show(&mut self, ui: &mut Ui, is_open: bool) -> Option<Wish> {
        let path: Option<PathBuf> = path_of(&self.data);
        if let Some(Ok(look)) = self.looker.want(ui.ctx(), path.as_deref()) {
            self.size = look.native.proposed();
        }
        self.paces.step(ui.ctx());
        let mut asked = None;
        Grid::new("own").num_columns(2).spacing([14.0, 6.0]).show(ui, |ui| {
            let field = ("Images", "a folder, a zip, MNIST's IDX or CIFAR-10's tar");
            let ways = [("Folder…", Question::ImageFolder), ("File…", Question::ImageFile)];
            let images = path_row::show(ui, field, &mut self.data, &ways, is_open, 0);
            ui.end_row();
            seen::show(ui, &self.looker, &mut self.sheet);
            let field = ("Teacher", "optional: a run, an EDM .pkl, a .safetensors");
            let ways = [("Run…", Question::TeacherRun), ("File…", Question::TeacherFile)];
            let teacher = path_row::show(ui, field, &mut self.teacher, &ways, is_open, 0);
            ui.end_row();
            asked = images.or(teacher);
            self.choices(ui);
            ui.label("Time");
            ui.horizontal_wrapped(|ui| self.time(ui));
            ui.end_row();
        });
        ui.checkbox(&mut self.labels, "use the images' classes");
        ui.checkbox(&mut self.mirrors, "mirrored copies of these pictures are fine");
        let small = |text: &str| RichText::new(text).small().color(theme::palette(ui).faint);
        let (mirroring, missing) = (small(MIRRORING), self.missing());
        let last = match &missing {
            Some(missing) => small(missing),
            None => small(&self.command()).family(FontFamily::Monospace),
        };
        ui.add(Label::new(mirroring).wrap());
        let begin = ui.add_enabled(missing.is_none(), Button::new("Begin the run")).clicked();
        ui.add(Label::new(last).wrap());
        begin.then(|| Wish::Run(self.words())).or(asked.map(Wish::Ask))
    }

    /// The size to train at and the method.
    fn choices(&mut self, ui: &mut Ui) {
        let label = ui.label("Pixels").id;
        ui.horizontal_wrapped(|ui| {
            let sizes = ComboBox::from_id_salt("size").selected_text(format!("{0} × {0}", self.size));
            let sizes = sizes.show_ui(ui, |ui| {
                for size in SIZES {
                    ui.selectable_value(&mut self.size, size, format!("{size} × {size}"));
                }
            });
            sizes.response.labelled_by(label);
            let look = self.looker.seen().and_then(|look| look.as_ref().ok());
            if let Some(words) = look.and_then(|look| self.size_words(look)) {
                ui.weak(words);
            }
        });
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
    }

    /// How the chosen size goes with that of the pictures.
    fn size_words(&self, look: &Look) -> Option<&'static str> {
        let proposed = look.native.proposed();
        if self.size > proposed && !look.native.is_more_than_proposed() {
            return Some("larger than the pictures: they are enlarged, which adds nothing but time");
        }
        if self.size > proposed {
            return Some("each doubling takes about four times as long");
        }
        let is_less = self.size < proposed;
        Some(match (is_less, look.native.is_more_than_proposed()) {
            (true, _) => "smaller than the pictures: quicker, and less to see",
            (false, true) => "a good beginning; the pictures have more, which takes longer",
            (false, false) => "as large as the pictures allow",
        })
    }

    /// How long it will take, as far as that is known.
    fn time(&mut self, ui: &mut Ui) {
        let Some(recipe) = self.recipe() else { return };
        if recipe.teacher.path.is_some() {
            ui.weak("depends on the teacher's network; it is shown once the run has begun");
            return;
        }
        if let Some(pace) = self.paces.of(&recipe) {
            ui.label(pace.words(&recipe));
            ui.weak(format!("({})", pace.source()));
            return;
        }
        if self.paces.is_measuring() {
            ui.spinner();
            ui.weak("timing a few training steps…");
            if ui.button("Stop measuring").clicked() {
                self.paces.stop();
            }
            return;
        }
        if self.paces.is_reading() {
            ui.weak("looking at earlier runs…");
            return;
        }
        ui.weak("not known on this machine yet");
        let hover = "Times a few training steps of each stage: from some seconds to a minute or two";
        if ui.button("Measure").on_hover_text(hover).clicked() {
            let look = self.looker.seen().and_then(|look| look.as_ref().ok());
            let (channels, classes) = look.map_or((3, 0), |look| (look.channels, look.classes.len()));
            self.paces.measure(ui.ctx(), recipe, channels, classes);
        }
        if let Some(problem) = &self.paces.problem {
            ui.label(RichText::new(problem).small().color(theme::palette(ui).error));
        }
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

    #[test]
    fn pictures_are_mirrored_only_where_that_is_said() {
        let mut own = Own::default();
        for (mirrors, words) in [(false, "--x-flip no"), (true, "--x-flip yes")] {
            own.mirrors = mirrors;
            assert!(own.command().contains(words), "{}", own.command());
        }
    }

    #[test]
    fn every_size_that_is_offered_can_be_trained() {
        for size in SIZES {
            for method in 0..METHODS.len() {
                let own = Own { size, method, ..Own::default() };
                let recipe = own.recipe().expect("a preset");
                assert_eq!((recipe.data.size, recipe::check(&recipe)), (size, Ok(())));
            }
        }
    }
}
