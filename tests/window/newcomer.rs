//! The editor as somebody meets it who knows no mode: pictures wait for a model, tools are one click, masks are
//! seen, pictures are magnified, and every click is one step back.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, Vec2,
};
use egui_kittest::kittest::Queryable;
use image::{Rgb, RgbImage};
use signet::edit::Way;
use signet::run::message::{Command, EditRequest, Left, Message, Stage};

use super::editor::{
    choose, choose_mode, click, drag, marked, mode, more, projected, requests, says, stroke,
};
use super::stage::{Scene, png, progress};
use crate::{drop_files, flag};

/// Says that the teacher still trains for so many seconds.
fn teach(scene: &Scene, eta_secs: f64) {
    scene.say(Message::Started {
        run_dir: scene.run_dir(),
        recipe: "demo".to_owned(),
        device: "a made-up device".to_owned(),
        resolution: 16,
        resumed_from: None,
    });
    scene.say(Message::StageStarted { stage: Stage::Teacher, parameters: 1_300_000 });
    let at = progress(Stage::Teacher, 2.0);
    scene.say(Message::Step {
        at,
        losses: vec![("denoise", 0.5)],
        images_per_sec: 412.0,
        left: Left::alone(eta_secs),
    });
}

/// Drops a picture and waits until its result has come; what was asked for.
fn drop_one(scene: &mut Scene, name: &'static str, picture: &RgbImage) -> EditRequest {
    let before = requests(scene).len();
    drop_files(scene, vec![(name, png(picture))]);
    scene.wait_heard("the request", |heard| {
        heard.iter().filter(|command| matches!(command, Command::Edit(_))).count() > before
    });
    scene.wait("the result", |window| window.query_by_label("mask canvas").is_none());
    requests(scene).pop().expect("a request")
}

/// Colours in no order, in blocks of `block` pixels.
fn dice(block: u32) -> RgbImage {
    let value = |x: u32, y: u32, c: u32| {
        ((x / block * 97) ^ (y / block * 61) ^ (c * 151)).wrapping_mul(2_654_435_761).rotate_left(9) as u8
    };
    RgbImage::from_fn(16, 16, |x, y| Rgb([0, 1, 2].map(|c| value(x, y, c))))
}

#[test]
fn a_picture_dropped_on_a_teacher_waits_for_sign() {
    let mut scene = Scene::open();
    teach(&scene, 700.0);
    scene.wait("the promise", |window| {
        says(window, "SIGN begins in about 12 min; pictures you drop are queued and edited then")
    });
    scene.screenshot("wait-empty");
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the picture", |window| window.query_by_label("picture 1").is_some());
    scene.wait("the words", |window| {
        says(window, "SIGN begins in about 12 min; your picture is queued and edited then")
    });
    assert!(says(&scene.window, "waiting for SIGN") && scene.heard().is_empty(), "{:?}", scene.heard());
    scene.screenshot("wait");
    let at = progress(Stage::Teacher, 3.0);
    scene.say(Message::Step {
        at,
        losses: vec![("denoise", 0.5)],
        images_per_sec: 412.0,
        left: Left::alone(45.0),
    });
    scene.wait("less time", |window| says(window, "SIGN begins in about a minute"));
    // What is changed meanwhile is what is mended in the end.
    stroke(&mut scene);
    click(&mut scene, "Fill");
    assert!(scene.heard().is_empty(), "it still waits");
    scene.say(Message::StageStarted { stage: Stage::Sign, parameters: 1_300_000 });
    scene.wait("the result", |window| window.query_by_label("after 8").is_some());
    let [request] = &requests(&scene)[..] else { panic!("one request, not {:?}", scene.heard()) };
    assert!(marked(&request.mask) > 0);
    assert!(!says(&scene.window, "SIGN begins"));
}

