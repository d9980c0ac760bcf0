//! What leaves the program for a terminal: nothing in it is anything that a terminal obeys, for names and texts of
//! files are among it. Lines on standard output survive a reader who leaves (`| head -1`, a closed terminal) and a
//! disk that is full behind it.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

use crate::run::link::Commands;
use crate::run::message::Command;
use crate::words::{printable, printable_json};

/// Prints a line. What a command has begun is worth more than its words: where nobody takes them it goes on.
macro_rules! say {
    ($($words:tt)*) => { $crate::cli::output::print(format_args!("{}\n", format_args!($($words)*))) };
}
pub(super) use say;

pub(super) fn print(words: Arguments<'_>) {
    // Whoever has left needs no words, and there is no better place for this trouble.
    let _ = std::io::stdout().lock().write_all(printable(&words.to_string()).as_bytes());
}

/// Prints JSON, with the end of a line.
pub(super) fn print_json(json: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", printable_json(json));
}

/// Says something on standard error, where there is one.
pub fn complain(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(words));
}

/// Standard output of a face. When nobody reads it any more, the run is asked to save and stop.
pub struct Output {
    commands: Commands,
    gone: bool,
}

impl Output {
    pub fn new(commands: &Commands) -> Self {
        Self { commands: commands.clone(), gone: false }
    }

    pub fn line(&mut self, text: &str) {
        self.write(&printable(text));
    }

    /// JSON on a line.
    pub fn json(&mut self, json: &str) {
        self.write(&printable_json(json));
    }

    fn write(&mut self, text: &str) {
        if self.gone {
            return;
        }
        let Err(error) = writeln!(std::io::stdout().lock(), "{text}") else { return };
        self.gone = true;
        if error.kind() == ErrorKind::BrokenPipe {
            // A trainer that has ended already needs no telling.
            let _ = self.commands.send(Command::Stop);
        } else {
            // Whoever reads a file may come later: what fills the disk is no reason to end the training.
            complain(&format!("standard output cannot be written to ({error}): training goes on without it"));
        }
    }
}
