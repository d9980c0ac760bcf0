//! `signet bench --profile`: steps and samples by operation.

use super::super::output::{print, say};
use super::{Args, Place, REPEATS, troubles};
use crate::bench::Event;
use crate::bench::profile::{self, Limits};
use crate::error::Result;
use crate::gpu::Opened;

impl Args {
    pub(super) fn profile(&self, opened: &Opened) -> Result<()> {
        let (mut bar, mut profiles) = (Place::new(), Vec::new());
        let mut hear = |event| {
            if let Event::Begins { name, number, total } = event {
                bar.show(&name, number, total);
            }
        };
        let options = self.options(REPEATS);
        let outcome = profile::run(opened, &options, &mut hear, &mut |profile| profiles.push(profile));
        bar.clear();
        let Some(first) = profiles.first() else { return outcome };
        say!("{}", limits(&first.limits, first.conditions.threads));
        for profile in &profiles {
            say!("");
            print(format_args!("{}", profile::table(profile)));
        }
        print(format_args!("{}", troubles(profiles.iter().map(|profile| &profile.conditions))));
        // What was measured before something went wrong is kept.
        self.write(&profiles).and(outcome)
    }
}

/// What `of limit` is a share of.
fn limits(limits: &Limits, threads: usize) -> String {
    format!(
        "limits, {threads} {}: product {:.1} GFLOP/s, copy {:.2} GB/s (read and written)",
        if threads == 1 { "thread" } else { "threads" },
        limits.product_flops_per_sec / 1e9,
        limits.copy_bytes_per_sec / 1e9
    )
}
