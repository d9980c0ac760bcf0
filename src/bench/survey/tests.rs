//! That a survey says everything that it must, whatever goes wrong. How fast anything is is nobody's assertion.

use std::cell::Cell;

use super::*;
use crate::error::{Error, Kind, Result};
use crate::gpu::DeviceSpec;

const KEYS: [&str; 25] = [
    "format",
    "version",
    "cargo_features",
    "optimised_build",
    "operating_system",
    "architecture",
    "cpu_threads",
    "date",
    "device_asked",
    "extent",
    "budget_seconds",
    "elapsed_seconds",
    "is_finished",
    "device",
    "adapters",
    "advice",
    "parts",
    "self_tests",
    "copies",
    "products",
    "convolutions",
    "kernels",
    "steps",
    "counts",
    "beside_torch",
];

/// On the CPU, in seconds; a busy machine may take longer.
fn plan() -> Plan {
    Plan { device: DeviceSpec::Cpu, extent: Extent::Quick, budget_secs: Some(3600.0), torch: None }
}

fn here(job: &Job, say: &mut dyn FnMut(Word)) -> Ending {
    perform(job, say);
    Ending::ByItself
}

fn read_back(report: &Report) -> Report {
    serde_json::from_str(&serde_json::to_string(report).expect("plain data")).expect("it is read back")
}

fn part(report: &Report, name: &str) -> PartRecord {
    report.parts.iter().find(|part| part.name == name).unwrap_or_else(|| panic!("no {name}")).clone()
}

