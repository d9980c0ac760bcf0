//! Writes generated pictures, each with what it is, on a thread of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

use eframe::egui::Context;

use super::Made;
use super::form::Form;
use crate::app::samples::latin_1;
use crate::app::{fresh_file, thread};
use crate::data::pixels::{self, GRID_GAP, GRID_LARGE, GRID_SCALE};
use crate::data::{self, png_bytes};
use crate::error::{Error, Result};
use crate::plain_file;
use crate::run::message::Pictures;

/// Names tried for a folder before giving up: "…", "…-2", …
const MAX_NAMES: usize = 1000;

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A folder of PNG files, which `signet eval --images` can measure.
    #[default]
    Separate,
    /// All pictures in one PNG.
    Sheet,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Separate, Self::Sheet];

    pub fn words(self) -> &'static str {
        match self {
            Self::Separate => "separate PNGs in a new folder",
            Self::Sheet => "all on one sheet, as one PNG",
        }
    }

    /// What the files say of themselves.
    pub fn recorded(self) -> &'static str {
        match self {
            Self::Separate => {
                "Each file records its recipe, stage, kimg, seed and class, and the command that makes it again \
                 where a checkpoint has these weights."
            }
            Self::Sheet => "The file records the recipe, the stage, its kimg and the seeds.",
        }
    }
}

/// Pictures to write.
pub struct Set {
    pub folder: PathBuf,
    /// The run's own folder, if it has one: what lies in it may come from a stranger.
    pub run_dir: Option<PathBuf>,
    pub format: Format,
    /// Of the sheet, or of the pictures' own folder.
    pub name: String,
    pub pictures: Pictures,
    /// One each.
    pub seeds: Vec<u32>,
    pub texts: Vec<Vec<(&'static str, String)>>,
}

/// "sign-18.0kimg-seeds-36-71".
pub fn name(made: &Made) -> String {
    let seeds = match (made.seeds.first(), made.seeds.last()) {
        (Some(first), Some(last)) => format!("-seeds-{first}-{last}"),
        _ => String::new(),
    };
    format!("{}-{}kimg{seeds}", made.at.stage.name(), made.at.kimg)
}

/// What the file of picture `index` says.
pub fn texts(made: &Made, index: usize, recipe: &str, form: &Form) -> Vec<(&'static str, String)> {
    let mut texts = vec![
        ("Software", format!("Signet {}", env!("CARGO_PKG_VERSION"))),
        ("recipe", recipe.to_owned()),
        ("stage", made.at.stage.name().to_owned()),
        ("kimg", made.at.kimg.to_string()),
        ("step", made.at.step.to_string()),
        ("weights", "ema".to_owned()),
    ];
    texts.extend(made.seeds.get(index).map(|seed| ("seed", seed.to_string())));
    let class = made.classes.as_ref().and_then(|classes| classes.get(index));
    texts.extend(class.map(|class| ("class", form.name(*class))));
    texts
}

impl Set {
    /// Writes the files; returns the folder or the sheet.
    ///
    /// # Errors
    /// A folder or file that cannot be written; nothing half-written stays.
    fn write(self) -> Result<PathBuf> {
        self.check_place()?;
        match self.format {
            Format::Separate => self.separate(),
            Format::Sheet => self.sheet(),
        }
    }

    /// Within the run's folder, no link leads the pictures elsewhere.
    fn check_place(&self) -> Result<()> {
        let Some(run_dir) = &self.run_dir else { return Ok(()) };
        let within =
            self.folder.ancestors().take_while(|folder| folder.starts_with(run_dir) && folder != run_dir);
        within.map(plain_file::check_folder).try_for_each(|checked| checked.map(drop))
    }

    fn separate(&self) -> Result<PathBuf> {
        let folder = fresh_folder(&self.folder, &self.name)?;
        for ((picture, seed), texts) in self.pictures.iter().zip(&self.seeds).zip(&self.texts) {
            let path = folder.join(format!("seed-{seed:06}.png"));
            if let Err(error) = data::save_png(picture, &path, &in_latin_1(texts)) {
                // A part of a set would be taken for all of it. The folder was made for it just now.
                let _ = fs::remove_dir_all(&folder);
                return Err(error);
            }
        }
        Ok(folder)
    }

