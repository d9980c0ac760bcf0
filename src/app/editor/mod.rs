//! The editor: pictures dropped on the window, painted on, and projected by the run's weights.

mod acts;
mod arrivals;
mod camera;
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
mod look;
mod mask;
mod menus;
mod modes;
mod more;
mod notice;
mod one_click;
mod opener;
mod outlook;
mod pair;
mod pane;
mod paste;
mod problems;
mod room;
mod rows;
mod settings;
mod shown;
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
use self::entry::{Aim, Entry};
use self::mask::tools::Tools;
use self::opener::Opener;
use self::outlook::Outlook;
use self::problems::Problems;
use self::view::Views;
use crate::app::dialog::Dialog;
use crate::edit::{Usual, Way};
use crate::error::Result;
use crate::run::message::{Command, Message, Stage};

pub struct Editor {
    opener: Opener,
    entries: Vec<Entry>,
    selected: usize,
    /// How many pictures have ever been opened.
    opened: u32,
    /// What the model's pictures are like.
    usual: Usual,
    outlook: Outlook,
    /// Whether the sheet with all settings is open.
    more: bool,
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
            opened: 0,
            usual: Usual::default(),
            outlook: Outlook::default(),
            more: false,
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

    /// Asks for an edit of a picture with what is set for it.
    fn project(&mut self, index: usize, aim: Aim, commands: &mut Vec<Command>) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        entry.look(&self.usual, self.side);
        if entry.settings.way == Some(Way::Inpaint) && !entry.has_mask() {
            return;
        }
        // An older request would be answered for nothing.
        commands.extend(entry.cancel().map(Command::CancelEdit));
        self.last_ticket += 1;
        entry.request(self.last_ticket, &self.weights.chosen, aim);
        self.saved = None;
        self.send(commands);
    }

    /// Sends what the trainer can do by now; what has to wait for a model stays here.
    fn send(&mut self, commands: &mut Vec<Command>) {
        for entry in &mut self.entries {
            if self.ended {
                entry.give_up();
            } else {
                let can_send = |weights: &_| !self.outlook.waits(weights);
                commands.extend(entry.send(can_send).map(Command::Edit));
            }
        }
    }

    pub fn receive(&mut self, ctx: &Context, message: &Message, commands: &mut Vec<Command>) {
        self.outlook.receive(message);
        match message {
            Message::Started { resolution, .. } => {
                self.side = *resolution;
                self.look_again(commands);
            }
            Message::Reals(pictures) => {
                self.usual = Usual::of(pictures);
                self.look_again(commands);
            }
            Message::Checkpoint { path, .. } => self.weights.add(path),
            Message::Editing { ticket, done, total } => {
                self.entries.iter_mut().for_each(|entry| entry.progress(*ticket, *done, *total));
            }
            Message::Edited(edited) => {
                // Nobody is interrupted while painting.
                let idle = !arrivals::is_painting(ctx);
                for (index, entry) in self.entries.iter_mut().enumerate() {
                    let waits = |weights: &_| self.outlook.waits(weights);
                    if entry.answer(edited, waits) && index == self.selected && idle {
                        self.views.turn_to_result();
                    }
                }
            }
            // What was refused for want of a student is asked for now.
            Message::StageStarted { stage: Stage::Sign, .. } => {
                for index in 0..self.entries.len() {
                    if self.entries[index].refused.is_some() {
                        self.project(index, Aim::Project, commands);
                    }
                }
            }
            _ => {}
        }
        self.send(commands);
    }

    /// More is known of what suits a picture: first requests that ask for something else by now are made anew.
    fn look_again(&mut self, commands: &mut Vec<Command>) {
        for index in 0..self.entries.len() {
            let entry = &mut self.entries[index];
            let before = entry.asks(&self.weights.chosen);
            entry.look(&self.usual, self.side);
            if entry.is_first() && !entry.asks(&self.weights.chosen).is_as(&before) {
                self.project(index, Aim::First, commands);
            }
        }
    }

    fn selected_has_mask(&self) -> bool {
        self.entries.get(self.selected).is_some_and(Entry::has_mask)
    }

    /// The trainer is gone and answers no more.
    pub fn end(&mut self) {
        self.ended = true;
        self.outlook.end();
        self.entries.iter_mut().for_each(Entry::give_up);
    }
}
