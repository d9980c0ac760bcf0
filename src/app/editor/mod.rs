//! The editor: pictures dropped on the window, painted on, and projected by the run's weights.

mod acts;
mod arrivals;
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

use eframe::egui::Context;

use self::acts::Act;
use self::entry::Entry;
use self::mask::tools::Tools;
use self::opener::Opener;
use self::problems::Problems;
use self::settings::Settings;
use self::view::Views;
use crate::app::dialog::Dialog;
use crate::edit::Way;
use crate::error::Result;
use crate::run::message::{Command, Message, Stage};

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
                let idle = !arrivals::is_painting(ctx);
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
