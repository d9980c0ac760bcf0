//! Lines on standard output that survive a reader who leaves (`| head -1`, a closed terminal).

use std::io::Write;

use crate::run::link::Commands;
use crate::run::message::Command;

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
        if !self.gone && writeln!(std::io::stdout().lock(), "{text}").is_err() {
            self.gone = true;
            // A trainer that has ended already needs no telling.
            let _ = self.commands.send(Command::Stop);
        }
    }
}
