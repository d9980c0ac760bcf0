//! Opens the window and stays until it is closed.

use std::cell::RefCell;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::egui::ViewportBuilder;
use eframe::egui_wgpu::WgpuConfiguration;

use super::icon;
use super::screen::Fitted;
use super::shared::{self, Sharing};
use super::studio::{Studio, Verdict};
use crate::error::{Error, Kind, Result};
use crate::gpu::{self, DeviceSpec};
use crate::run::link::Link;

/// Size of the window when it opens for the first time on a screen that has room for it, points.
const FIRST_SIZE: [f32; 2] = [1320.0, 860.0];

/// Below this panes no longer have room for what is in them, points.
const SMALLEST_SIZE: [f32; 2] = [760.0, 520.0];

/// Whether a window can be expected to open: on Linux and its kin, whether a display is named in the
/// environment; elsewhere always.
pub fn display_available() -> bool {
    if cfg!(any(target_os = "windows", target_os = "macos")) {
        return true;
    }
    names_display(|name| std::env::var_os(name))
}

fn names_display(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let named = |name| variable(name).is_some_and(|display| !display.is_empty());
    named("WAYLAND_DISPLAY") || named("DISPLAY")
}

/// How showing a run in a window went.
pub enum Shown {
    Closed,
    /// No window opened: why, and the run, which goes on.
    Never(Error, Link),
}

/// Shows the run behind `link`, which computes on `device`, in a window called `title`; must be called on the
/// main thread. The window draws on the trainer's device if that can reach the display, else on its own.
///
/// Returns when the window is closed. Closing it asks the trainer to stop and waits until it has saved;
/// closing it again does not wait.
///
/// # Errors
/// The error that the trainer ended with, or a window that broke after it had opened ([`Kind::Device`]).
pub fn run(link: Link, title: &str, device: &DeviceSpec) -> Result<Shown> {
    let verdict = Verdict::default();
    let viewport = ViewportBuilder::default()
        .with_title(title)
        .with_app_id("signet")
        .with_icon(icon::draw())
        .with_drag_and_drop(true)
        .with_inner_size(FIRST_SIZE);
    let waiting = RefCell::new(Some(link));
    let show = |cc: &eframe::CreationContext<'_>, why: String| {
        let lent =
            cc.wgpu_render_state.as_ref().is_some_and(|state| gpu::lend(&state.instance, &state.device));
        let sharing = if lent { Sharing::Device } else { Sharing::Host(why) };
        let link = waiting.take().expect("a run is shown once");
        let studio = Studio::new(cc, link)?.reporting_to(verdict.clone()).drawing(&sharing);
        Ok(Box::new(studio) as Box<dyn eframe::App>)
    };
    let opened = match shared::offered(device) {
        Err(why) => open(title, viewport, SMALLEST_SIZE, |cc| show(cc, why)),
        Ok((setup, name)) => {
            let shared =
                open_on(shared::configuration(setup), title, viewport.clone(), SMALLEST_SIZE, |cc| {
                    show(cc, String::new())
                });
            match shared {
                // It never came to the app: most likely the device cannot present on this display.
                Err(first) if waiting.borrow().is_some() => {
                    let why = format!("{name} cannot draw on this display");
                    open(title, viewport, SMALLEST_SIZE, |cc| show(cc, why)).map_err(|_| first)
                }
                shared => shared,
            }
        }
    };
    match (opened, waiting.take()) {
        (Err(why), Some(link)) => Ok(Shown::Never(why, link)),
        (opened, _) => {
            opened?;
            verdict.take().map_or(Ok(Shown::Closed), Err)
        }
    }
}

/// Opens a window and returns when it is closed. It is never made smaller than `smallest`, points, nor opened
/// larger than its screen has room for.
///
/// # Errors
/// `Kind::Device` where it cannot be opened.
pub fn open(
    title: &str,
    viewport: ViewportBuilder,
    smallest: [f32; 2],
    create: impl FnOnce(&eframe::CreationContext<'_>) -> Result<Box<dyn eframe::App>>,
) -> Result<()> {
    open_on(WgpuConfiguration::default(), title, viewport, smallest, create)
}

fn open_on(
    wgpu_options: WgpuConfiguration,
    title: &str,
    viewport: ViewportBuilder,
    smallest: [f32; 2],
    create: impl FnOnce(&eframe::CreationContext<'_>) -> Result<Box<dyn eframe::App>>,
) -> Result<()> {
    let viewport = viewport.with_min_inner_size(smallest);
    let opened = Arc::new(AtomicBool::new(false));
    let creator = {
        let opened = Arc::clone(&opened);
        move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
            opened.store(true, Ordering::Relaxed);
            Ok(Box::new(Fitted::new(create(cc)?, smallest)))
        }
    };
    let renderer = eframe::Renderer::Wgpu;
    let options = eframe::NativeOptions { viewport, renderer, wgpu_options, ..Default::default() };
    // Window libraries panic, rather than fail, when a system library such as libxkbcommon-x11 is
    // missing. Before the window is up that is one more way of having no window; later it is a bug.
    match catch_unwind(AssertUnwindSafe(|| eframe::run_native(title, options, Box::new(creator)))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(source)) => Err(no_window(plain(&source.to_string()))),
        Err(panic) if opened.load(Ordering::Relaxed) => resume_unwind(panic),
        Err(panic) => Err(no_window(&panic_words(panic.as_ref()))),
    }
}

fn no_window(why: &str) -> Error {
    Error::new(Kind::Device, format!("the window could not be opened: {why}")).hint(
        "run with --headless for the terminal's progress bars, or check the display and the graphics \
         driver with `signet doctor`",
    )
}

/// The window library's words without the place in its source that it puts before them.
fn plain(words: &str) -> &str {
    match words.split_once(".rs:").and_then(|(_, rest)| rest.split_once(": ")) {
        Some((_, plain)) => plain,
        None => words,
    }
}

fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a window library gave up").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_names_no_display() {
        assert!(!names_display(|_| None));
        assert!(!names_display(|_| Some(OsString::new())));
        assert!(names_display(|name| (name == "DISPLAY").then(|| OsString::from(":0"))));
        assert!(names_display(|name| (name == "WAYLAND_DISPLAY").then(|| OsString::from("wayland-0"))));
    }

    #[test]
    fn the_librarys_source_is_not_the_users_concern() {
        assert_eq!(plain("os error at /x/mod.rs:765: no DISPLAY is set"), "no DISPLAY is set");
        assert_eq!(plain("no suitable adapter: none"), "no suitable adapter: none");
    }

    #[test]
    fn a_panic_in_a_window_library_is_told_in_its_own_words() {
        let panic = catch_unwind(|| panic!("libxkbcommon-x11.so could not be loaded")).expect_err("a panic");
        let error = no_window(&panic_words(panic.as_ref()));
        assert_eq!(error.kind, Kind::Device);
        assert!(error.what.contains("libxkbcommon-x11.so"), "{error}");
        assert!(error.remedy.is_some_and(|remedy| remedy.contains("--headless")));
    }
}
