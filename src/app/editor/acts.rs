//! What the user asks of the editor, and how it is done.

use std::path::{Path, PathBuf};

use eframe::egui::Context;

use super::keep;
use super::mask::files;
use super::mask::tools::Act as MaskAct;
use super::spoil::spoil;
use super::state::Change;
use super::{Aim, Editor, Entry};
use crate::app::texture;
use crate::data::Png;
use crate::edit::{Corruption, Provenance, Way};
use crate::error::Result;
use crate::run::message::Command;

/// A button was pressed, or its key.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Project,
    ProjectAll,
    /// One click with the best settings that are known for this way.
    Tool(Way),
    /// The same with another seed.
    Another,
    Cancel,
    Undo,
    Redo,
    Spoil(Corruption),
    Mask(MaskAct),
    SaveMask,
    /// The result is projected once more.
    Repeat,
    UseAsInput,
    /// The picture as it was opened.
    Original,
    Save,
    Copy,
}

impl Editor {
    pub(super) fn obey(
        &mut self,
        ctx: &Context,
        act: Act,
        run_dir: Option<&Path>,
        commands: &mut Vec<Command>,
    ) {
        match act {
            Act::Project => self.project(self.selected, Aim::Project, commands),
            Act::ProjectAll => self.project_all(commands),
            Act::Tool(way) => self.run_tool(way, commands),
            Act::Another => {
                if let Some(entry) = self.entries.get_mut(self.selected) {
                    entry.settings.seed = entry.settings.seed.wrapping_add(1);
                }
                self.project(self.selected, Aim::Project, commands);
            }
            Act::Save => self.keep(run_dir, save),
            Act::SaveMask => self.keep(run_dir, save_mask),
            _ => {
                let cancelled = self.change(ctx, act, commands);
                commands.extend(cancelled.map(Command::CancelEdit));
            }
        }
    }

    /// Changes the selected picture; returns the ticket of a request that makes no sense any more.
    fn change(&mut self, ctx: &Context, act: Act, commands: &mut Vec<Command>) -> Option<u64> {
        let entry = self.entries.get_mut(self.selected)?;
        self.saved = None;
        match act {
            Act::Cancel => entry.cancel(),
            Act::Undo | Act::Redo => {
                let before = entry.state().clone();
                let cancelled = entry.travel(matches!(act, Act::Undo));
                // What has changed is looked at.
                match before.shown_change(entry.state()) {
                    Some(Change::Mask) => self.views.paint(),
                    Some(Change::Result) => self.views.turn_to_result(),
                    None => {}
                }
                cancelled
            }
            Act::UseAsInput => entry.use_as_input(),
            Act::Original => entry.reopen(),
            Act::Spoil(corruption) => match spoil(entry.state(), corruption, self.side, entry.number) {
                Ok(state) => entry.change(state),
                Err(error) => {
                    self.problems.add(error.to_string());
                    None
                }
            },
            Act::Mask(act) => {
                match act {
                    MaskAct::Invert => entry.mask.invert(),
                    MaskAct::Clear => entry.mask.clear(),
                }
                entry.keep_mask();
                None
            }
            Act::Repeat => {
                // One that is on its way would be forgotten.
                let cancelled = entry.cancel();
                self.last_ticket += 1;
                entry.repeat(self.last_ticket);
                self.send(commands);
                cancelled
            }
            Act::Copy => {
                let made = entry.state().made.as_ref();
                if let Some(result) = made.and_then(|made| made.projection.after.get(entry.chosen)) {
                    ctx.copy_image(texture::to_color_image(result));
                }
                None
            }
            Act::Project | Act::ProjectAll | Act::Tool(_) | Act::Another | Act::Save | Act::SaveMask => None,
        }
    }

    /// Runs a tool on the selected picture; filling in needs something marked first.
    fn run_tool(&mut self, way: Way, commands: &mut Vec<Command>) {
        let Some(entry) = self.entries.get_mut(self.selected) else { return };
        entry.settings = entry.settings.good(way);
        if way == Way::Inpaint && !entry.has_mask() {
            self.views.paint();
        }
        self.project(self.selected, Aim::Project, commands);
    }

    /// Edits all pictures as the selected one, each with its own mask and noise.
    fn project_all(&mut self, commands: &mut Vec<Command>) {
        let Some(selected) = self.entries.get(self.selected) else { return };
        let settings = selected.settings.clone();
        for index in 0..self.entries.len() {
            let entry = &mut self.entries[index];
            entry.settings.clone_from(&settings);
            self.project(index, Aim::Project, commands);
        }
    }

    /// Writes something of the selected picture beside the run, and says where or why not.
    fn keep(
        &mut self,
        run_dir: Option<&Path>,
        write: impl Fn(&Entry, &Path, usize) -> Option<Result<PathBuf>>,
    ) {
        let Some(entry) = self.entries.get(self.selected) else { return };
        let Some(run_dir) = run_dir else {
            return self.problems.add("there is no run folder yet to save into".to_owned());
        };
        match write(entry, run_dir, self.side) {
            Some(Ok(path)) => self.saved = Some(path),
            Some(Err(error)) => self.problems.add(error.to_string()),
            None => {}
        }
    }
}

/// The selected result, with how it came about; `side` is that of the model's pictures, pixels.
fn save(entry: &Entry, run_dir: &Path, side: usize) -> Option<Result<PathBuf>> {
    let state = entry.state();
    let made = state.made.as_ref()?;
    let picture = made.projection.after.get(entry.chosen)?;
    let applications = made.applications(entry.chosen);
    let asked = &made.asked;
    Some(asked.wish.settings(asked.mask.is_some(), side).and_then(|settings| {
        let ways: Vec<_> = state.spoiled.iter().map(ToString::to_string).collect();
        let provenance = Provenance {
            model: &made.projection.model,
            file: entry.name.clone(),
            settings: &settings,
            mask: asked.mask.map(|_| "drawn in the window".to_owned()),
            corruption: (!ways.is_empty()).then(|| ways.join(", ")),
        };
        let texts = provenance.texts();
        let png = Png { picture, profile: entry.origin.profile.as_ref(), texts: &texts };
        keep::save(run_dir, &entry.name, &applications.to_string(), png)
    }))
}

fn save_mask(entry: &Entry, run_dir: &Path, _side: usize) -> Option<Result<PathBuf>> {
    Some(files::bytes(&entry.mask).and_then(|bytes| keep::write(run_dir, &entry.name, "mask", &bytes)))
}
