//! The editor: pictures dropped on the window, painted on, and projected by the run's weights.

mod acts;
mod decode;
mod difference;
mod divider;
mod drift;
mod entry;
mod foot;
mod gallery;
mod history;
mod keep;
mod keyboard;
mod list;
mod mask;
mod menus;
mod modes;
mod notice;
mod opener;
mod pane;
mod paste;
mod problems;
mod room;
mod rows;
mod settings;
mod spoil;
mod stage;
mod state;
mod strip;
mod view;
mod waiting;
mod weights;

use std::path::PathBuf;
use std::time::Duration;

use eframe::egui::{Context, DroppedFileHandle};
use image::RgbImage;

use self::acts::Act;
use self::decode::Source;
use self::entry::Entry;
use self::mask::tools::Tools;
use self::opener::Opener;
use self::problems::Problems;
use self::settings::Settings;
use self::view::Views;
use crate::app::dialog::Dialog;
use crate::app::typed_path::path_of;
use crate::edit::Way;
use crate::error::{Error, Result};
use crate::run::message::{Command, Message, Stage};

/// Pictures kept in the list: their originals take at most 3 MiB each.
const MAX_ENTRIES: usize = 32;

/// How long a picture that has been opened waits for a button that is held before it looks again.
const AFTER_STROKE: Duration = Duration::from_millis(50);

pub struct Editor {
    opener: Opener,
    entries: Vec<Entry>,
    selected: usize,
    settings: Settings,
    weights: weights::Choice,
    tools: Tools,
    views: Views,
    stage: stage::Stage,
    last_ticket: u64,
    /// The path in the text field.
    typed: String,
    /// Where files are chosen.
    dialog: Dialog,
    /// Whether the next file is the selected picture's mask.
    loading_mask: bool,
    problems: Problems,
    /// Where the last picture was saved.
    saved: Option<PathBuf>,
    /// What was asked for in this frame.
    acts: Vec<Act>,
    /// Side of the model's pictures, pixels; 0 until the run says it.
    side: usize,
    /// Whether nobody is there to edit any more.
    ended: bool,
}

impl Editor {
    /// # Errors
    /// The operating system has no thread left.
    pub fn new(ctx: Context) -> Result<Self> {
        Ok(Self {
            opener: Opener::new(ctx)?,
            entries: Vec::new(),
            selected: 0,
            settings: Settings::default(),
            weights: weights::Choice::default(),
            tools: Tools::default(),
            views: Views::default(),
            stage: stage::Stage::default(),
            last_ticket: 0,
            typed: String::new(),
            dialog: Dialog::default(),
            loading_mask: false,
            problems: Problems::default(),
            saved: None,
            acts: Vec::new(),
            side: 0,
            ended: false,
        })
    }

    /// Asks for pictures by `dialog` instead of the desktop's own.
    pub fn ask_by(&mut self, dialog: Dialog) {
        self.dialog = dialog;
    }

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
        ("Drop to project", format!("{many}, with {}{first}", self.weights.words()))
    }

    /// Opens the file in the text field.
    fn add_typed(&mut self) {
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
        let pasted = paste::pasted(ctx);
        let any = !pasted.is_empty();
        self.open(pasted);
        match self.dialog.answer() {
            Some(Ok((_, paths))) => self.open(paths.into_iter().map(Source::Path).collect()),
            Some(Err(error)) => self.problems.add(error.to_string()),
            None => {}
        }
        // A new picture is selected: it would take the canvas from under a stroke, whose end is still to come in
        // the frame in which the button is let go.
        if ctx.input(|input| input.pointer.any_down() || input.pointer.any_released()) {
            if self.opener.pending > 0 {
                ctx.request_repaint_after(AFTER_STROKE);
            }
            return any;
        }
        while let Some(opened) = self.opener.next() {
            match opened.outcome {
                Ok(picture) => self.add(opened.name, picture, commands),
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
        self.entries.push(Entry::new(name, picture));
        self.selected = self.entries.len() - 1;
        self.saved = None;
        self.views.turn_to_result();
        self.project(self.selected, commands);
    }

    fn project(&mut self, index: usize, commands: &mut Vec<Command>) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        if self.settings.way == Some(Way::Inpaint) && !entry.has_mask() {
            return;
        }
        // An older request would be answered for nothing.
        commands.extend(entry.cancel().map(Command::CancelEdit));
        self.last_ticket += 1;
        let asked = entry.asks(&self.settings, &self.weights.chosen);
        let request = entry.request(self.last_ticket, asked);
        self.saved = None;
        if self.ended {
            entry.give_up();
        } else {
            commands.push(Command::Edit(request));
        }
    }

    pub fn receive(&mut self, ctx: &Context, message: &Message, commands: &mut Vec<Command>) {
        match message {
            Message::Started { resolution, .. } => self.side = *resolution,
            Message::Checkpoint { path, .. } => self.weights.add(path),
            Message::Editing { ticket, done, total } => {
                self.entries.iter_mut().for_each(|entry| entry.progress(*ticket, *done, *total));
            }
            Message::Edited(edited) => {
                // Nobody is interrupted while painting.
                let idle = !ctx.input(|input| input.pointer.any_down());
                for (index, entry) in self.entries.iter_mut().enumerate() {
                    if entry.answer(edited) && index == self.selected && idle {
                        self.views.turn_to_result();
                    }
                }
            }
            // Pictures that came before the student did are projected now.
            Message::StageStarted { stage: Stage::Sid | Stage::Sign, .. } => {
                for index in 0..self.entries.len() {
                    if self.entries[index].refused.is_some() {
                        self.project(index, commands);
                    }
                }
            }
            _ => {}
        }
    }

    fn selected_has_mask(&self) -> bool {
        self.entries.get(self.selected).is_some_and(Entry::has_mask)
    }

    /// The trainer is gone and answers no more.
    pub fn end(&mut self) {
        self.ended = true;
        self.entries.iter_mut().for_each(Entry::give_up);
    }
}

/// An error about the file called `name` in one line: in a list of them the folder is only in the way.
fn one_line(name: &str, error: &Error) -> String {
    match &error.remedy {
        Some(remedy) => format!("{name}: {}; {remedy}", error.what),
        None => format!("{name}: {}", error.what),
    }
}
