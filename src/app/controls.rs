//! The bar at the top: what the trainer can be told, and where it stands.

use eframe::egui::{Align, Button, Label, Layout, ProgressBar, RichText, TextStyle, Theme, Ui, vec2};

use super::dock::Dock;
use super::keys::Keys;
use super::memory::Memory;
use super::status::{Asked, End, Preparing, Status};
use super::{card, theme, words};
use crate::run::message::{Command, Ending};

/// Height of the buttons, points.
const BUTTON_HEIGHT: f32 = 28.0;

/// Height of the progress bar, points.
const BAR_HEIGHT: f32 = 22.0;

/// What stands behind the recipe's name where the window only follows.
const ELSEWHERE: &str = "training now in another process";

/// Why the other buttons rest then.
const DEAF: &str = "The other process does not hear this from here. Stop it, and go on in this window";

/// Least room of the recipe's name, points: what stands behind it has the rest, as far as it needs it.
const RECIPE_ROOM: f32 = 60.0;

/// Shows the bar; what the user asks for goes into `commands`.
pub fn show(
    ui: &mut Ui,
    status: &Status,
    memory: &mut Memory,
    dock: &mut Dock,
    keys: &mut Keys,
    commands: &mut Vec<Command>,
) {
    card::frame(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        card::line_from_right(ui, BUTTON_HEIGHT, |ui| {
            let sheet = Button::new("?").min_size(vec2(0.0, BUTTON_HEIGHT)).frame_when_inactive(false);
            if ui.add(sheet).on_hover_text("All keys (also F1)").clicked() {
                keys.toggle();
            }
            theme_toggle(ui);
            dock.menu(ui, BUTTON_HEIGHT);
            ui.add_space(6.0);
            // The buttons come before the title, whose words change: a widget is known by the number of
            // those before it, and one that is known by another number on release has not been clicked.
            buttons(ui, status, commands);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| title(ui, status));
        });
        ui.add_space(4.0);
        progress(ui, status);
        ui.add_space(2.0);
        place(ui, status, memory);
    });
}

fn title(ui: &mut Ui, status: &Status) {
    ui.label(RichText::new("Signet").size(20.0).strong());
    ui.add_space(4.0);
    let palette = theme::palette(ui);
    let followed = status.is_followed().then_some((ELSEWHERE, palette.warn));
    let paused = (status.paused && status.end.is_none()).then_some(("paused", palette.warn));
    let asked = status.asked.map(|asked| (asked.words(), palette.faint));
    let states: Vec<_> = [followed, paused, asked].into_iter().flatten().collect();
    if !status.recipe.is_empty() {
        let recipe = RichText::new(&status.recipe).size(15.0).color(palette.accent);
        let width = |words: &str| theme::width(ui, &TextStyle::Body, words) + ui.spacing().item_spacing.x;
        let taken: f32 = states.iter().map(|(words, _)| width(words)).sum();
        let room = ui.available_width();
        ui.scope(|ui| {
            ui.set_max_width((room - taken).max(RECIPE_ROOM.min(room)));
            ui.add(Label::new(recipe).truncate());
        });
    }
    for (words, colour) in states {
        ui.add(Label::new(RichText::new(words).color(colour)).truncate());
    }
}

/// The commands; laid out from right to left.
fn buttons(ui: &mut Ui, status: &Status, commands: &mut Vec<Command>) {
    // What the process that trains the run hears, if that is another one.
    let elsewhere = status.elsewhere.as_ref().filter(|_| status.is_followed());
    let hears = |command: &Command| match elsewhere {
        None => (status.live(), ""),
        Some(elsewhere) => match command {
            Command::StopElsewhere => {
                (elsewhere.why_deaf().is_none(), elsewhere.why_deaf().unwrap_or_default())
            }
            _ => (false, DEAF),
        },
    };
    let mut button = |text: &str, hover: &str, waiting: Asked, command: Command| {
        let (is_heard, why_not) = hears(&command);
        let enabled = is_heard && status.asked != Some(waiting);
        let button = Button::new(text).min_size(vec2(0.0, BUTTON_HEIGHT));
        let mut button = ui.add_enabled(enabled, button).on_hover_text(hover);
        if !why_not.is_empty() {
            button = button.on_disabled_hover_text(why_not);
        }
        if button.clicked() {
            commands.push(command);
        }
    };
    if elsewhere.is_some() {
        let hover = "Ask the other process to save and end, as Ctrl-C there does";
        button("Stop", hover, Asked::StopElsewhere, Command::StopElsewhere);
    } else {
        button("Stop", "Save, then end; the same command goes on later", Asked::Stop, Command::Stop);
    }
    button("Save now", "Write a checkpoint after this step", Asked::Save, Command::SaveNow);
    button("Sample now", "Draw the sample grid after this step", Asked::Sample, Command::SampleNow);
    if status.paused {
        button("Resume", "Go on training", Asked::Resume, Command::Resume);
    } else {
        button("Pause", "Wait after this step; the editor goes on working", Asked::Pause, Command::Pause);
    }
}