#[test]
fn what_a_teacher_refuses_waits_too_and_can_be_called_off() {
    let mut scene = Scene::open();
    scene.refuse_edits("the run is at its teacher");
    // Nobody has said yet that it is one.
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait_heard("the request", |heard| heard.len() == 1);
    scene.wait("the refusal", |window| says(window, "the run is at its teacher"));
    teach(&scene, 700.0);
    scene.wait("the teacher", |window| says(window, "teacher · 2.0 of"));
    click(&mut scene, "Denoise");
    scene.wait("it waits", |window| says(window, "waiting for SIGN"));
    click(&mut scene, "Cancel");
    scene.accept_edits();
    scene.say(Message::StageStarted { stage: Stage::Sign, parameters: 1_300_000 });
    scene.window.run_steps(5);
    assert_eq!(requests(&scene).len(), 1, "what was called off is not done");
}

#[test]
fn each_picture_has_the_mode_that_suits_it() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the run", |window| window.query_by_label("sample 1").is_some());
    let gray = image::DynamicImage::from(dice(1)).grayscale().to_rgb8();
    assert_eq!(drop_one(&mut scene, "gray.png", &gray).wish.way, Some(Way::Colourise));
    assert_eq!(mode(&mut scene), "Auto: colourise");
    let coarse = drop_one(&mut scene, "coarse.png", &dice(4)).wish;
    assert_eq!((coarse.way, coarse.patch), (Some(Way::SuperResolve), Some(4)));
    assert_eq!(mode(&mut scene), "Auto: super-resolve");
    assert_eq!(drop_one(&mut scene, "flag.png", &flag()).wish.way, None);
    assert_eq!(mode(&mut scene), "Auto: direct");
    // Picked by hand it stays for this picture, and is no other's.
    choose_mode(&mut scene, "Colourise");
    drop_one(&mut scene, "second flag.png", &flag());
    assert_eq!(mode(&mut scene), "Auto: direct");
    click(&mut scene, "picture 3");
    assert_eq!(mode(&mut scene), "Colourise");
    stroke(&mut scene);
    assert_eq!(mode(&mut scene), "Colourise");
    // The list has room for the newest ones only.
    scene.window.get_by_label("picture 1").scroll_to_me();
    scene.window.run_steps(4);
    click(&mut scene, "picture 1");
    stroke(&mut scene);
    assert_eq!(mode(&mut scene), "Auto: inpaint");
}

#[test]
fn each_picture_of_a_seed_draws_its_own_noise() {
    let mut scene = projected();
    drop_one(&mut scene, "second flag.png", &flag());
    more(&mut scene, |scene| click(scene, "Project all"));
    scene.wait_heard("both", |heard| heard.len() == 4);
    let drawn: Vec<_> = requests(&scene)[2..].iter().map(|r| (r.wish.seed, r.wish.picture)).collect();
    assert_eq!(drawn, [(0, 0), (0, 1)]);
}

#[test]
fn one_click_runs_a_tool_and_one_undo_takes_it_back() {
    let mut scene = projected();
    assert!(!can(&scene, "Undo"), "what comes by itself is no step");
    assert!(!can(&scene, "Another"), "without noise there is one result");
    let tools =
        [("Sharpen", Way::SuperResolve, 8), ("Denoise", Way::Direct, 2), ("Colour", Way::Colourise, 8)];
    for (count, (tool, way, steps)) in tools.into_iter().enumerate() {
        click(&mut scene, tool);
        scene.wait_heard("the request", |heard| heard.len() == count + 2);
        let request = requests(&scene).pop().expect("a request");
        assert_eq!((request.wish.way, request.wish.steps), (Some(way), Some(steps)), "{tool}");
        scene.wait("the result", |window| window.query_by_label(&format!("after {steps}")).is_some());
        answered(&mut scene);
    }
    click(&mut scene, "Undo");
    assert_eq!(mode(&mut scene), "Direct");
    click(&mut scene, "Undo");
    assert_eq!(mode(&mut scene), "Super-resolve");
    click(&mut scene, "Another");
    scene.wait_heard("another", |heard| heard.len() == 5);
    let wish = requests(&scene).pop().expect("a request").wish;
    assert_eq!((wish.way, wish.seed), (Some(Way::SuperResolve), 1));
    answered(&mut scene);
    for _ in 0..2 {
        assert!(can(&scene, "Undo"));
        click(&mut scene, "Undo");
    }
    assert!(!can(&scene, "Undo"), "two clicks are left, and two steps");
    assert_eq!(mode(&mut scene), "Auto: direct");
    assert!(scene.window.query_by_label("after 2").is_some(), "the first result");
}