#[test]
fn a_quick_survey_of_the_cpu_has_everything() {
    let mut heard = Vec::new();
    let mut hear = |what: &str, number, total| heard.push((what.to_string(), number, total));
    let report = conduct(&plan(), &mut here, &mut hear, &mut |_| Ok(())).expect("it is kept");
    assert!(report.is_finished && report.healthy(), "{report}");
    assert!(heard.iter().any(|(what, ..)| what.contains("kernels/group-norm/tiny")), "{heard:?}");
    assert!(heard.iter().all(|(_, number, total)| (1..=8).contains(number) && *total == 8), "{heard:?}");

    let json = serde_json::to_value(&report).expect("JSON");
    for key in KEYS {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(json.as_object().map(serde_json::Map::len), Some(KEYS.len()));
    for key in ["median_seconds", "moved_bytes", "gigabytes_per_second", "share_of_copy", "first_seconds"] {
        assert!(json["kernels"][0][key].as_f64().is_some_and(|value| value > 0.0), "{key}: {json:#}");
    }
    let again = read_back(&report);
    let outcomes =
        |report: &Report| -> Vec<Outcome> { report.parts.iter().map(|part| part.outcome).collect() };
    assert_eq!(outcomes(&again), outcomes(&report));
    assert_eq!((again.adapters.len(), &again.device), (report.adapters.len(), &report.device));
    // Each row is there for each thing that is measured.
    assert!(again.self_tests.len() >= 6 && again.kernels.len() >= 6 && again.products.len() == 2);
    let copies: Vec<&str> = again.copies.iter().map(|copy| copy.name.as_str()).collect();
    assert_eq!(copies, ["device_to_device", "elementwise"]);
    let convolutions: Vec<&str> = again.convolutions.iter().map(|row| row.operation.as_str()).collect();
    assert_eq!(convolutions, ["forward", "data_gradient", "weight_gradient"]);
    let steps: Vec<&str> = again.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(steps, ["steps/edm/tiny", "steps/sid/tiny", "steps/sign/tiny"]);
    assert!(again.steps.iter().all(|step| step.steps_per_second > 0.0 && step.batch == Some(2)));
    assert!(again.kernels.iter().all(|kernel| kernel.timing.median_seconds > 0.0));

    // What the CPU has not is said.
    let counts = part(&again, "counts_tiny");
    assert_eq!((counts.outcome, counts.reason.is_some()), (Outcome::LeftOut, true));
    let missing = part(&again, "copies").troubles;
    assert!(missing.iter().map(|trouble| trouble.item.as_str()).eq(["upload", "read_back"]), "{missing:?}");
    let text = report.to_string();
    for words in ["Self-tests", "GFLOP/s", "kernels/squared-error/tiny", "steps/sign/tiny", "counts_tiny: "] {
        assert!(text.contains(words), "no {words} in {text}");
    }
}

/// Says a few things and then goes the way that is asked for.
fn made_up(job: &Job, say: &mut dyn FnMut(Word)) -> Ending {
    let device = |is_wgpu| {
        let device = ChosenDevice { name: "a".into(), reason: "b".into(), is_wgpu, is_software: false };
        Word::Found(Box::new(Finding::Device(device)))
    };
    say(Word::Items(["a", "b", "c"].map(String::from).to_vec()));
    say(Word::Begins("a".into()));
    say(device(true));
    say(Word::Ends("a".into()));
    say(Word::Begins("b".into()));
    match job.part {
        Part::Copies => Ending::BrokenOff("signal 11".into()),
        Part::Steps(Network::Tiny) => Ending::OutOfTime,
        Part::Products => Ending::ByItself,
        Part::Kernels => {
            say(Word::Failed { item: "b".into(), reason: "no memory".into() });
            say(Word::NoTime("c".into()));
            Ending::ByItself
        }
        _ => {
            say(Word::Ends("b".into()));
            say(Word::Ends("c".into()));
            Ending::ByItself
        }
    }
}

#[test]
fn trouble_stands_in_its_part_and_the_rest_goes_on() {
    let plan = Plan { extent: Extent::Full, ..plan() };
    let mut kept = 0;
    let mut keep = |report: &Report| {
        kept += 1;
        read_back(report);
        Ok(())
    };
    let report = conduct(&plan, &mut made_up, &mut |_, _, _| {}, &mut keep).expect("it is kept");
    assert!(report.is_finished && kept > report.parts.len());
    // What failed has a mark.
    let troubles = |name: &str| -> Vec<String> {
        let marked =
            |trouble: Trouble| format!("{}{}", trouble.item, if trouble.is_failure { "!" } else { "" });
        part(&report, name).troubles.into_iter().map(marked).collect()
    };
    let outcome = |name: &str| part(&report, name).outcome;
    assert_eq!(outcome("machine"), Outcome::Measured);
    assert_eq!(outcome("copies"), Outcome::Partly);
    assert_eq!(troubles("copies"), ["b!", "c"]);
    assert_eq!(part(&report, "copies").reason.as_deref(), Some("signal 11"));
    // A process that says it is done before it is.
    assert_eq!(troubles("products"), ["b!", "c"]);
    assert_eq!(troubles("kernels"), ["b!", "c"]);
    assert_eq!(troubles("steps_tiny"), ["b", "c"]);
    // What did not end for a small network is not tried on larger ones; the others are.
    for name in ["steps_small32", "steps_cifar"] {
        let part = part(&report, name);
        assert_eq!(part.outcome, Outcome::LeftOut, "{name}");
        assert!(part.reason.is_some_and(|reason| reason.contains("steps_")), "{name}");
    }
    assert_eq!(outcome("counts_cifar"), Outcome::Measured);
    assert!(report.healthy(), "no self-test has failed");
    assert!(report.to_string().contains("signal 11"), "{report}");
}

/// There is no device.
fn silent(_: &Job, say: &mut dyn FnMut(Word)) -> Ending {
    say(Word::Failed { item: "device".into(), reason: "no adapter".into() });
    Ending::ByItself
}

#[test]
fn without_a_device_or_time_the_rest_is_left_out_with_the_reason() {
    let report = conduct(&plan(), &mut silent, &mut |_, _, _| {}, &mut |_| Ok(())).expect("it is kept");
    assert_eq!(part(&report, "machine").outcome, Outcome::Failed);
    let kernels = part(&report, "kernels");
    assert_eq!(kernels.outcome, Outcome::LeftOut);
    assert!(kernels.reason.is_some_and(|reason| reason.contains("not opened")));
    assert!(!report.healthy(), "the self-test broke off");

    let plan = Plan { budget_secs: Some(0.0), ..plan() };
    let report = conduct(&plan, &mut made_up, &mut |_, _, _| {}, &mut |_| Ok(())).expect("it is kept");
    assert!(report.is_finished && report.parts.iter().all(|part| part.outcome == Outcome::LeftOut));
    assert!(
        report.parts.iter().any(|part| part.reason.as_ref().is_some_and(|reason| reason.contains("over")))
    );
}

#[test]
fn what_was_measured_outlives_a_program_that_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let kept = Cell::new(0);
    let mut keep = |report: &Report| {
        kept.set(kept.get() + 1);
        if kept.get() > 4 {
            return Err(Error::new(Kind::Stopped, "the program ends here"));
        }
        write(&file, report)
    };
    conduct(&plan(), &mut made_up, &mut |_, _, _| {}, &mut keep).expect_err("it ended");
    let text = std::fs::read(&file).expect("it was written");
    let report: Report = serde_json::from_slice(&text).expect("a whole report");
    assert!(!report.is_finished && report.device.is_some());
    assert_eq!(part(&report, "self_tests").outcome, Outcome::Measured);
    assert_eq!(part(&report, "copies").outcome, Outcome::Waiting);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing half-written");
}

#[test]
fn only_a_report_is_replaced() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    assert!(!may_be_written(&file)?, "nothing is there");
    write(&file, &Report::begin(&plan(), &Part::all(Extent::Quick, false)))?;
    assert!(may_be_written(&file)?, "an earlier report is");
    for other in ["", "[1]", "{\"format\": 1}", "{\"name\": \"thesis\"}"] {
        std::fs::write(&file, other).expect("written");
        let error = may_be_written(&file).expect_err(other);
        assert!(error.exit_code() == 2 && error.to_string().contains("--full"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).expect("it is there"), other);
    }
    assert!(may_be_written(folder.path()).is_err(), "a folder is no report");
    Ok(())
}