fn theme_toggle(ui: &mut Ui) {
    let (label, other) = if ui.visuals().dark_mode { ("Light", Theme::Light) } else { ("Dark", Theme::Dark) };
    let button = Button::new(label).min_size(vec2(0.0, BUTTON_HEIGHT)).frame_when_inactive(false);
    if ui.add(button).on_hover_text("Change the window's colours").clicked() {
        ui.ctx().set_theme(other);
    }
}

/// The stage's progress bar, and the pace beside it.
fn progress(ui: &mut Ui, status: &Status) {
    let (done, text, pace) = if let Some(Preparing { what, done, total, eta_secs }) = &status.preparing {
        let share = if *total == 0 { 0.0 } else { *done as f64 / *total as f64 };
        let left = eta_secs.map(words::time_left).unwrap_or_default();
        (share, format!("{what}: {} of {}", words::count(*done), words::count(*total)), left)
    } else if let Some(at) = &status.at {
        let share = if at.stage_kimg > 0.0 { at.kimg / at.stage_kimg } else { 0.0 };
        let number = status.left.and_then(|left| left.place()).map(|place| format!("{place} · "));
        let text = format!(
            "{}{} · {} of {} kimg · step {}",
            number.unwrap_or_default(),
            at.stage.name(),
            words::kimg(at.kimg),
            words::kimg(at.stage_kimg),
            words::count(at.step)
        );
        let left = if status.end.is_some() || status.paused {
            String::new()
        } else {
            let left = status.left.map_or_else(|| words::NO_TIME_YET.to_owned(), |left| left.words());
            format!(" · {} · {left}", words::speed(status.images_per_sec))
        };
        (share, text, format!("{} trained{left}", words::duration(at.elapsed_secs)))
    } else if status.end == Some(End::Done(Ending::Finished)) {
        // A run that was finished before has no step to tell of.
        (1.0, "finished".to_owned(), String::new())
    } else if let Some((stage, _)) = status.stage {
        (0.0, format!("{} begins", stage.name()), String::new())
    } else {
        (0.0, "starting".to_owned(), String::new())
    };
    let palette = theme::palette(ui);
    card::line_from_right(ui, BAR_HEIGHT, |ui| {
        if !pace.is_empty() {
            ui.label(pace);
        }
        let share = if done.is_finite() { done.clamp(0.0, 1.0) as f32 } else { 0.0 };
        let bar = ProgressBar::new(share)
            .desired_width(ui.available_width())
            .desired_height(BAR_HEIGHT)
            // Even an empty bar has round ends; at the very start they would look like progress.
            .fill(if share > 0.0 { palette.accent.gamma_multiply(0.55) } else { palette.well })
            .corner_radius(theme::TILE_RADIUS)
            .text(RichText::new(text).color(palette.text));
        ui.add(bar);
    });
}

/// Device, memory, run folder and where the run goes on from.
fn place(ui: &mut Ui, status: &Status, memory: &mut Memory) {
    let mut parts = Vec::new();
    if !status.device.is_empty() {
        parts.push(status.device.clone());
        // Of the memory of another process nothing is known.
        parts.extend(memory.words().filter(|_| status.elsewhere.is_none()).map(str::to_owned));
        parts.push(format!("{0}×{0} pixels", status.resolution));
    }
    if let Some(process) = status.elsewhere.as_ref().and_then(|elsewhere| elsewhere.process) {
        parts.push(format!("process {process}"));
    }
    if let Some((_, parameters)) = status.stage {
        parts.push(words::parameters(parameters));
    }
    if let Some(dir) = &status.run_dir {
        parts.push(dir.display().to_string());
    }
    if let Some(from) = &status.resumed_from {
        parts.push(format!("resumed from {}", from.display()));
    }
    let words = if parts.is_empty() { "waiting for the trainer".to_owned() } else { parts.join("  ·  ") };
    ui.add(Label::new(RichText::new(words).small().color(theme::palette(ui).faint)).truncate());
}
