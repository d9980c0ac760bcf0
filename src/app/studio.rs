//! The window as a whole: its panes, and the flow of messages and commands through them.

use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{CentralPanel, Context, Frame, Margin, Panel, Theme, Ui, ViewportCommand, Visuals};
use eframe::egui_wgpu::RenderState;
use eframe::wgpu::DeviceType;

use super::banner::{self, Next};
use super::closing::{Act, Closing};
use super::curves::Curves;
use super::diagnostics::Diagnostics;
use super::dialog::Dialog;
use super::dock::{Dock, Pane};
use super::editor::Editor;
use super::generate::Generate;
use super::inbox::Inbox;
use super::keys::Keys;
use super::log::Log;
use super::memory::Memory;
use super::recipe::RecipePane;
use super::samples::Samples;
use super::status::{End, Status};
use super::theme::{self, GAP};
use super::{controls, drop_hint, shared};
use crate::error::{Error, Result};
use crate::run::link::{Commands, Link};
use crate::run::message::{Command, Message};

/// Under this key the chosen theme is kept between sessions.
const THEME_KEY: &str = "theme";

/// The error that the trainer ended with, for whoever opened the window.
#[derive(Clone, Default)]
pub struct Verdict(Arc<Mutex<Option<Error>>>);

impl Verdict {
    pub fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, error: &Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
    }
}

/// The window's state: what the trainer's messages add up to, and nothing of its own training.
pub struct Studio {
    inbox: Inbox,
    orders: Commands,
    status: Status,
    samples: Samples,
    generate: Generate,
    curves: Curves,
    log: Log,
    editor: Editor,
    diagnostics: Diagnostics,
    recipe: RecipePane,
    memory: Memory,
    dock: Dock,
    keys: Keys,
    closing: Closing,
    verdict: Verdict,
    /// What draws the window, for the panes.
    _device: Option<Arc<RenderState>>,
    /// As it was last painted: `save` has no way to ask.
    dark: bool,
}

impl Studio {
    /// A window on the run behind `link`.
    ///
    /// # Errors
    /// The operating system has no thread left for the window's messages.
    pub fn new(cc: &eframe::CreationContext<'_>, link: Link) -> Result<Self> {
        let ctx = &cc.egui_ctx;
        theme::install(ctx);
        let kept = cc.storage.and_then(|storage| storage.get_string(THEME_KEY));
        ctx.set_theme(if kept.as_deref() == Some("light") { Theme::Light } else { Theme::Dark });
        let adapter = cc.wgpu_render_state.as_ref().map(|state| state.adapter.get_info().device_type);
        let in_software = adapter == Some(DeviceType::Cpu);
        // Who cannot have a window's threads can have the run without one.
        let bare = |error: Error| error.hint("close other programs, or run with --headless");
        Ok(Self {
            _device: cc.wgpu_render_state.clone().map(|state| shared::draw_on(ctx, state)),
            inbox: Inbox::new(link.messages, ctx.clone(), in_software).map_err(bare)?,
            orders: link.commands,
            status: Status::default(),
            samples: Samples::new(ctx.clone()).map_err(bare)?,
            generate: Generate::default(),
            curves: Curves::new(),
            log: Log::new(),
            editor: Editor::new(ctx.clone()).map_err(bare)?,
            diagnostics: Diagnostics::default(),
            recipe: RecipePane::default(),
            memory: Memory::default(),
            dock: Dock::kept(cc.storage),
            keys: Keys::default(),
            closing: Closing::default(),
            verdict: Verdict::default(),
            dark: true,
        })
    }

    /// Asks for pictures by `dialog` instead of the desktop's own.
    pub fn asking_by(mut self, dialog: Dialog) -> Self {
        self.editor.ask_by(dialog);
        self
    }

    /// Leaves the error that the trainer ends with, if any, in `verdict`.
    pub(super) fn reporting_to(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        self
    }

    /// Says in the log how pictures come here.
    pub(super) fn drawing(mut self, sharing: &shared::Sharing) -> Self {
        self.log.receive(&Message::Note(sharing.to_string()));
        self
    }

    /// Lets every pane see the messages that have come.
    fn receive(&mut self, ctx: &Context, commands: &mut Vec<Command>) {
        let (messages, hung_up) = self.inbox.drain();
        for message in &messages {
            self.status.receive(message);
            self.samples.receive(message);
            self.generate.receive(message);
            self.curves.receive(message);
            self.log.receive(message);
            self.diagnostics.receive(message);
            self.recipe.receive(message);
            self.editor.receive(ctx, message, commands);
        }
        if hung_up {
            self.status.hung_up();
            // A run that has ended may still edit, as long as the trainer is there.
            self.editor.end();
            self.generate.end();
        }
        if let Some(End::Failed(error)) = &self.status.end {
            self.verdict.set(error);
        }
    }

