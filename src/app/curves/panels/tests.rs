use std::collections::BTreeSet;

use super::*;
use crate::app::curves::chosen::Chart;
use crate::app::curves::measure::Group;
use crate::app::curves::moment::Moment;
use crate::app::theme;

fn at(step: u64) -> Moment {
    Moment { step, kimg: step as f64, secs: 60.0 * step as f64 }
}

fn run(metrics: &[(&'static str, &str)]) -> Run {
    let mut run = Run::new("demo".to_owned(), None);
    for (name, conditions) in metrics {
        let measure = Measure { name: (*name).into(), conditions: (*conditions).to_owned() };
        run.record("sign", measure, at(1), 1.0);
    }
    run
}

/// A run of two stages; every loss keeps its value.
fn trained(teacher: &[(&'static str, f64)], student: &[(&'static str, f64)]) -> Run {
    let mut run = Run::new("demo".to_owned(), None);
    for (stage, losses) in [("teacher", teacher), ("sign", student)] {
        for step in 1..=4 {
            losses
                .iter()
                .for_each(|(name, value)| run.record(stage, Measure::of_step(*name), at(step), *value));
        }
    }
    run
}

fn looking_at(group: Group) -> Settings {
    Settings { chart: Chart::Group(group), ..Settings::default() }
}

fn names(panels: &[Panel<'_>]) -> Vec<String> {
    panels.iter().map(Panel::names).collect()
}

#[test]
fn a_dozen_metrics_need_few_axes() {
    let metrics = [
        ("rec_rms", "a"),
        ("idem_rms", "b"),
        ("drift_rms", "c"),
        ("fixed_data", "d"),
        ("fixed_noise", "e"),
        ("fixed_samples", "f"),
        ("fixed_noisy", "g"),
    ];
    let runs = [run(&metrics)];
    let panels = panels(&runs, &looking_at(Group::Idempotence), &theme::DARK);
    let shape: Vec<_> = panels.iter().map(|panel| (panel.axis.as_str(), panel.curves.len())).collect();
    assert_eq!(shape, [("rms", 3), ("share", 4)]);
    assert_eq!(panels[0].conditions(), None);
}

#[test]
fn other_conditions_stand_on_another_axis_in_other_runs_too() {
    let runs = [run(&[("fid", "n=10"), ("fid", "n=20")]), run(&[("fid", "n=20")])];
    let panels = panels(&runs, &looking_at(Group::Distances), &theme::DARK);
    let shape: Vec<_> = panels.iter().map(|panel| (panel.conditions(), panel.curves.len())).collect();
    assert_eq!(shape, [(Some("n=10"), 1), (Some("n=20"), 2)]);
    let [first, second] = [&panels[1].curves[0], &panels[1].curves[1]];
    assert_ne!(first.colour, second.colour, "two runs of one curve differ");
}

#[test]
fn charts_of_mixed_conditions_are_told_apart_by_their_first_curve() {
    let runs = [run(&[("rec_rms", "a"), ("idem_rms", "b"), ("rec_rms", "c"), ("idem_rms", "d")])];
    let panels = panels(&runs, &looking_at(Group::Idempotence), &theme::DARK);
    assert!(panels.len() == 2 && panels.iter().all(|panel| panel.conditions().is_none()));
    assert_ne!(panels[0].first(), panels[1].first());
}

#[test]
fn pins_and_visibility_decide_what_is_drawn() {
    let mut runs = [run(&[("fid", "n=10"), ("rec_rms", "a")]), run(&[("fid", "n=10")])];
    let pins: BTreeSet<_> = runs[0].series.iter().map(|series| series.measure.clone()).collect();
    let settings = Settings { chart: Chart::Pinned, pins, ..Settings::default() };
    assert_eq!(panels(&runs, &settings, &theme::DARK).len(), 2);
    runs[1].visible = false;
    runs[0].series[1].visible = false;
    let left = panels(&runs, &settings, &theme::DARK);
    assert_eq!((left.len(), left[0].curves.len()), (1, 1));
}

#[test]
fn losses_of_other_sizes_have_axes_of_their_own_unless_powers_of_ten_do() {
    let runs =
        [trained(&[("denoise", 0.2)], &[("rec", 0.05), ("sid", 900.0), ("flow", 0.4), ("reg", 300.0)])];
    let mut settings = looking_at(Group::Losses);
    let split = panels(&runs, &settings, &theme::DARK);
    assert_eq!(names(&split), ["denoise, rec, flow", "sid, reg"]);
    assert_ne!(split[0].first(), split[1].first());
    settings.log = true;
    assert_eq!(names(&panels(&runs, &settings, &theme::DARK)), ["denoise, rec, sid, flow, reg"]);
}

#[test]
fn one_loss_of_two_runs_is_compared_on_one_axis_whatever_its_size() {
    let runs = [trained(&[], &[("rec", 0.05), ("flow", 0.06)]), trained(&[], &[("rec", 80.0)])];
    assert_eq!(names(&panels(&runs, &looking_at(Group::Losses), &theme::DARK)), ["rec", "flow"]);
}

#[test]
fn the_students_stage_stands_behind_the_teachers_or_apart() {
    let runs = [trained(&[("denoise", 1.0)], &[("rec", 1.0)])];
    let mut settings = looking_at(Group::Losses);
    let starts = |panels: &[Panel<'_>]| -> Vec<Vec<f64>> {
        panels.iter().map(|panel| panel.curves.iter().map(|curve| curve.start).collect()).collect()
    };
    let behind = panels(&runs, &settings, &theme::DARK);
    assert_eq!(starts(&behind), [[0.0, 4.0]]);
    assert_eq!(extent(&behind, XAxis::Kimg), Some([1.0, 8.0]));
    assert_eq!(behind[0].heights(XAxis::Kimg, [5.0, 8.0], false), Some([1.0, 1.0]));
    settings.apart = true;
    let apart = panels(&runs, &settings, &theme::DARK);
    assert_eq!(starts(&apart), [[0.0], [0.0]]);
    assert_ne!(apart[0].first(), apart[1].first());
    settings = Settings { axis: XAxis::Minutes, apart: false, ..settings };
    assert_eq!(starts(&panels(&runs, &settings, &theme::DARK)), [[0.0, 0.0]], "time goes on by itself");
}

#[test]
fn a_single_place_has_room_around_it() {
    let runs = [run(&[("rec_rms", "a")])];
    let one = panels(&runs, &looking_at(Group::Idempotence), &theme::DARK);
    assert_eq!(extent(&one, XAxis::Kimg), Some([0.0, 2.0]));
    let mut first = Run::new("demo".to_owned(), None);
    first.record("sign", Measure::of_step("rec"), at(0), 1.0);
    let runs = [first];
    assert_eq!(
        extent(&panels(&runs, &looking_at(Group::Losses), &theme::DARK), XAxis::Steps),
        Some([0.0, 1.0])
    );
    assert_eq!(extent(&[], XAxis::Kimg), None);
}
