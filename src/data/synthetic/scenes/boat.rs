//! A sailing boat before the sun.

use crate::data::synthetic::backdrop;
use crate::data::synthetic::colour::{Colour, Light, hex, mix};
use crate::data::synthetic::dice::Dice;
use crate::data::synthetic::paint::{Canvas, Frame};
use crate::data::synthetic::shape::{Shape, at, convex};

/// Hull and small sail.
const PAINTS: [(Colour, Colour); 5] = [
    (hex(0xC8402F), hex(0xF2A03D)),
    (hex(0x1F6F6B), hex(0xF4C84F)),
    (hex(0x6B3F2A), hex(0xD9533F)),
    (hex(0x24407E), hex(0xEC6A5C)),
    (hex(0xF0F0EA), hex(0x3C86C8)),
];
const CANVAS_CLOTH: Colour = hex(0xFFF7E6);
const SEA: Colour = hex(0x1765A8);

pub fn paint(canvas: &mut Canvas, dice: &mut Dice) {
    let light = Light::of_any_time(dice);
    let horizon = dice.range(0.22, 0.36);
    backdrop::sky(canvas, &light, horizon);
    let sun = backdrop::sun(canvas, &light, dice, (-0.55, -0.1));
    backdrop::water(canvas, &light, horizon, sun, SEA);

    let (hull, small_sail) = dice.pick(&PAINTS);
    let place = at(dice.range(-0.22, 0.22), horizon + 0.2);
    let frame = Frame::new(place, dice.range(0.92, 1.12)).tilted(dice.range(-0.06, 0.06)).facing(dice.side());
    let m = frame.mirror();
    backdrop::shadow(canvas, at(place.x, place.y + 0.32), 0.6, 0.55);
    canvas.fill(&frame, &Shape::Stroke(at(0.0, 0.0), at(0.0, -1.0), 0.035), |_| light.on(hex(0x6A4A32), 0.0));
    canvas.fill(&frame, &convex([(0.05, -1.0), (0.62, -0.1), (0.05, -0.1)]), |p| {
        light.on(mix(CANVAS_CLOTH, hex(0xE8D6B8), (p.y + 0.6) * 1.2), m * (p.x - 0.2) * 1.5)
    });
    canvas.fill(&frame, &convex([(-0.05, -0.86), (-0.05, -0.1), (-0.5, -0.1)]), |p| {
        light.on(small_sail, m * (p.x + 0.2) * 1.5)
    });
    let body = convex([(-0.62, 0.0), (0.7, -0.05), (0.44, 0.3), (-0.44, 0.3)]);
    canvas.fill(&frame, &body, |p| {
        let colour = if p.y < 0.06 { mix(hull, hex(0xFFFFFF), 0.45) } else { hull };
        light.on(colour, m * p.x)
    });
}