    fn sheet(&self) -> Result<PathBuf> {
        let columns = (self.pictures.len() as f64).sqrt().ceil() as usize;
        let large = self.pictures.first().is_some_and(|picture| picture.width() >= GRID_LARGE);
        let sheet = pixels::grid(&self.pictures, columns, if large { 1 } else { GRID_SCALE }, GRID_GAP);
        let own = ["seed", "class", "command"];
        let shared = self.texts.first().into_iter().flatten().filter(|(key, _)| !own.contains(key));
        let mut texts: Vec<_> = shared.cloned().collect();
        if let (Some(first), Some(last)) = (self.seeds.first(), self.seeds.last()) {
            texts.push(("seeds", format!("{first}-{last}")));
        }
        let path = self.folder.join(format!("{}.png", self.name));
        fresh_file::write(&path, &png_bytes(&sheet, &in_latin_1(&texts))?)
    }
}

/// PNG's plain words know no other characters.
fn in_latin_1(texts: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    texts.iter().map(|(key, text)| (*key, latin_1(text))).collect()
}

/// Makes a folder in `parent` that nobody has had before: pictures of several models in one are no set.
fn fresh_folder(parent: &Path, name: &str) -> Result<PathBuf> {
    fs::create_dir_all(parent).map_err(|source| Error::io(parent, "create the folder", &source))?;
    for copy in 1..=MAX_NAMES {
        let folder = parent.join(if copy == 1 { name.to_owned() } else { format!("{name}-{copy}") });
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(source) if source.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::io(&folder, "create the folder", &source)),
        }
    }
    Err(Error::data(parent, format!("there are {MAX_NAMES} folders called {name} already"))
        .hint("move some of them elsewhere, or choose another folder"))
}

/// Saves in the background, and hears how that ended.
#[derive(Default)]
pub struct Keeper {
    /// How the last one ended, in words, and whether well.
    pub said: Option<(bool, String)>,
    jobs: Vec<Receiver<Result<PathBuf>>>,
}

impl Keeper {
    pub fn save(&mut self, ctx: &Context, set: Set) {
        let (say, outcome) = channel();
        let ctx = ctx.clone();
        let started = thread::start("signet-generated", "writes the pictures", move || {
            // A window that is gone hears nothing; the files are written all the same.
            let _ = say.send(set.write());
            ctx.request_repaint();
        });
        match started {
            Ok(()) => self.jobs.push(outcome),
            Err(error) => self.said = Some((false, error.to_string())),
        }
    }

    pub fn collect(&mut self) {
        self.jobs.retain(|job| {
            let Ok(outcome) = job.try_recv() else { return true };
            self.said = Some(match outcome {
                Ok(path) => (true, format!("saved {}", path.display())),
                Err(error) => (false, error.to_string()),
            });
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn set(folder: &Path, format: Format) -> Set {
        let pictures: Vec<RgbImage> = (0..3).map(|i| RgbImage::from_pixel(4, 4, Rgb([i * 50; 3]))).collect();
        let texts = (0..3).map(|i| vec![("recipe", "日本".to_owned()), ("seed", i.to_string())]);
        Set {
            folder: folder.to_path_buf(),
            run_dir: None,
            format,
            name: "sign-1kimg-seeds-7-9".to_owned(),
            pictures: pictures.into(),
            seeds: vec![7, 8, 9],
            texts: texts.collect(),
        }
    }

    fn words(path: &Path) -> Vec<(String, String)> {
        let file = std::io::BufReader::new(fs::File::open(path).expect("a file"));
        let reader = png::Decoder::new(file).read_info().expect("a PNG");
        let texts = &reader.info().uncompressed_latin1_text;
        texts.iter().map(|text| (text.keyword.clone(), text.text.clone())).collect()
    }

    #[test]
    fn every_set_has_a_folder_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let within = folder.path().join("new");
        let first = set(&within, Format::Separate).write().expect("a set");
        let second = set(&within, Format::Separate).write().expect("another");
        assert_eq!(first, within.join("sign-1kimg-seeds-7-9"));
        assert_eq!(second, within.join("sign-1kimg-seeds-7-9-2"));
        let picture = first.join("seed-000008.png");
        assert_eq!(image::open(&picture).expect("a picture").into_rgb8().get_pixel(0, 0).0, [50; 3]);
        assert_eq!(words(&picture), [("recipe".into(), "??".into()), ("seed".into(), "1".into())]);
        assert_eq!(fs::read_dir(&first).expect("a folder").count(), 3);
    }

    #[test]
    fn a_sheet_tells_its_seeds() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = set(folder.path(), Format::Sheet).write().expect("a sheet");
        assert_eq!(image::image_dimensions(&path).expect("a picture"), (34, 34));
        assert_eq!(words(&path), [("recipe".into(), "??".into()), ("seeds".into(), "7-9".into())]);
        assert_ne!(set(folder.path(), Format::Sheet).write().expect("another"), path);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_in_the_runs_folder_leads_nowhere() {
        let [run_dir, elsewhere] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let link = run_dir.path().join("generated");
        std::os::unix::fs::symlink(elsewhere.path(), &link).expect("a link");
        for format in Format::ALL {
            for folder in [link.clone(), link.join("new")] {
                let run_dir = Some(run_dir.path().to_path_buf());
                let error = Set { run_dir, ..set(&folder, format) }.write().expect_err("a link");
                assert!(error.to_string().contains("link"), "{error}");
            }
            // Where the user says so it does.
            set(&link.join(format.words()), format).write().expect("written");
        }
        assert_eq!(fs::read_dir(elsewhere.path()).expect("a folder").count(), 2);
    }

    #[test]
    fn a_file_in_the_folders_place_is_an_error_in_words() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for format in Format::ALL {
            let error = set(file.path(), format).write().expect_err("no folder");
            assert!(error.what.contains("create the folder"), "{error}");
        }
    }
}
