//! Progress on a terminal: a line with a bar that fits whatever width there is.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::words::on_one_line;

/// Draws a second.
const HZ: u8 = 5;
/// Columns where a terminal does not say how many it has.
const USUAL: usize = 80;
/// From so many columns on there is room for a bar, and of how many columns.
const BARS: [(usize, usize); 2] = [(110, 24), (72, 5)];
/// Columns of the share in percent, and the space around it.
const SHARE: usize = 6;

/// A bar, the share that is done, and words.
pub struct Bar {
    pub bar: ProgressBar,
    /// Columns for words.
    room: usize,
}

impl Bar {
    /// On standard error; nothing is drawn where that is no terminal.
    pub fn new() -> Self {
        let columns = if std::io::stderr().is_terminal() { columns() } else { None };
        Self::on(ProgressDrawTarget::stderr_with_hz(HZ), columns.unwrap_or(USUAL))
    }

    /// On `target`, which has so many columns.
    pub fn on(target: ProgressDrawTarget, columns: usize) -> Self {
        let width = BARS.iter().find(|(from, _)| columns >= *from).map_or(0, |(_, width)| *width);
        let drawn = if width > 0 { format!("{{bar:{width}}} ") } else { String::new() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        // What is still too wide, when a window is made smaller, is cut off.
        let bar = match ProgressStyle::with_template(&format!("{drawn}{{percent:>3}} % {{wide_msg}}")) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        let taken = SHARE + if width > 0 { width + 1 } else { 0 };
        Self { bar, room: columns.saturating_sub(taken) }
    }

    /// Shows that `done` of `total` is done; the most important of `parts` comes first, and what has no room is left
    /// out as a whole.
    pub fn show(&self, [done, total]: [u64; 2], parts: &[String]) {
        let parts: Vec<String> = parts.iter().map(|part| on_one_line(part).into_owned()).collect();
        self.bar.set_message(fitting(&parts, self.room));
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    /// Whether all of these have room together.
    pub fn has_room_for(&self, parts: &[String]) -> bool {
        joined(parts).chars().count() <= self.room
    }
}

const GAP: &str = " · ";

fn joined(parts: &[String]) -> String {
    let said: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    said.join(GAP)
}

/// As many parts as there is room for; the first one always.
fn fitting(parts: &[String], room: usize) -> String {
    let fits = (1..=parts.len()).rev().map(|count| joined(&parts[..count]));
    let fits: Vec<String> = fits.collect();
    let found = fits.iter().find(|words| words.chars().count() <= room).or(fits.last());
    found.cloned().unwrap_or_default()
}

/// How wide the terminal is: every Unix has a word for it.
#[cfg(unix)]
fn columns() -> Option<usize> {
    use std::process::{Command, Stdio};

    let terminal = std::fs::File::open("/dev/tty").ok()?;
    let mut stty = Command::new("stty");
    let said = stty.arg("size").stdin(terminal).stderr(Stdio::null()).output().ok()?;
    let columns: usize = String::from_utf8_lossy(&said.stdout).split_whitespace().nth(1)?.parse().ok()?;
    (columns > 0).then_some(columns)
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}

#[cfg(test)]
pub mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use indicatif::TermLike;

    use super::*;

    /// A terminal of so many columns, and what was written on it.
    #[derive(Clone, Debug)]
    pub struct Screen {
        columns: u16,
        written: Arc<Mutex<String>>,
    }

    impl Screen {
        pub fn new(columns: u16) -> Self {
            Self { columns, written: Arc::default() }
        }

        pub fn bar(&self) -> Bar {
            let target = ProgressDrawTarget::term_like_with_hz(Box::new(self.clone()), 200);
            Bar::on(target, self.columns.into())
        }

        /// All lines that ever stood there.
        pub fn lines(&self) -> Vec<String> {
            let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            written.split(['\n', '\r']).map(str::to_string).collect()
        }

        fn write(&self, text: &str) -> io::Result<()> {
            self.written.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
            Ok(())
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            self.columns
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            self.write("\n")
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            self.write("\n")
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            self.write("\r")
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write(&format!("{text}\n"))
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.write(text)
        }

        fn clear_line(&self) -> io::Result<()> {
            self.write("\r")
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for columns in [200, 110, 80, 60, 40, 20] {
            let screen = Screen::new(columns);
            let bar = screen.bar();
            let parts = ["about 23 h 59 min left in all", "12 412 images/s", "12 345.6 of 40 000 kimg"];
            bar.show([31, 100], &parts.map(String::from));
            std::thread::sleep(std::time::Duration::from_millis(20));
            bar.bar.tick();
            let lines = screen.lines();
            assert!(lines.iter().any(|line| line.contains("31 % about 23 h")), "{lines:?}");
            let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= usize::from(columns), "{widest} of {columns} columns: {lines:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_as_a_whole() {
        let parts: Vec<String> = (0..20).map(|i| format!("loss {i} 0.1234")).collect();
        let words = fitting(&parts, 64);
        assert!((40..=64).contains(&words.chars().count()) && words.ends_with("0.1234"), "{words}");
        assert_eq!(fitting(&["x".repeat(200)], 64).chars().count(), 200, "the first is always there");
        assert_eq!(fitting(&["a".into(), String::new(), "b".into()], 64), "a · b");
        assert_eq!(fitting(&[], 64), "");
    }
}
