//! Has the parts of a survey measured, one after another.

use std::time::Instant;

use super::budget::{Budget, TOO_FEW_SECS};
use super::job::{Job, Part, Plan};
use super::report::{Outcome, Report};
use super::word::Word;
use crate::bench::conditions;
use crate::error::Result;

/// How the measuring of a part ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    ByItself,
    /// Its time was over.
    OutOfTime,
    /// It broke off, and why.
    BrokenOff(String),
}

/// Does a job, here or in another process, and says what comes of it.
pub type Measure<'a> = dyn FnMut(&Job, &mut dyn FnMut(Word)) -> Ending + 'a;

/// Has all parts measured by `measure`. `hear` is told what is done and which of how many parts that is; `keep` gets
/// the report before and after each part, so that what was measured outlives whatever comes next.
///
/// # Errors
/// Those of `keep` alone: any other trouble stands in the report.
pub fn conduct(
    plan: &Plan,
    measure: &mut Measure<'_>,
    hear: &mut dyn FnMut(&str, usize, usize),
    keep: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<Report> {
    let clock = Instant::now();
    let parts = Part::all(plan.extent, plan.torch.is_some());
    let mut report = Report::begin(plan, &parts);
    for (at, part) in parts.iter().enumerate() {
        let budget = Budget::new(plan, report.device.as_ref());
        report.budget_seconds = budget.secs;
        let left_secs = budget.secs - clock.elapsed().as_secs_f64();
        let short =
            (left_secs < TOO_FEW_SECS).then(|| format!("the {:.0} s of the whole were over", budget.secs));
        if let Some(reason) = hindrance(*part, &report).or(short) {
            report.parts[at].leave_out(reason);
        } else {
            let [begin_secs, end_secs] = budget.of(*part, left_secs);
            let record = &mut report.parts[at];
            record.outcome = Outcome::Running;
            record.budget_seconds = end_secs;
            record.load_before = conditions::load();
            report.elapsed_seconds = clock.elapsed().as_secs_f64();
            keep(&report)?;
            hear(&part.title(), at + 1, parts.len());
            let job = Job {
                part: *part,
                device: plan.device.to_string(),
                extent: plan.extent,
                begin_secs,
                end_secs,
                torch: plan.torch.clone(),
            };
            run(&job, at, parts.len(), &mut report, measure, hear);
        }
        report.elapsed_seconds = clock.elapsed().as_secs_f64();
        report.is_finished = at + 1 == parts.len();
        keep(&report)?;
    }
    Ok(report)
}

fn run(
    job: &Job,
    at: usize,
    total: usize,
    report: &mut Report,
    measure: &mut Measure<'_>,
    hear: &mut dyn FnMut(&str, usize, usize),
) {
    let (clock, mut found) = (Instant::now(), false);
    let ending = measure(job, &mut |word| {
        if let Word::Begins(item) = &word {
            hear(&format!("{}: {item}", job.part.title()), at + 1, total);
        }
        found |= matches!(word, Word::Found(_));
        report.hear(at, word);
    });
    let record = &mut report.parts[at];
    record.seconds = clock.elapsed().as_secs_f64();
    let reason = match ending {
        Ending::ByItself => None,
        Ending::OutOfTime => {
            record.ran_out_of_time = true;
            Some((format!("it had not ended after {:.0} s", job.end_secs), false))
        }
        Ending::BrokenOff(reason) => Some((reason, true)),
    };
    record.end(reason, found);
}

/// What speaks against a part after those before it.
fn hindrance(part: Part, report: &Report) -> Option<String> {
    if matches!(part, Part::Machine | Part::SelfTests) {
        return None;
    }
    let Some(device) = &report.device else { return Some("the device was not opened".into()) };
    if matches!(part, Part::Counts(_)) && !device.is_wgpu {
        return Some("only of a GPU is anything asked that could be counted".into());
    }
    let smaller = part.smaller()?.name();
    let record = report.parts.iter().find(|record| record.name == smaller)?;
    let had_no_time = record.ran_out_of_time || record.outcome == Outcome::LeftOut;
    had_no_time.then(|| format!("{smaller} had too little time already"))
}
