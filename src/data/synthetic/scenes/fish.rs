//! A fish in the sea.

use crate::data::synthetic::backdrop;
use crate::data::synthetic::colour::{Colour, WHITE, hex, mix};
use crate::data::synthetic::dice::Dice;
use crate::data::synthetic::paint::{Canvas, Frame};
use crate::data::synthetic::shape::{Point, Shape, at, convex, disc};

/// Water near the surface and in the deep.
const WATERS: [(Colour, Colour); 4] = [
    (hex(0x5FD0DC), hex(0x14569C)),
    (hex(0x66B8F0), hex(0x24358C)),
    (hex(0x7ADBB8), hex(0x11606E)),
    (hex(0x8A8BE6), hex(0x2A1F6B)),
];
/// Back and belly.
const SKINS: [(Colour, Colour); 5] = [
    (hex(0xF47B20), hex(0xFFC04D)),
    (hex(0xF2C21A), hex(0xFFF09A)),
    (hex(0xE84A6F), hex(0xFFB3A8)),
    (hex(0xD8382E), hex(0xFF8F5A)),
    (hex(0x9AD83A), hex(0xF4F7A0)),
];

/// How the body is marked.
#[derive(Clone, Copy)]
enum Mark {
    Plain,
    OneBand,
    TwoBands,
}

pub fn paint(canvas: &mut Canvas, dice: &mut Dice) {
    sea(canvas, dice);
    let place = at(dice.range(-0.14, 0.14), dice.range(-0.22, 0.16));
    let frame = Frame::new(place, dice.range(0.82, 1.04)).tilted(dice.range(-0.1, 0.1)).facing(dice.side());
    let (back, belly) = dice.pick(&SKINS);
    let mark = dice.pick(&[Mark::Plain, Mark::OneBand, Mark::TwoBands]);
    let fin = mix(back, hex(0x7A1F2A), 0.22);
    for y in [-1.0f32, 1.0] {
        let lobe = Shape::Stroke(at(-0.5, y * 0.03), at(-0.8, y * 0.24), 0.13);
        canvas.fill(&frame, &lobe, |_| fin);
    }
    canvas.fill(&frame, &convex([(-0.22, -0.66), (0.3, -0.3), (-0.3, -0.26)]), |_| fin);
    canvas.fill(&frame, &convex([(-0.1, 0.28), (0.2, 0.3), (-0.16, 0.56)]), |_| fin);
    canvas.fill(&frame, &Shape::Oval(at(0.06, 0.0), 0.64, 0.42), |p| body(p, back, belly, mark));
    canvas.fill(&frame, &disc(at(0.42, -0.1), 0.13), |_| WHITE);
    canvas.fill(&frame, &disc(at(0.45, -0.1), 0.075), |_| hex(0x141428));
}

fn body(p: Point, back: Colour, belly: Colour, mark: Mark) -> Colour {
    let skin = mix(back, belly, (p.y + 0.25) * 1.8);
    let is_marked = match mark {
        Mark::Plain => false,
        Mark::OneBand => (p.x - 0.1).abs() < 0.11,
        Mark::TwoBands => (p.x - 0.14).abs() < 0.09 || (p.x + 0.3).abs() < 0.09,
    };
    if is_marked { mix(WHITE, skin, 0.08) } else { skin }
}

fn sea(canvas: &mut Canvas, dice: &mut Dice) {
    let (surface, deep) = dice.pick(&WATERS);
    let slant = dice.range(0.2, 0.5) * dice.side();
    let first = dice.range(-0.6, 0.0);
    canvas.flood(|p| {
        // Two shafts of light, fading with depth.
        let across = p.x + slant * p.y;
        let shaft = |at: f32| (1.0 - ((across - at) / 0.26) * ((across - at) / 0.26)).max(0.0);
        let light = (shaft(first) + shaft(first + 0.8)) * (0.5 - 0.5 * p.y);
        mix(mix(surface, deep, (p.y + 1.0) * 0.55), WHITE, 0.22 * light)
    });
    let sand = mix(hex(0xF2DCA4), deep, 0.1);
    let top = at(dice.range(-0.5, 0.5), 0.72);
    let ground = Shape::Oval(at(top.x, top.y + 1.0), 1.8, 1.0);
    canvas.fill(&Frame::CANVAS, &ground, |p| mix(sand, deep, (p.y - 0.7) * 0.6));
    let weed = mix(hex(0x2FA45A), deep, 0.3);
    let x = dice.range(0.62, 0.85) * dice.side();
    for (lean, height) in [(-0.12, 0.4), (0.1, 0.62)] {
        let blade = Shape::Stroke(at(x, 0.95), at(x + lean, 0.95 - height), 0.07);
        canvas.fill(&Frame::CANVAS, &blade, |_| weed);
    }
    backdrop::shadow(canvas, at(0.0, 0.88), 0.45, 0.2);
    let x = dice.range(0.5, 0.8) * dice.side();
    for (y, radius) in [(-0.45, 0.07), (-0.74, 0.1)] {
        canvas.blend(&Frame::CANVAS, &disc(at(x, y), radius), |_| (WHITE, 0.55));
    }
}
