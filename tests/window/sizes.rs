//! Windows of many sizes and scales: what is in them is within them.

use eframe::egui::accesskit::Role;
use eframe::egui::{Pos2, Rect};
use egui_kittest::kittest::Queryable;
use signet::run::message::{Ending, Message, Stage};

use super::stage::{Scene, png, progress};
use crate::{drop_files, flag};

/// Points and scale, and whether the first layout shows four panes at once.
const SIZES: [([f32; 2], f32, bool); 6] = [
    ([760.0, 520.0], 1.0, false),
    ([800.0, 600.0], 1.0, false),
    ([960.0, 700.0], 1.0, true),
    ([1264.0, 632.0], 1.5, true),
    ([1280.0, 800.0], 1.0, true),
    ([1920.0, 1080.0], 1.0, true),
];

#[test]
fn controls_are_within_windows_of_any_size() {
    for (size, scale, is_wide) in SIZES {
        let mut scene = Scene::open_sized(size, scale);
        let name = |pane: &str| format!("size-{}x{}-{scale}-{pane}", size[0], size[1]);
        let screen = Rect::from_min_size(Pos2::ZERO, size.into());
        scene.train();
        let fd = |kimg: f64, value: f64| Message::Metric {
            at: progress(Stage::Sign, kimg),
            name: "fd_pixel".into(),
            value,
            conditions: "2048 samples against 4096 training images, seeds from 0, EMA".to_owned(),
            on: "2048 samples against 4096 training images".into(),
        };
        scene.say(fd(4.0, 61.0));
        scene.say(fd(12.0, 12.0));
        scene.wait("the samples", |window| window.query_by_label("sample 36").is_some());
        scene.wait("the curves", |window| window.query_by_label("curves of losses").is_some());
        scene.screenshot(&name("first"));
        let within = |scene: &Scene, labels: &[&str]| {
            for label in labels {
                for node in scene.window.query_all_by_label(label) {
                    let rect = node.rect();
                    assert!(screen.contains_rect(rect), "{label} is at {rect:?} in {size:?}");
                }
                assert!(scene.window.query_by_label(label).is_some(), "no {label} in {size:?}");
            }
        };
        within(
            &scene,
            &["Pause", "Stop", "EMA", "raw", "Beside", "save the grid as PNG", "Fit all", "sample 36"],
        );
        within(&scene, &["list of curves", "export curves", "view of curves", "curves of losses", "Add run"]);
        let newest = "sign · 18.0 kimg · step 1 125";
        scene.wait("the newest grid", |window| window.query_by_label(newest).is_some());
        let caption = scene.window.get_by_label(newest).rect();
        let zoom = scene.window.get_by_role_and_label(Role::Slider, "Zoom").rect();
        assert!(caption.right() + 8.0 <= zoom.left(), "{caption:?} runs into {zoom:?} in {size:?}");
        if is_wide {
            within(&scene, &["move samples", "move curves", "move editor", "move log"]);
        } else {
            assert!(scene.window.query_by_label("move editor").is_none(), "it is behind the curves");
        }
        drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
        scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
        scene.window.get_by_label("Generate").click();
        scene.wait("the pane", |window| window.query_by_label("generate these seeds").is_some());
        scene.window.get_by_label("generate these seeds").click();
        scene.wait("the pictures", |window| window.query_by_label("generated 36").is_some());
        scene.window.get_by_label("generated 36").click();
        scene.window.run_steps(3);
        scene.screenshot(&name("second"));
        let own =
            ["generate these seeds", "generate the next seeds", "save generated pictures", "generated 36"];
        within(&scene, &own);
        within(&scene, &["To the editor", "Copy command", "Denoise", "More", "Save PNG", "after 2"]);
        scene.say(Message::Done { why: Ending::Finished, run_dir: scene.run_dir() });
        scene.wait("the end", |window| window.query_by_label("Generate pictures").is_some());
        scene.screenshot(&name("done"));
        within(
            &scene,
            &["Generate pictures", "Edit a picture", "Copy the command that measures it", "Show the folder"],
        );
    }
}