/// Lets frames pass until nothing is on its way.
fn answered(scene: &mut Scene) {
    scene.wait("the answer", |window| !says(window, "waiting for its turn"));
}

fn can(scene: &Scene, label: &str) -> bool {
    use egui_kittest::kittest::NodeT;
    !scene.window.get_by_label(label).accesskit_node().is_disabled()
}

#[test]
fn fill_asks_for_a_mask_and_then_fills() {
    let mut scene = projected();
    click(&mut scene, "Fill");
    scene.wait("the canvas", |window| window.query_by_label("mask canvas").is_some());
    assert!(says(&scene.window, "nothing is marked yet"));
    assert_eq!(scene.heard().len(), 1);
    drag(&mut scene, "mask canvas", Vec2::new(20.0, 0.0));
    click(&mut scene, "Fill");
    scene.wait("the result", |window| window.query_by_label("after 8").is_some());
    assert!(marked(&requests(&scene).pop().expect("a request").mask) > 0);
    for _ in 0..3 {
        click(&mut scene, "Undo");
    }
    assert!(!can(&scene, "Undo"), "a click, a stroke, a click");
}

#[test]
fn a_slider_that_is_dragged_is_one_step_back() {
    let mut scene = projected();
    scene.window.set_size(Vec2::new(2600.0, 1500.0));
    scene.window.run_steps(3);
    click(&mut scene, "More");
    let slider = |scene: &Scene| scene.window.get_by_role_and_label(Role::Slider, "Strength").rect();
    let at = slider(&scene).left_center() + Vec2::new(8.0, 0.0);
    scene.window.drag_at(at);
    for step in 1..=6 {
        scene.window.hover_at(at + Vec2::new(10.0 * step as f32, 0.0));
        scene.window.step();
    }
    scene.window.drop_at(at + Vec2::new(60.0, 0.0));
    scene.window.run_steps(3);
    assert!(says(&scene.window, "the settings have changed"));
    click(&mut scene, "Undo");
    assert!(!says(&scene.window, "the settings have changed") && !can(&scene, "Undo"));
    click(&mut scene, "Redo");
    assert!(says(&scene.window, "the settings have changed"));
}

#[test]
fn the_original_comes_back_and_goes_again() {
    let mut scene = projected();
    click(&mut scene, "Corrupt");
    click(&mut scene, "noise 0.5");
    scene.window.key_press(Key::Escape);
    click(&mut scene, "Denoise");
    scene.wait("the result", |window| window.query_by_label("after 2").is_some());
    let request = requests(&scene).pop().expect("a request");
    assert_ne!(*request.image, flag());
    assert!(request.wish.noise_sigma.is_some_and(|sigma| sigma > 0.2), "{:?}", request.wish);
    click(&mut scene, "Original");
    scene.wait("the picture", |window| window.query_by_label("mask canvas").is_some());
    assert!(!can(&scene, "Original"));
    click(&mut scene, "Colour");
    scene.wait_heard("the request", |heard| heard.len() == 3);
    assert_eq!(*requests(&scene).pop().expect("a request").image, flag());
    scene.wait("the result", |window| window.query_by_label("after 8").is_some());
    click(&mut scene, "Undo");
    click(&mut scene, "Undo");
    assert!(scene.window.query_by_label("after 2").is_some(), "the noisy one's result");
}

#[test]
fn what_no_tool_mends_says_so_where_it_is_chosen() {
    let mut scene = projected();
    click(&mut scene, "Corrupt");
    let lines = scene.window.query_all_by_label("no tool mends this").count();
    assert_eq!(lines, 2, "sketch and jpeg");
    assert!(says(&scene.window, "Fill restores it") && says(&scene.window, "Denoise takes it away"));
    scene.screenshot("corrupt-menu");
    click(&mut scene, "jpeg");
    scene.window.key_press(Key::Escape);
    scene.wait("the warning", |window| says(window, "no tool mends jpeg"));
}

