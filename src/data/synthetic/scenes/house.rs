//! A house in a mushroom, lit by night.

use crate::data::synthetic::backdrop;
use crate::data::synthetic::colour::{Colour, Light, hex, mix};
use crate::data::synthetic::dice::Dice;
use crate::data::synthetic::paint::{Canvas, Frame};
use crate::data::synthetic::shape::{Shape, at, disc};

const CAPS: [Colour; 5] = [hex(0xD8352E), hex(0xE8772E), hex(0x8E4FB0), hex(0x3F7FC4), hex(0xD9568A)];
const MEADOWS: [Colour; 3] = [hex(0x5FA645), hex(0x8AB848), hex(0x3E9564)];
const DOORS: [Colour; 3] = [hex(0x7A4A2A), hex(0x2F6B5E), hex(0x9C3B2E)];

pub fn paint(canvas: &mut Canvas, dice: &mut Dice) {
    let light = Light::of_any_time(dice);
    backdrop::sky(canvas, &light, 0.6);
    backdrop::sun(canvas, &light, dice, (-0.85, -0.65));
    backdrop::hill(canvas, &light, dice.pick(&MEADOWS), at(dice.range(-0.4, 0.4), 0.5), 1.5);

    let place = at(dice.range(-0.16, 0.16), dice.range(0.02, 0.12));
    let frame = Frame::new(place, dice.range(0.88, 1.04)).facing(dice.side());
    let m = frame.mirror();
    backdrop::shadow(canvas, at(place.x, place.y + 0.74), 0.62, 0.6);
    canvas.fill(&frame, &Shape::Slab(at(0.0, 0.36), 0.38, 0.4, 0.16), |p| {
        light.on(mix(hex(0xFFF1D6), hex(0xD9C09A), (0.35 - p.y) * 1.5), m * p.x * 2.2)
    });
    let door = dice.pick(&DOORS);
    canvas.fill(&frame, &Shape::Slab(at(-0.1, 0.54), 0.13, 0.22, 0.1), |_| light.on(door, 0.0));
    // Glass by day, a lamp behind it by night.
    let window = mix(light.on(hex(0x9AD4F0), 0.0), hex(0xFFD964), (light.night * 2.0).min(1.0));
    canvas.fill(&frame, &disc(at(0.21, 0.36), 0.11), |_| window);

    let colour = dice.pick(&CAPS);
    let dome = Shape::Oval(at(0.0, 0.08), 0.86, 0.82).and(Shape::Slab(at(0.0, -0.9), 2.0, 1.0, 0.0));
    let rim = Shape::Oval(at(0.0, 0.09), 0.86, 0.14);
    canvas.fill(&frame, &dome.or(rim), |p| {
        let under = ((p.y + 0.05) * 2.0).clamp(0.0, 0.35);
        mix(light.on(colour, m * p.x * 1.2), hex(0x1C1030), under)
    });
    let spread = dice.range(0.9, 1.1);
    for (x, y, radius) in [(-0.46, -0.18, 0.14), (0.06, -0.46, 0.17), (0.5, -0.16, 0.13)] {
        canvas.fill(&frame, &disc(at(x * spread, y), radius), |_| light.on(hex(0xFFF8EA), m * x));
    }
}
