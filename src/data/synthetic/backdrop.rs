//! What lies behind and under things: sky, sun, clouds, hills, water.

use super::colour::{Colour, Light, WHITE, hex, lit, mix};
use super::dice::Dice;
use super::paint::{Canvas, Frame};
use super::shape::{Point, Shape, at, disc};

const CANVAS: &Frame = &Frame::CANVAS;

/// Stars of a night sky, where nothing usually stands before them.
const STARS: [(f32, f32); 5] = [(-0.8, -0.55), (-0.45, -0.85), (0.15, -0.7), (0.55, -0.9), (0.85, -0.45)];

/// Sky down to the height `horizon`, with stars by night.
pub fn sky(canvas: &mut Canvas, light: &Light, horizon: f32) {
    canvas.flood(|p| mix(light.zenith, light.horizon, (p.y + 1.0) / (horizon + 1.0)));
    if light.night > 0.8 {
        for (x, y) in STARS {
            canvas.blend(CANVAS, &disc(at(x, y), 0.07), |_| (hex(0xFFF6D8), 0.75));
        }
    }
}

/// The sun with its glow, or by night the moon, as a sickle if it is to be one. Returns its place.
pub fn sun(canvas: &mut Canvas, light: &Light, dice: &mut Dice, height: (f32, f32)) -> Point {
    let centre = at(light.from_x, dice.range(height.0, height.1));
    let radius = dice.range(0.17, 0.23);
    let reach = 0.85 - 0.35 * light.night;
    canvas.blend(CANVAS, &disc(centre, reach), |p| {
        let (x, y) = ((p.x - centre.x) / reach, (p.y - centre.y) / reach);
        let near = (1.0 - x * x - y * y).max(0.0);
        (light.sun, 0.55 * near * near)
    });
    let is_sickle = dice.chance(0.5) && light.night > 0.8;
    let shape = match is_sickle {
        true => disc(centre, radius * 1.15).without(disc(at(centre.x + 0.13, centre.y - 0.06), radius)),
        false => disc(centre, radius),
    };
    canvas.fill(CANVAS, &shape, |_| light.sun);
    centre
}

/// A cloud of three puffs around `centre`.
pub fn cloud(canvas: &mut Canvas, light: &Light, centre: Point, scale: f32) {
    let frame = Frame::new(centre, scale);
    let puffs =
        Shape::Oval(at(0.0, 0.06), 0.42, 0.12).or(disc(at(-0.1, -0.04), 0.17)).or(disc(at(0.15, 0.0), 0.13));
    let colour = mix(lit(WHITE, light.tint), light.horizon, 0.2);
    canvas.blend(&frame, &puffs, |_| (colour, 0.85 - 0.4 * light.night));
}

/// A round hill whose top is at `top`.
pub fn hill(canvas: &mut Canvas, light: &Light, colour: Colour, top: Point, width: f32) {
    let height = width * 0.6;
    let shape = Shape::Oval(at(top.x, top.y + height), width, height);
    let near = lit(colour, light.tint);
    canvas.fill(CANVAS, &shape, |p| {
        let lightened = mix(near, light.horizon, 0.22 - 0.4 * (p.y - top.y));
        mix(lightened, near, 0.35)
    });
}

/// Still water below `horizon`, with the sun's path on it.
pub fn water(canvas: &mut Canvas, light: &Light, horizon: f32, sun: Point, deep: Colour) {
    let deep = lit(deep, light.tint);
    let shape = Shape::Slab(at(0.0, horizon + 1.0), 1.5, 1.0, 0.0);
    canvas.fill(CANVAS, &shape, |p| {
        let down = (p.y - horizon) / (1.0 - horizon);
        let base = mix(mix(light.horizon, deep, 0.45), deep, down * 1.3);
        let aside = (p.x - sun.x) / (0.16 + 0.22 * down);
        let glitter = (1.0 - aside * aside).max(0.0) * (1.0 - 0.6 * down);
        mix(base, light.sun, 0.5 * glitter)
    });
}

/// The soft shadow of a thing on the ground.
pub fn shadow(canvas: &mut Canvas, centre: Point, width: f32, strength: f32) {
    let height = width * 0.24;
    canvas.blend(CANVAS, &Shape::Oval(centre, width, height), |p| {
        let (x, y) = ((p.x - centre.x) / width, (p.y - centre.y) / height);
        (hex(0x101430), strength * (1.0 - x * x - y * y).max(0.0))
    });
}
