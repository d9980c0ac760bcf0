//! The editor: pictures dropped on the window, projected by the newest weights.

mod decode;
mod entry;
#[allow(dead_code, reason = "the pane does not call it yet")]
mod history;
mod keep;
#[allow(dead_code, unused_imports, reason = "the pane does not call it yet")]
mod mask;
mod opener;
mod pane;
mod problems;
mod result;

use std::path::PathBuf;

use eframe::egui::{Context, DroppedFileHandle};
use image::RgbImage;

use self::decode::Source;
use self::entry::{Entry, Settings, State};
use self::opener::Opener;
use crate::error::{Error, Result};
use crate::run::message::{Command, Message, Stage};

/// Pictures kept in the list: their originals take at most 3 MiB each.
const MAX_ENTRIES: usize = 32;

/// Lines about files that could not be used, before the oldest leaves.
const MAX_PROBLEMS: usize = 6;

pub struct Editor {
    opener: Opener,
    entries: Vec<Entry>,
    selected: usize,
    settings: Settings,
    last_ticket: u64,
    /// The path in the text field.
    typed: String,
    /// Files that could not be used, in words, newest last.
    problems: Vec<String>,
    /// Where the last picture was saved.
    saved: Option<PathBuf>,
    /// Whether the run has ended.
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
            last_ticket: 0,
            typed: String::new(),
            problems: Vec::new(),
            saved: None,
            ended: false,
        })
    }

    /// Opens the files that were dropped on the window together.
    pub fn dropped(&mut self, files: Vec<DroppedFileHandle>) {
        if files.len() > MAX_ENTRIES {
            self.problem(format!("only the first {MAX_ENTRIES} of {} files were opened", files.len()));
        }
        for file in files.into_iter().take(MAX_ENTRIES) {
            self.opener.open(Source::Dropped(file));
        }
    }

    /// Opens the file in the text field.
    fn add_typed(&mut self) {
        // File managers copy paths with quotes around them.
        let path = self.typed.trim().trim_matches(['"', '\'']);
        if !path.is_empty() {
            self.opener.open(Source::Path(PathBuf::from(path)));
            self.typed.clear();
        }
    }

    /// Takes the pictures that were opened meanwhile and asks for their projection.
    pub fn collect(&mut self, ctx: &Context, commands: &mut Vec<Command>) {
        while let Some(opened) = self.opener.next() {
            match opened.outcome {
                Ok(picture) => self.add(ctx, opened.name, picture, commands),
                Err(error) => self.problem(one_line(&opened.name, &error)),
            }
        }
    }

    /// Adds a picture, selects it and asks for its projection.
    pub fn add(&mut self, ctx: &Context, name: String, picture: RgbImage, commands: &mut Vec<Command>) {
        if self.entries.len() == MAX_ENTRIES {
            let oldest = self.entries.remove(0);
            self.problem(format!("{} left the list, which holds {MAX_ENTRIES} pictures", oldest.name));
        }
        self.entries.push(Entry::new(ctx, name, picture));
        self.selected = self.entries.len() - 1;
        self.saved = None;
        self.project(self.selected, commands);
    }

    fn project(&mut self, index: usize, commands: &mut Vec<Command>) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        self.last_ticket += 1;
        let request = entry.request(self.last_ticket, self.settings);
        if self.ended {
            entry.give_up();
        } else {
            commands.push(Command::Edit(request));
        }
    }

    pub fn receive(&mut self, ctx: &Context, message: &Message, commands: &mut Vec<Command>) {
        match message {
            Message::Edited(edited) => {
                for entry in &mut self.entries {
                    entry.answer(ctx, edited);
                }
            }
            // Pictures that came before the student did are projected now.
            Message::StageStarted { stage: Stage::Sid | Stage::Sign, .. } => {
                for index in 0..self.entries.len() {
                    if matches!(self.entries[index].state, State::Refused(_)) {
                        self.project(index, commands);
                    }
                }
            }
            _ => {}
        }
    }

    /// The run has ended and answers no more.
    pub fn end(&mut self) {
        self.ended = true;
        self.entries.iter_mut().for_each(Entry::give_up);
    }

    fn problem(&mut self, words: String) {
        if self.problems.len() == MAX_PROBLEMS {
            self.problems.remove(0);
        }
        self.problems.push(words);
    }
}

/// An error about the file called `name` in one line: in a list of them the folder is only in the way.
fn one_line(name: &str, error: &Error) -> String {
    match &error.remedy {
        Some(remedy) => format!("{name}: {}; {remedy}", error.what),
        None => format!("{name}: {}", error.what),
    }
}
