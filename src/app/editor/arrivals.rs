//! What comes into the editor: pictures and masks that are dropped, pasted, typed, chosen or sent.

use std::time::Duration;

use eframe::egui::{Context, DroppedFileHandle};
use image::RgbImage;

use super::decode::{self, Kept, Source};
use super::{Aim, Editor, Entry, mask, paste};
use crate::app::typed_path::path_of;
use crate::error::Error;
use crate::run::message::Command;

/// Pictures kept in the list: their originals take at most 3 MiB each.
const MAX_ENTRIES: usize = 32;

/// How long a picture that has been opened waits for a button that is held before it looks again.
const AFTER_STROKE: Duration = Duration::from_millis(50);

impl Editor {
    /// Opens the files that were dropped on the window together; whether there were any.
    pub fn dropped(&mut self, files: Vec<DroppedFileHandle>) -> bool {
        let any = !files.is_empty();
        self.open(files.into_iter().map(Source::Dropped).collect());
        any
    }

    /// What becomes of `files` files that are dropped now, as a heading and a line.
    pub fn takes(&self, files: usize) -> (&'static str, String) {
        let awaits_mask = self.loading_mask && self.selected < self.entries.len();
        if awaits_mask && files == 1 {
            return ("Drop the mask", "1 file: white is to be filled in".to_owned());
        }
        let many = if files == 1 { "1 file" } else { "several files" };
        let first = if awaits_mask { "; the first is taken as the mask" } else { "" };
        let when = self.outlook.words(&self.weights.chosen, "pictures you drop are");
        let line = when.unwrap_or_else(|| format!("{many}, with {}{first}", self.weights.words()));
        ("Drop to project", line)
    }

    /// Opens the file in the text field.
    pub(super) fn add_typed(&mut self) {
        if let Some(path) = path_of(&self.typed) {
            self.open(vec![Source::Path(path)]);
            self.typed.clear();
        }
    }

    fn open(&mut self, files: Vec<Source>) {
        let mut files = files.into_iter();
        if self.loading_mask
            && let Some(first) = files.next()
        {
            self.take_mask(&first);
        }
        if files.len() > MAX_ENTRIES {
            self.problems.add(format!("only the first {MAX_ENTRIES} of {} files were opened", files.len()));
        }
        files.take(MAX_ENTRIES).for_each(|file| self.opener.open(file));
    }

    /// Takes what was to be opened as the mask of the selected picture.
    fn take_mask(&mut self, source: &Source) {
        self.loading_mask = false;
        let Some(entry) = self.entries.get_mut(self.selected) else { return };
        let (width, height) = entry.state().picture.dimensions();
        let mask = decode::open_mask(source)
            .and_then(|image| mask::files::fitted(image, source.path(), width, height));
        match mask {
            Ok(mask) => {
                entry.mask = mask;
                entry.keep_mask();
                self.views.paint();
            }
            Err(error) => self.problems.add(error.to_string()),
        }
    }

    /// Takes the pictures that were pasted or opened meanwhile and asks for their projection; whether any were
    /// pasted.
    pub fn collect(&mut self, ctx: &Context, commands: &mut Vec<Command>) -> bool {
        self.stage.camera.claim_space(ctx);
        let pasted = paste::pasted(ctx);
        let any = !pasted.is_empty();
        self.open(pasted);
        match self.dialog.answer() {
            Some(Ok((_, paths))) => self.open(paths.into_iter().map(Source::Path).collect()),
            Some(Err(error)) => self.problems.add(error.to_string()),
            None => {}
        }
        // A new picture is selected: it would take the canvas from under a stroke.
        if is_painting(ctx) {
            if self.opener.pending > 0 {
                ctx.request_repaint_after(AFTER_STROKE);
            }
            return any;
        }
        while let Some(opened) = self.opener.next() {
            match opened.outcome {
                Ok(Kept { picture, origin, note }) => {
                    if let Some(note) = note {
                        self.problems.add(format!("{}: {note}", opened.name));
                    }
                    self.add(opened.name, picture, commands);
                    if let Some(entry) = self.entries.last_mut() {
                        entry.origin = origin;
                    }
                }
                Err(error) => self.problems.add(one_line(&opened.name, &error)),
            }
        }
        any
    }

    /// Adds a picture, selects it and asks for its projection.
    pub fn add(&mut self, name: String, picture: RgbImage, commands: &mut Vec<Command>) {
        if self.entries.len() == MAX_ENTRIES {
            let mut oldest = self.entries.remove(0);
            commands.extend(oldest.cancel().map(Command::CancelEdit));
            self.problems.left(&oldest.name, MAX_ENTRIES);
        }
        let mut entry = Entry::new(name, picture, self.opened);
        // Whether pictures keep their size is a question of what they are for; the mode is one of the picture.
        if let Some(last) = self.entries.get(self.selected) {
            entry.settings.fit = last.settings.fit;
        }
        self.opened = self.opened.wrapping_add(1);
        self.entries.push(entry);
        self.selected = self.entries.len() - 1;
        self.saved = None;
        self.views.turn_to_result();
        self.project(self.selected, Aim::First, commands);
    }
}

/// Whether a stroke may be going on: one whose button is let go in this frame has still to end.
pub fn is_painting(ctx: &Context) -> bool {
    ctx.input(|input| input.pointer.any_down() || input.pointer.any_released())
}

/// An error about the file called `name` in one line: in a list of them the folder is only in the way.
fn one_line(name: &str, error: &Error) -> String {
    match &error.remedy {
        Some(remedy) => format!("{name}: {}; {remedy}", error.what),
        None => format!("{name}: {}", error.what),
    }
}