    fn send(&mut self, commands: Vec<Command>) {
        for command in commands {
            self.status.sent(&command);
            if self.orders.send(command).is_err() {
                // Nobody is left at the other end to take commands.
                self.status.hung_up();
                self.editor.end();
                self.generate.end();
            }
        }
    }

    /// Holds a closing window open until the trainer has saved.
    fn close(&mut self, ctx: &Context, commands: &mut Vec<Command>) {
        let requested = ctx.input(|input| input.viewport().close_requested());
        match self.closing.step(requested, self.status.has_ended()) {
            Act::StayOpen => {}
            Act::StopAndWait => {
                commands.push(Command::Stop);
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            }
            Act::Close if requested => {}
            Act::Close => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    fn panes(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let gap = GAP as i8;
        let frame = |top| Frame::new().outer_margin(Margin { left: gap, right: gap, top, bottom: gap });
        let Self { status, samples, generate, curves, log, editor, diagnostics, recipe, .. } = self;
        let Self { memory, dock, keys, closing, .. } = self;
        Panel::top("controls").frame(frame(gap)).show_separator_line(false).show(ui, |ui| {
            controls::show(ui, status, memory, dock, keys, commands);
            match banner::show(ui, status, *closing, commands) {
                Some(Next::Generate) => dock.front(Pane::Generate),
                Some(Next::Edit) => dock.front(Pane::Editor),
                None => {}
            }
        });
        let mut picked = None;
        CentralPanel::no_frame().frame(frame(0)).show(ui, |ui| {
            dock.show(ui, &mut |pane, ui| match pane {
                Pane::Samples => picked = samples.show(ui, status.live()).or(picked.take()),
                Pane::Generate => picked = generate.show(ui, status, commands).or(picked.take()),
                Pane::Curves => curves.show(ui),
                Pane::Editor => editor.show(ui, status.run_dir.as_deref(), commands),
                Pane::Diagnostics => diagnostics.show(ui, status.live(), commands),
                Pane::Recipe => recipe.show(ui, status.live(), commands),
                Pane::Log => log.show(ui),
            });
        });
        samples.ask(status.live(), commands);
        if let Some(picked) = picked {
            editor.add(picked.name, picked.picture, commands);
            dock.front(Pane::Editor);
        }
    }
}

impl eframe::App for Studio {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        let mut commands = Vec::new();
        self.receive(ctx, &mut commands);
        self.close(ctx, &mut commands);
        self.send(commands);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.dark = ui.visuals().dark_mode;
        let mut commands = Vec::new();
        let files = ui.ctx().input(|input| input.raw.dropped_files.clone());
        let dropped = self.editor.dropped(files);
        let pasted = self.editor.collect(ui.ctx(), &mut commands);
        if dropped || pasted {
            self.dock.front(Pane::Editor);
        }
        self.keys.listen(ui.ctx(), &self.status, &mut commands);
        self.panes(ui, &mut commands);
        self.keys.show(ui.ctx());
        drop_hint::show(ui, |files| self.editor.takes(files));
        self.send(commands);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        storage.set_string(THEME_KEY, if self.dark { "dark" } else { "light" }.to_owned());
        self.dock.save(storage);
    }

    /// The backdrop. Where software paints, a rectangle of the window's size would be a third of its work.
    fn clear_color(&self, visuals: &Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    /// Plots and scrolled lists belong to one run; the next begins with a clean window.
    fn persist_egui_memory(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::error::Kind;

    #[test]
    fn the_screen_is_cleared_with_the_themes_backdrop() {
        let (_voice, messages) = channel();
        let (commands, _orders) = channel();
        let ctx = Context::default();
        let cc = eframe::CreationContext::_new_kittest(ctx.clone());
        let studio =
            Studio::new(&cc, Link { messages, commands: commands.into() }).expect("threads for the window");
        let cleared = |theme| eframe::App::clear_color(&studio, &ctx.style_of(theme).visuals);
        let [dark, light] = [Theme::Dark, Theme::Light].map(cleared);
        assert_eq!(dark.map(|part| (part * 255.0).round() as u8), [0x12, 0x14, 0x18, 0xff]);
        assert_eq!(light.map(|part| (part * 255.0).round() as u8), [0xee, 0xf0, 0xf3, 0xff]);
    }

    #[test]
    fn the_trainers_error_reaches_whoever_opened_the_window() {
        let ctx = Context::default();
        let (voice, messages) = channel();
        let (commands, _orders) = channel();
        let cc = eframe::CreationContext::_new_kittest(ctx.clone());
        let verdict = Verdict::default();
        let mut studio = Studio::new(&cc, Link { messages, commands: commands.into() })
            .expect("threads for the window")
            .reporting_to(verdict.clone());
        let error = Error::new(Kind::Diverged, "the loss left the finite numbers");
        voice.send(Message::Failed(error.clone())).expect("a window that listens");
        let start = Instant::now();
        while studio.status.end.is_none() && start.elapsed() < Duration::from_secs(20) {
            studio.receive(&ctx, &mut Vec::new());
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(verdict.take(), Some(error));
    }
}
