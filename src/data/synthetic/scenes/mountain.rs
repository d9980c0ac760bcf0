//! A snowy mountain behind a lake or a forest.

use crate::data::synthetic::backdrop;
use crate::data::synthetic::colour::{Colour, Light, hex, lit, mix};
use crate::data::synthetic::dice::Dice;
use crate::data::synthetic::paint::{Canvas, Frame};
use crate::data::synthetic::shape::{Point, at, convex};

const ROCKS: [Colour; 4] = [hex(0x6C7A98), hex(0x8A6E6A), hex(0x55808C), hex(0x7A6A9A)];
const LAKE: Colour = hex(0x2A6C94);
const FIRS: Colour = hex(0x1F5A44);
/// Half the foot of a peak for each of its height.
const WIDTH: f32 = 0.85;
const SNOW: Colour = hex(0xFBFCFF);

pub fn paint(canvas: &mut Canvas, dice: &mut Dice) {
    let light = Light::of_any_time(dice);
    let shore = dice.range(0.4, 0.52);
    backdrop::sky(canvas, &light, shore);
    let sun = backdrop::sun(canvas, &light, dice, (-0.72, -0.45));

    let rock = dice.pick(&ROCKS);
    // The great peak stands on the far side of the sun.
    let side = -light.from_x.signum();
    let great = at(side * dice.range(0.05, 0.3), dice.range(-0.68, -0.5));
    let small = at(great.x - side * dice.range(0.62, 0.8), dice.range(-0.12, 0.05));
    peak(canvas, &light, mix(rock, light.horizon, 0.45), small, shore, 0.0);
    peak(canvas, &light, rock, great, shore, 0.52);
    if dice.chance(0.5) {
        backdrop::water(canvas, &light, shore, sun, LAKE);
        reflection(canvas, &light, rock, great, shore);
    } else {
        forest(canvas, &light, shore, dice);
    }
}

/// A peak with a lit and a dark face, and snow on the upper part of it down to a jagged line.
fn peak(canvas: &mut Canvas, light: &Light, rock: Colour, top: Point, foot: f32, snow: f32) {
    let height = foot - top.y;
    let half = height * WIDTH;
    let shape = convex([(top.x, top.y), (top.x + half, foot), (top.x - half, foot)]);
    canvas.fill(&Frame::CANVAS, &shape, |p| {
        let down = (p.y - top.y) / height;
        let ridge = top.x + 0.1 * half * down;
        let face = if (p.x - ridge) * light.from_x > 0.0 { 0.8 } else { -1.0 } * light.from_x.signum();
        // Three teeth across the mountain.
        let tooth = (p.x - top.x + 4.0) / 0.26;
        let jag = (tooth - tooth.floor() - 0.5).abs() * 0.26 - 0.06;
        let colour = if down + jag < snow { SNOW } else { mix(rock, light.horizon, 0.25 * down) };
        light.on(colour, face)
    });
}

fn reflection(canvas: &mut Canvas, light: &Light, rock: Colour, top: Point, shore: f32) {
    let depth = (shore - top.y) * 0.45;
    let half = (shore - top.y) * WIDTH;
    let shape = convex([(top.x - half, shore), (top.x + half, shore), (top.x, shore + depth)]);
    canvas.blend(&Frame::CANVAS, &shape, |_| (lit(rock, light.tint), 0.4));
}

fn forest(canvas: &mut Canvas, light: &Light, shore: f32, dice: &mut Dice) {
    let dark = lit(FIRS, light.tint);
    let ground = convex([(-1.1, shore), (1.1, shore), (1.1, 1.1), (-1.1, 1.1)]);
    let meadow = lit(hex(0x6FA64E), light.tint);
    canvas.fill(&Frame::CANVAS, &ground, |p| mix(meadow, dark, (p.y - shore) * 1.1));
    for tree in 0..5 {
        let x = -0.84 + 0.42 * tree as f32 + dice.range(-0.06, 0.06);
        let foot = shore + 0.34;
        let height = dice.range(0.42, 0.62);
        let shape = convex([(x, foot - height), (x + 0.22, foot), (x - 0.22, foot)]);
        canvas.fill(&Frame::CANVAS, &shape, |p| {
            mix(
                dark,
                light.on(hex(0x3F8F58), 0.0),
                0.5 * ((p.x - x) * light.from_x.signum() * 5.0).clamp(0.0, 1.0),
            )
        });
    }
}
