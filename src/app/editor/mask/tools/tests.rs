use eframe::egui::{Modifiers, Pos2, TextEdit, Vec2, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::*;

/// The picture's place in the window: 32×32 pixels of 10 points.
const CORNER: Pos2 = pos2(40.0, 80.0);
const ZOOM: f32 = 10.0;
const SIDE: u32 = 32;

struct Easel {
    tools: Tools,
    mask: Mask,
    finished: usize,
    typed: String,
    act: Option<Act>,
}

fn easel() -> Harness<'static, Easel> {
    let easel = Easel {
        tools: Tools::default(),
        mask: Mask::new(SIDE, SIDE),
        finished: 0,
        typed: String::new(),
        act: None,
    };
    Harness::builder().with_size([640.0, 480.0]).build_ui_state(
        |ui, easel: &mut Easel| {
            easel.tools.listen(ui.ctx());
            ui.horizontal(|ui| easel.tools.row(ui, false));
            let act = ui.horizontal(|ui| Tools::whole(ui, !easel.mask.is_empty())).inner;
            easel.act = act.or(easel.act);
            let label = ui.label("Words").id;
            ui.add(TextEdit::singleline(&mut easel.typed)).labelled_by(label);
            let rect = Rect::from_min_size(CORNER, Vec2::splat(SIDE as f32 * ZOOM));
            easel.finished += usize::from(easel.tools.draw(ui, rect, &mut easel.mask));
        },
        easel,
    )
}

/// Drags from one pixel's place to another by way of `through`, with the primary button.
fn drag(window: &mut Harness<'_, Easel>, through: &[[f32; 2]], modifiers: Modifiers) {
    press(window, through, modifiers);
    let last = through[through.len() - 1];
    button(window, last, PointerButton::Primary, false, modifiers);
}

fn press(window: &mut Harness<'_, Easel>, through: &[[f32; 2]], modifiers: Modifiers) {
    window.hover_at(place(through[0]));
    button(window, through[0], PointerButton::Primary, true, modifiers);
    for at in &through[1..] {
        window.hover_at(place(*at));
    }
    window.run_steps(1);
}

fn button(
    window: &mut Harness<'_, Easel>,
    at: [f32; 2],
    button: PointerButton,
    pressed: bool,
    modifiers: Modifiers,
) {
    window.event(Event::PointerButton { pos: place(at), button, pressed, modifiers });
    window.run_steps(1);
}

fn place(pixel: [f32; 2]) -> Pos2 {
    CORNER + Vec2::from(pixel) * ZOOM
}

fn masked(window: &Harness<'_, Easel>) -> u64 {
    (window.state().mask.share() * f64::from(SIDE * SIDE)).round() as u64
}

#[test]
fn every_tool_draws_and_shift_clears() {
    let mut window = easel();
    window.get_by_label("mask canvas");
    window.get_by_label("Lasso").click();
    window.run_steps(2);
    // Around a square: the line closes itself.
    drag(&mut window, &[[4.0, 4.0], [14.0, 4.0], [14.0, 14.0], [4.0, 14.0]], Modifiers::NONE);
    assert_eq!((masked(&window), window.state().finished), (100, 1));

    window.get_by_label("Box").click();
    window.run_steps(2);
    drag(&mut window, &[[20.0, 20.0], [50.0, 60.0]], Modifiers::NONE);
    assert_eq!((masked(&window), window.state().finished), (244, 2), "cut at the picture's edge");
    drag(&mut window, &[[22.0, 22.0], [24.0, 24.0]], Modifiers::SHIFT);
    assert_eq!((masked(&window), window.state().finished), (240, 3));

    window.get_by_label("Eraser").click();
    window.run_steps(2);
    window.state_mut().tools.radius = 3.0;
    drag(&mut window, &[[0.0, 9.0], [32.0, 9.0]], Modifiers::NONE);
    assert_eq!((masked(&window), window.state().finished), (240 - 60, 4));
    drag(&mut window, &[[0.0, 9.0], [32.0, 9.0]], Modifiers::NONE);
    assert_eq!(window.state().finished, 4, "nothing was left to clear");

    window.get_by_label("Brush").click();
    window.run_steps(2);
    drag(&mut window, &[[3.0, 9.0], [29.0, 9.0]], Modifiers::NONE);
    assert!(masked(&window) > 180 + 26 * 6 && window.state().finished == 5);
}

