//! A hot-air balloon over hills.

use crate::data::synthetic::backdrop;
use crate::data::synthetic::colour::{Colour, Light, hex, mix};
use crate::data::synthetic::dice::Dice;
use crate::data::synthetic::paint::{Canvas, Frame};
use crate::data::synthetic::shape::{Point, Shape, at, convex, disc};

/// The two colours of the stripes.
const PAINTS: [(Colour, Colour); 6] = [
    (hex(0xE2483D), hex(0xFFE9C2)),
    (hex(0xF39A2B), hex(0xD6402F)),
    (hex(0x2FA59A), hex(0xFFF0C8)),
    (hex(0x8450B5), hex(0xF7C04A)),
    (hex(0xEE6E9A), hex(0xFFF3E4)),
    (hex(0xF6D24B), hex(0x3B79C9)),
];
const HILLS: [Colour; 3] = [hex(0x5DA24A), hex(0x7FAF4C), hex(0x3F8F63)];

/// Centre and radius of the round part of the envelope.
const CENTRE: Point = at(0.0, -0.12);
const RADIUS: f32 = 0.62;

pub fn paint(canvas: &mut Canvas, dice: &mut Dice) {
    let light = Light::of_any_time(dice);
    backdrop::sky(canvas, &light, 0.8);
    for side in [-1.0, 1.0] {
        let place = at(side * dice.range(0.55, 0.8), dice.range(-0.75, 0.3));
        backdrop::cloud(canvas, &light, place, dice.range(0.8, 1.1));
    }
    let green = dice.pick(&HILLS);
    backdrop::hill(canvas, &light, mix(green, hex(0x6FA8C8), 0.35), at(dice.range(-0.7, -0.2), 0.66), 1.0);
    backdrop::hill(canvas, &light, green, at(dice.range(0.3, 0.7), 0.74), 1.1);

    let place = at(dice.range(-0.24, 0.24), dice.range(-0.22, -0.06));
    let frame = Frame::new(place, dice.range(0.78, 0.98)).tilted(dice.range(-0.04, 0.04));
    let (one, other) = dice.pick(&PAINTS);
    let brown = |x| light.on(hex(0x8A5A34), x);
    for side in [-1.0, 1.0] {
        let rope = Shape::Stroke(at(side * 0.15, 0.6), at(side * 0.1, 0.88), 0.022);
        canvas.fill(&frame, &rope, |_| brown(0.0));
    }
    canvas.fill(&frame, &Shape::Slab(at(0.0, 0.95), 0.15, 0.12, 0.03), |p| brown(p.x * 6.0));
    let mouth = convex([(-0.54, 0.18), (0.54, 0.18), (0.17, 0.68), (-0.17, 0.68)]);
    canvas.fill(&frame, &disc(CENTRE, RADIUS).or(mouth), |p| {
        let across = p.x / half_width(p.y);
        let colour = if across.abs() < 0.3 || across.abs() > 0.78 { other } else { one };
        // By night the burner lights the envelope from within.
        let glow = light.night * (0.35 + 0.35 * p.y).clamp(0.0, 0.5);
        mix(light.on(colour, across), mix(colour, hex(0xFFD27A), 0.4), glow)
    });
}

/// Half the width of the envelope at a height: stripes run along it like meridians.
fn half_width(y: f32) -> f32 {
    let above = y - CENTRE.y;
    let round = (RADIUS * RADIUS - above * above).max(0.0).sqrt();
    if y > 0.18 { 0.54 - (y - 0.18) * 0.74 } else { round }.max(0.05)
}
