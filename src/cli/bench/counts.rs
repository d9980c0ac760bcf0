//! `signet bench --counts`: what steps and samples ask of a GPU.

use super::super::output::{print, say};
use super::{Args, Place};
use crate::bench::Event;
use crate::bench::counts;
use crate::error::Result;

/// Counts hardly differ from pass to pass.
const REPEATS: u32 = 4;

impl Args {
    pub(super) fn count(&self) -> Result<()> {
        let (mut bar, mut all) = (Place::new(), Vec::new());
        let mut hear = |event| {
            if let Event::Begins { name, number, total } = event {
                bar.show(&name, number, total);
            }
        };
        let outcome = counts::run(&self.device, &self.options(REPEATS), &mut hear, &mut |one| all.push(one));
        bar.clear();
        let Some(first) = all.first() else { return outcome };
        say!("device: {}; of one pass, a mean over {}", first.device, first.repeats);
        print(format_args!("{}", counts::table(&all)));
        // What was counted before something went wrong is kept.
        self.write(&all).and(outcome)
    }
}
