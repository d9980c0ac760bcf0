//! Numbers that are changed while a run goes on, and what the window says when a run goes wrong.

use eframe::egui::OutputCommand;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use signet::error::{Error, Kind};
use signet::recipe::{self, BadGradients};
use signet::run::message::{BadSteps, Change, Command, Ending, Message, Stage};

use super::stage::{Scene, tunables};

const RATE: &str = "student.learning_rate";

#[test]
fn a_rate_is_changed_and_taken_back_while_the_run_goes_on() {
    let mut scene = Scene::open();
    scene.train();
    scene.say(Message::Tunables(tunables(2e-4)));
    scene.window.get_by_label("Recipe").click();
    scene.wait("the numbers", |window| window.query_by_label("While it runs").is_some());
    #[cfg(target_os = "linux")]
    assert!(scene.window.query_all_by_label_contains("B of memory").next().is_some(), "no memory is shown");
    let (apply, revert) = (format!("apply {RATE}"), format!("revert to the recipe's {RATE}"));
    let disabled =
        |scene: &Scene, label: &str| scene.window.get_by_label(label).accesskit_node().is_disabled();
    assert!(disabled(&scene, &apply) && disabled(&scene, &revert), "there is nothing to apply");

    scene.window.get_by_role_and_label(Role::SpinButton, RATE).set_value_accesskit(1e-4);
    scene.window.run_steps(3);
    assert!(scene.heard().is_empty(), "nothing is sent before it is applied");
    scene.press(&apply);
    let sent = |scene: &Scene| match scene.heard().last() {
        Some(Command::Tune(wish)) => (wish.name.clone(), wish.value),
        other => panic!("the window sent {other:?}"),
    };
    assert_eq!(sent(&scene), (RATE.to_owned(), 1e-4));
    let change = Change {
        stage: Stage::Sign,
        step: 1125,
        images: 18_000,
        elapsed_secs: 45.0,
        name: RATE.to_owned(),
        old: 2e-4,
        new: 1e-4,
    };
    scene.say(Message::Changed(change.clone()));
    scene.wait("the change in words", |window| window.query_by_label(&change.words()).is_some());
    scene.wait("the trainer's answer", |window| {
        window.get_by_label(&format!("apply {RATE}")).accesskit_node().is_disabled()
    });
    scene.screenshot("tuning");
    scene.press(&revert);
    assert_eq!(sent(&scene), (RATE.to_owned(), 2e-4));

    scene.press("Stop");
    scene.wait("the end", |window| {
        window.get_by_role_and_label(Role::SpinButton, RATE).accesskit_node().is_disabled()
    });
}

#[test]
fn bad_steps_are_one_strip_with_a_count_and_a_failure_can_be_copied() {
    let mut scene = Scene::open();
    scene.train();
    for count in 1..=30 {
        scene.say(Message::BadSteps(BadSteps {
            stage: Stage::Sign,
            step: 1125 + count,
            count,
            treatment: BadGradients::Skip,
            worth_a_line: count.is_power_of_two(),
        }));
    }
    scene.wait("the count", |window| window.query_all_by_label_contains("of 30 steps").next().is_some());
    assert_eq!(scene.window.query_all_by_label("Dismiss").count(), 1);
    scene.window.get_by_label("Dismiss").click();
    scene.wait("nothing", |window| window.query_by_label("Dismiss").is_none());

    let error = Error::new(Kind::DeviceLost, "the graphics device was lost: reset")
        .safe("the checkpoint of sign at step 1 125")
        .hint("start the same command again");
    scene.say(Message::Failed(error.clone()));
    scene.wait("the failure", |window| window.query_by_label("The run failed").is_some());
    assert!(scene.window.query_all_by_label_contains("what is safe: the checkpoint").next().is_some());
    scene.window.get_by_label("Copy details").click();
    scene.window.step();
    let commands = &scene.window.output().platform_output.commands;
    let copied = commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.expect("something was copied");
    for words in [error.to_string().as_str(), "a made-up device", "recipe: demo", "step 1125"] {
        assert!(copied.contains(words), "“{words}” is not in {copied}");
    }
    scene.screenshot("lost");
}

#[test]
fn a_finished_run_is_trained_longer() {
    let mut scene = Scene::open();
    scene.train();
    let recipe = recipe::preset("demo").expect("the demo");
    scene.say(Message::Recipe(recipe::to_toml(&recipe).expect("TOML").into()));
    assert!(scene.window.query_by_label("Train longer").is_none());
    scene.say(Message::Done { why: Ending::Finished, run_dir: scene.run_dir() });
    scene.wait("the offer", |window| window.query_by_label("Train longer").is_some());
    let length = "Extend the last stage to";
    scene.window.get_by_role_and_label(Role::SpinButton, length).set_value_accesskit(48.0);
    scene.window.run_steps(3);
    scene.screenshot("longer");
    scene.press("Train longer");
    let sent = scene.heard().last().cloned();
    assert!(matches!(sent, Some(Command::TrainLonger { kimg: 48.0 })), "{sent:?}");
    scene.wait("that it is asked once", |window| {
        window.get_by_label("Train longer").accesskit_node().is_disabled()
    });
    // The same run is at work again.
    scene.train();
    scene.wait("the run", |window| window.query_by_label("Train longer").is_none());
    scene.press("Pause");
    assert!(matches!(scene.heard().last(), Some(Command::Pause)));
}