/// Turns the wheel with the pointer at a place.
fn wheel(scene: &mut Scene, at: Pos2, notches: f32) {
    scene.window.hover_at(at);
    scene.window.step();
    let (unit, phase, modifiers) = (MouseWheelUnit::Point, TouchPhase::Move, Modifiers::NONE);
    let delta = Vec2::new(0.0, 50.0 * notches);
    scene.window.event(Event::MouseWheel {
        unit,
        delta,
        phase,
        modifiers,
        source: MouseWheelSource::Unknown,
    });
    // The wheel runs out over a few frames.
    scene.window.run_steps(20);
}

#[test]
fn the_wheel_zooms_at_the_pointer_and_drags_move() {
    let mut scene = projected();
    click(&mut scene, "Paint");
    let canvas = |scene: &Scene| scene.window.get_by_label("mask canvas").rect();
    let whole = canvas(&scene);
    let at = whole.center() + Vec2::new(30.0, 20.0);
    let under = |scene: &Scene| {
        let rect = canvas(scene);
        (at - rect.min) / rect.size()
    };
    let before = under(&scene);
    wheel(&mut scene, at, 8.0);
    assert!(canvas(&scene).width() > 2.0 * whole.width(), "{:?} of {whole:?}", canvas(&scene));
    assert!((under(&scene) - before).length() < 0.02, "{before:?} is now {:?}", under(&scene));
    scene.screenshot("zoomed");
    let zoomed = canvas(&scene);
    // The middle button, then the first one with Space: neither paints, and Space does not pause.
    for (button, space) in [(PointerButton::Middle, false), (PointerButton::Primary, true)] {
        let before = canvas(&scene);
        if space {
            scene.window.key_down(Key::Space);
            scene.window.step();
        }
        let event = |pos, pressed| Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
        scene.window.event(event(at, true));
        scene.window.step();
        scene.window.hover_at(at + Vec2::new(-12.0, -9.0));
        scene.window.step();
        scene.window.event(event(at + Vec2::new(-12.0, -9.0), false));
        scene.window.step();
        if space {
            scene.window.key_up(Key::Space);
        }
        scene.window.run_steps(2);
        let moved = canvas(&scene).min - before.min;
        assert!((moved - Vec2::new(-12.0, -9.0)).length() < 0.5, "{button:?} moved it by {moved:?}");
        scene.window.hover_at(at);
        scene.window.step();
    }
    assert_eq!((mode(&mut scene).as_str(), scene.heard().len()), ("Auto: direct", 1));
    scene.window.key_press(Key::Num0);
    scene.window.run_steps(2);
    assert_eq!(canvas(&scene), whole);
    click(&mut scene, "100 %");
    assert!((canvas(&scene).width() - 16.0).abs() < 0.1, "{:?}", canvas(&scene));
    click(&mut scene, "whole picture");
    assert_eq!(canvas(&scene), whole);
    scene.window.key_press(Key::Plus);
    scene.window.run_steps(2);
    assert!(canvas(&scene).width() > 1.2 * whole.width() && zoomed.width() > canvas(&scene).width());
    // Both pictures of a pair are magnified together.
    click(&mut scene, "Side by side");
    let [before, after] = ["before", "after 2"].map(|label| scene.window.get_by_label(label).rect());
    assert_eq!(before.size(), after.size());
    // Another picture is seen whole at first.
    drop_one(&mut scene, "second flag.png", &flag());
    click(&mut scene, "Paint");
    assert_eq!(canvas(&scene), whole);
}

#[test]
fn space_still_pauses_where_nothing_is_dragged() {
    let mut scene = projected();
    let at = scene.window.get_by_label("after 2").rect().center();
    scene.window.hover_at(at);
    scene.window.run_steps(2);
    scene.window.key_down(Key::Space);
    scene.window.run_steps(3);
    assert_eq!(scene.heard().len(), 1, "a drag may follow");
    scene.window.key_up(Key::Space);
    scene.wait_heard("pause", |heard| matches!(heard, [.., Command::Pause]));
}