#[test]
fn a_click_paints_a_dab_and_other_buttons_and_places_do_not() {
    let mut window = easel();
    drag(&mut window, &[[10.0, 10.0]], Modifiers::NONE);
    let dab = masked(&window);
    assert!((40..60).contains(&dab) && window.state().finished == 1, "{dab} pixels of a radius of 4");

    window.hover_at(place([20.0, 20.0]));
    button(&mut window, [20.0, 20.0], PointerButton::Secondary, true, Modifiers::NONE);
    window.hover_at(place([28.0, 20.0]));
    button(&mut window, [28.0, 20.0], PointerButton::Secondary, false, Modifiers::NONE);
    drag(&mut window, &[[-2.0, 20.0], [20.0, 20.0]], Modifiers::NONE);
    assert_eq!((masked(&window), window.state().finished), (dab, 1));
}

/// Between two frames of a slow window.
#[test]
fn nothing_of_a_quick_stroke_is_lost() {
    let mut window = easel();
    window.hover_at(place([16.0, 4.0]));
    window.run_steps(1);
    let button = |at: [f32; 2], pressed: bool| Event::PointerButton {
        pos: place(at),
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let corner = Event::PointerMoved(place([16.0, 28.0]));
    let end = Event::PointerMoved(place([4.0, 28.0]));
    window.input_mut().events.extend([button([16.0, 4.0], true), corner, end, button([4.0, 28.0], false)]);
    window.run_steps(1);
    assert_eq!(window.state().finished, 1);
    let image = window.state().mask.image();
    for at in [[16, 4], [16, 16], [16, 27], [4, 27]] {
        assert_eq!(image.get_pixel(at[0], at[1]).0, [255], "{at:?}");
    }
}

#[test]
fn escape_and_another_mask_end_a_stroke() {
    let mut window = easel();
    press(&mut window, &[[10.0, 10.0], [20.0, 10.0]], Modifiers::NONE);
    assert!(masked(&window) > 0, "shown while it is drawn");
    window.key_press(Key::Escape);
    window.run_steps(1);
    assert_eq!(masked(&window), 0);
    button(&mut window, [10.0, 10.0], PointerButton::Primary, false, Modifiers::NONE);

    press(&mut window, &[[10.0, 10.0], [20.0, 10.0]], Modifiers::NONE);
    window.state_mut().mask = Mask::new(5, 3);
    window.hover_at(place([25.0, 25.0]));
    button(&mut window, [25.0, 25.0], PointerButton::Primary, false, Modifiers::NONE);
    assert_eq!((masked(&window), window.state().finished), (0, 0));
}

#[test]
fn brackets_change_the_brush_unless_somebody_types() {
    let mut window = easel();
    window.key_press(Key::CloseBracket);
    window.run_steps(1);
    assert_eq!(window.state().tools.radius, FIRST_RADIUS * RADIUS_STEP);
    for _ in 0..60 {
        window.key_press(Key::OpenBracket);
    }
    window.run_steps(1);
    assert_eq!(window.state().tools.radius, *RADII.start());
    window.get_by_label("Words").focus();
    window.run_steps(2);
    window.key_press(Key::CloseBracket);
    window.run_steps(1);
    assert_eq!(window.state().tools.radius, *RADII.start());
}

#[test]
fn buttons_tell_what_they_ask_for() {
    let mut window = easel();
    window.get_by_label("Clear mask").click();
    window.run_steps(2);
    assert_eq!(window.state().act, None, "there is nothing to clear");
    window.get_by_label("Invert mask").click();
    window.run_steps(2);
    assert_eq!(window.state_mut().act.take(), Some(Act::Invert));
    window.state_mut().mask.invert();
    window.run_steps(1);
    window.get_by_label("Clear mask").click();
    window.run_steps(2);
    assert_eq!(window.state().act, Some(Act::Clear));
    window.get_by_role_and_label(Role::Slider, "Brush size");
}
