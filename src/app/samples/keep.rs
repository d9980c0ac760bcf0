//! What is written of a picture or a grid, and under which name.

use std::path::PathBuf;

use image::RgbImage;

use super::Samples;
use super::column::{Column, Kind};
use super::export::{Export, What};
use super::origin::{self, Again};
use super::single::Open;
use crate::run::message::Averaging;

/// Folder of saved pictures, in the run's.
const FOLDER: &str = "saved";

impl Samples {
    /// How the picture is made again.
    pub(super) fn again(&self, open: Open) -> Again {
        match open.kind {
            Kind::Reals => Err("a training image: no seed has made it"),
            Kind::Teacher => self.origin.teacher(self.beside.evaluations(), open.index),
            Kind::OtherRun => match self.beside.run() {
                Some(run) => Ok(origin::Command {
                    words: origin::words(&run.folder, run.labelled, open.index),
                    exact: false,
                }),
                None => Err("the other run is not shown any more"),
            },
            Kind::Samples => match self.album().shown() {
                Some(grid) => self.origin.sample(&grid.place, self.averaging, open.index),
                None => Err("nothing has been drawn yet"),
            },
        }
    }

    /// What a picture is called elsewhere.
    pub(super) fn name(&self, open: Open) -> String {
        let number = open.index + 1;
        match (open.kind, self.album().shown()) {
            (Kind::Samples, Some(_)) => format!("{}-sample-{number}", self.moment()),
            (Kind::Teacher, _) => format!("teacher-sample-{number}"),
            (Kind::OtherRun, _) => format!("other-run-sample-{number}"),
            (Kind::Reals | Kind::Samples, _) => format!("real-{number}"),
        }
    }

    /// "sign-1125", the stage and step of the grid that is looked at; with its kimg where steps are not known.
    fn moment(&self) -> String {
        let Some(grid) = self.album().shown() else { return String::new() };
        let stage = grid.place.stage.name();
        let raw = if self.averaging == Averaging::Raw { "-raw" } else { "" };
        match grid.place.step {
            Some(step) => format!("{stage}-{step}{raw}"),
            None => format!("{stage}-{}kimg{raw}", grid.place.kimg),
        }
    }

    pub(super) fn export_picture(&self, open: Open, column: &Column, picture: &RgbImage) -> Option<Export> {
        let mut texts = self.texts(column);
        if column.kind.is_seeded() {
            texts.push(("seed", open.index.to_string()));
        }
        if let Ok(command) = self.again(open)
            && command.exact
        {
            texts.push(("command", command.words));
        }
        let path = self.folder()?.join(format!("{}.png", self.name(open)));
        Some(Export { path, what: What::Single(picture.clone()), texts })
    }

    /// Everything that is shown, as one picture.
    pub(super) fn export_grid(&self, columns: &[Column]) -> Option<Export> {
        let shown: Vec<&Column> = columns.iter().filter(|column| column.len() > 0).collect();
        let first = shown.first()?;
        let mut texts = self.texts(first);
        texts.push(("seeds", format!("0-{}", first.len() - 1)));
        let titles: Vec<&str> = shown.iter().map(|column| &*column.title).collect();
        texts.push(("columns", titles.join(" | ")));
        let pictures = shown.iter().filter_map(|column| column.pictures.as_ref().ok().cloned()).collect();
        let path = self.folder()?.join(format!("grid-{}.png", self.moment()));
        Some(Export { path, what: What::Grids(pictures), texts })
    }

    fn folder(&self) -> Option<PathBuf> {
        self.origin.run_dir.as_ref().map(|run_dir| run_dir.join(FOLDER))
    }

    fn texts(&self, column: &Column) -> Vec<(&'static str, String)> {
        let mut texts = vec![("Software", "Signet".to_owned()), ("recipe", self.origin.recipe.clone())];
        match (column.kind, self.album().shown()) {
            (Kind::Samples, Some(grid)) => {
                let weights = match self.averaging {
                    Averaging::Ema => "ema",
                    Averaging::Raw => "raw",
                };
                texts.push(("stage", grid.place.stage.name().to_owned()));
                texts.push(("kimg", grid.place.kimg.to_string()));
                texts.push(("weights", weights.to_owned()));
            }
            _ => texts.push(("source", column.title.clone())),
        }
        texts
    }
}