#[test]
fn the_mask_is_seen_on_pictures_of_its_own_colours() {
    let mut scene = Scene::open();
    scene.train();
    for (name, colour) in [("pink.png", [255, 43, 214]), ("dark.png", [48, 0, 42]), ("white.png", [255; 3])] {
        drop_one(&mut scene, name, &RgbImage::from_pixel(64, 64, Rgb(colour)));
        click(&mut scene, "Paint");
        if name == "pink.png" {
            choose(&mut scene, "Tool", "Box");
        }
        let clean = scene.screenshot("unmarked");
        let start = drag(&mut scene, "mask canvas", Vec2::new(40.0, 40.0));
        scene.window.remove_cursor();
        let marked = scene.screenshot(&format!("mask-on-{name}").replace(".png", ""));
        let inside = (4..36).flat_map(|y| (4..36).map(move |x| (start.x as u32 + x, start.y as u32 + y)));
        let seen = inside.filter(|&(x, y)| {
            let [a, b] = [&clean, &marked].map(|picture| picture.get_pixel(x, y).0);
            a.iter().zip(b).map(|(a, b)| a.abs_diff(b)).max() > Some(50)
        });
        assert!(seen.count() > 32 * 32 / 3, "the mask is not seen on {name}");
    }
}

/// Small windows and large text.
#[test]
fn everything_stays_within_the_pane_in_small_windows() {
    let mut scene = projected();
    // Scaled windows are looked at whole, among those of all sizes.
    for (name, size) in [("1280", [1280.0, 800.0]), ("800", [800.0, 600.0])] {
        scene.window.set_size(Vec2::from(size));
        scene.window.run_steps(4);
        // Where there is little room, the editor is a tab behind the curves.
        if scene.window.query_by_role_and_label(Role::Button, "Editor").is_some() {
            scene.window.get_by_role_and_label(Role::Button, "Editor").click();
            scene.window.run_steps(4);
        }
        for view in ["Paint", "Side by side"] {
            if scene.window.query_by_label(view).is_some() {
                click(&mut scene, view);
            } else {
                choose(&mut scene, "Look at", view);
            }
            scene.screenshot(&format!("{name}-{}", view.replace(' ', "-")));
            let tools = [
                "Undo", "Redo", "Original", "Corrupt", "Denoise", "Fill", "Colour", "Sharpen", "Another",
                "More",
            ];
            let rects = tools.map(|label| scene.window.get_by_label(label).rect());
            for (i, rect) in rects.iter().enumerate() {
                assert!(rect.left() >= 0.0 && rect.right() <= size[0], "{} in {name}", tools[i]);
                let over = rects[..i].iter().position(|other| other.shrink(0.5).intersects(rect.shrink(0.5)));
                assert!(
                    over.is_none(),
                    "{} lies on {:?} in {name}",
                    tools[i],
                    over.map(|other| tools[other])
                );
            }
        }
        let foot =
            ["Open…", "Add", "Copy image", "Save PNG"].map(|label| scene.window.get_by_label(label).rect());
        let field = scene.window.get_by_role_and_label(Role::TextInput, "Image path").rect();
        for rect in foot {
            assert!(
                rect.right() <= size[0] && !rect.intersects(field.shrink(0.5)),
                "{rect:?} on {field:?} in {name}"
            );
        }
        more(&mut scene, |scene| {
            scene.screenshot(&format!("{name}-more"));
            let screen = eframe::egui::Rect::from_min_size(Pos2::ZERO, Vec2::from(size));
            for label in ["Mode", "Strength", "Project", "Seed", "Tiles", "Weights: newest", "Project all"] {
                let rect = scene.window.query_all_by_label(label).last().expect(label).rect();
                assert!(screen.contains_rect(rect), "{label} is at {rect:?} in {name}");
            }
        });
    }
}
