//! How far a command that measures has come.

use super::bar::Bar;
use super::output::complain;

/// Where measuring stands: a bar on a terminal, a line a benchmark elsewhere.
pub struct Place {
    bar: Bar,
    redraws: bool,
}

impl Place {
    /// Nothing is shown yet.
    pub fn new() -> Self {
        Self { bar: Bar::new(), redraws: std::io::IsTerminal::is_terminal(&std::io::stderr()) }
    }

    /// Shows what is measured now, `number` of `total`.
    pub fn show(&mut self, name: &str, number: usize, total: usize) {
        if self.redraws {
            let share = format!("{number} of {total}");
            self.bar.show([number as u64, total as u64], &[name.to_string(), share]);
            // A benchmark computes on this very thread: nothing else draws meanwhile.
            self.bar.bar.tick();
        } else {
            complain(&format!("{number}/{total} {name}"));
        }
    }

    /// Takes the bar off the terminal.
    pub fn clear(&self) {
        self.bar.bar.finish_and_clear();
    }
}
