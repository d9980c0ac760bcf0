//! The controls of what the next edit is asked for.

use std::ops::RangeInclusive;

use eframe::egui::{ComboBox, DragValue, Slider, SliderClamping, Ui};

use super::settings::Settings;
use crate::diffusion::SIGMA_MAX;
use crate::edit::{Advice, Fit, MOST_APPLICATIONS, Way};

/// Applications of f that the slider reaches; more are typed.
const SLIDER_STEPS: usize = 16;

/// Strongest noise that the slider of direct projection reaches, [-1, 1] units: beyond it hardly anything of the
/// picture is left.
const DIRECT_SIGMA: f64 = 5.0;

/// Weakest first noise of the constrained ways, [-1, 1] units: about a byte's step.
const LEAST_SIGMA: f64 = 0.01;

/// Largest side of super-resolution's patches that is offered, pixels.
const MOST_PATCH: usize = 64;

/// Width of the choice of the mode, points.
const MODE_WIDTH: f32 = 118.0;

/// Which way the picture is edited.
pub fn mode(ui: &mut Ui, settings: &mut Settings, advice: &Advice) {
    let label = ui.label("Mode").id;
    let shown = match settings.way {
        None => format!("Auto: {}", advice.way),
        Some(way) => title(way).to_owned(),
    };
    let combo = ComboBox::from_id_salt("mode").selected_text(shown).width(MODE_WIDTH).show_ui(ui, |ui| {
        let auto = "What suits the picture: Inpaint where something is marked, Colourise for a gray one, Super-resolve \
                    for a coarse one, else Direct";
        ui.selectable_value(&mut settings.way, None, "Auto").on_hover_text(auto);
        for way in Way::ALL {
            ui.selectable_value(&mut settings.way, Some(way), title(way)).on_hover_text(explained(way));
        }
    });
    combo.response.labelled_by(label).on_hover_text(explained(settings.way_of(advice)));
}

/// How often the model is applied.
pub fn steps(ui: &mut Ui, settings: &mut Settings, advice: &Advice, tight: bool) {
    let steps = match settings.way_of(advice) {
        Way::Direct => &mut settings.direct_steps,
        _ => &mut settings.steps,
    };
    let hover = "How often the model is applied. In direct projection the second time shows what the first left \
                 to do; the constrained loop needs several.";
    let label = ui.label("Steps").on_hover_text(hover).id;
    if tight {
        ui.add(DragValue::new(steps).range(1..=MOST_APPLICATIONS).speed(0.05)).labelled_by(label);
    } else {
        let slider = Slider::new(steps, 1..=SLIDER_STEPS).clamping(SliderClamping::Never);
        ui.add(slider).labelled_by(label);
    }
    *steps = (*steps).clamp(1, MOST_APPLICATIONS);
}

/// How much noise is added first. `side` is that of the model's pictures, pixels.
pub fn strength(ui: &mut Ui, settings: &mut Settings, advice: &Advice, side: usize, tight: bool) {
    let direct = settings.way_of(advice) == Way::Direct;
    let (mut sigma, range, hover) = if direct {
        let hover = "Noise level sigma added first: 0 keeps the picture as it is, 5 leaves hardly a trace";
        (settings.direct_sigma, 0.0..=DIRECT_SIGMA, hover)
    } else {
        let hover = "Noise level sigma of the first step. High enough, nothing of what stands in for the unknown \
                     shows through; lower keeps closer to it.";
        (settings.first_sigma(side), LEAST_SIGMA..=SIGMA_MAX, hover)
    };
    let label = ui.label("Strength").on_hover_text(hover).id;
    let changed = number(ui, &mut sigma, range, !direct, tight).labelled_by(label).changed();
    if changed && direct {
        settings.direct_sigma = sigma;
    } else if changed {
        settings.first_sigma = Some(sigma);
    }
}

fn number(
    ui: &mut Ui,
    value: &mut f64,
    range: RangeInclusive<f64>,
    logarithmic: bool,
    tight: bool,
) -> eframe::egui::Response {
    if tight {
        let speed = if logarithmic { 0.02 * *value } else { 0.02 };
        return ui.add(DragValue::new(value).range(range).speed(speed).fixed_decimals(2));
    }
    ui.add(Slider::new(value, range).logarithmic(logarithmic).fixed_decimals(2))
}

/// What is changed less often: seed, fit, and patches where they matter.
pub fn rest(ui: &mut Ui, settings: &mut Settings, advice: &Advice) {
    let label = ui
        .label("Seed")
        .on_hover_text("Another seed draws other noise; each picture of a seed has its own")
        .id;
    ui.add(DragValue::new(&mut settings.seed)).labelled_by(label);
    let hover = "Resize: the middle square at the model's size, as in training. Tiles: the whole picture at \
                 its own size, in overlapping tiles.";
    ui.label("Fit").on_hover_text(hover);
    for (fit, title) in [(Fit::Resize, "Resize"), (Fit::Tiles, "Tiles")] {
        ui.selectable_value(&mut settings.fit, fit, title).on_hover_text(hover);
    }
    if settings.way_of(advice) == Way::SuperResolve {
        let hover = "Side of the patches whose means are kept, pixels at the size that is edited";
        let label = ui.label("Patch").on_hover_text(hover).id;
        let mut patch = settings.patch_of(advice);
        let value = DragValue::new(&mut patch).range(2..=MOST_PATCH).speed(0.05);
        if ui.add(value).labelled_by(label).changed() {
            settings.patch = Some(patch);
        }
    }
}

fn title(way: Way) -> &'static str {
    match way {
        Way::Direct => "Direct",
        Way::Inpaint => "Inpaint",
        Way::Colourise => "Colourise",
        Way::SuperResolve => "Super-resolve",
    }
}

fn explained(way: Way) -> &'static str {
    match way {
        Way::Direct => {
            "Projects the whole picture onto what the model has learned. It does not fill a half-masked picture \
             in: that is what Inpaint is for."
        }
        Way::Inpaint => {
            "Fills in what is marked, in a loop from strong noise to none; everything else stays as it is"
        }
        Way::Colourise => "Keeps the brightness and finds colours, in a loop from strong noise to none",
        Way::SuperResolve => {
            "Keeps the mean of each patch and finds the detail, in a loop from strong noise to none"
        }
    }
}
