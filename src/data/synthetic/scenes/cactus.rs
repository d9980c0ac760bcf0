//! A potted cactus on a table, in the light of a window.

use crate::data::synthetic::backdrop;
use crate::data::synthetic::colour::{Colour, bright, hex, mix};
use crate::data::synthetic::dice::Dice;
use crate::data::synthetic::paint::{Canvas, Frame};
use crate::data::synthetic::shape::{Point, Shape, at, convex, disc};

const WALLS: [Colour; 6] =
    [hex(0xF4D9C4), hex(0xCFE4DC), hex(0xF3E3A9), hex(0xD6D2EC), hex(0xEFB8A8), hex(0x7FA3B8)];
const TABLES: [Colour; 3] = [hex(0xB07A4C), hex(0x8A5638), hex(0xE2C49A)];
const POTS: [Colour; 5] = [hex(0xCB6238), hex(0x2E6FA8), hex(0xF5F0E6), hex(0xE3A92E), hex(0x7C4A8E)];
const GREENS: [Colour; 3] = [hex(0x3E9A4E), hex(0x5FA83C), hex(0x2C8A72)];
const FLOWERS: [Colour; 3] = [hex(0xF0569A), hex(0xFFB52E), hex(0xF6F2FA)];

pub fn paint(canvas: &mut Canvas, dice: &mut Dice) {
    let wall = dice.pick(&WALLS);
    let table = dice.pick(&TABLES);
    let light_x = dice.side();
    room(canvas, wall, table, light_x, dice.range(-0.3, 0.1));

    let place = at(dice.range(-0.14, 0.14), dice.range(0.04, 0.12));
    let frame = Frame::new(place, dice.range(0.92, 1.06)).facing(dice.side());
    let light = light_x * frame.mirror();
    let shaded = |colour, x: f32| bright(colour, 1.0 + 0.22 * (x * light).clamp(-1.0, 1.0));
    backdrop::shadow(canvas, at(place.x - 0.16 * light_x, place.y + 0.8), 0.55, 0.7);

    let green = dice.pick(&GREENS);
    let arms = [(0.46, dice.range(-0.3, -0.1)), (-0.46, dice.range(-0.25, 0.0))];
    let shown = if dice.chance(0.7) { 2 } else { 1 };
    for (x, y) in arms.into_iter().take(shown) {
        let arm = Shape::Stroke(at(0.0, y + 0.12), at(x, y + 0.12), 0.11).or(Shape::Stroke(
            at(x, y + 0.12),
            at(x, y - 0.16),
            0.12,
        ));
        canvas.fill(&frame, &arm, |p| shaded(green, (p.x - x) * 5.0));
    }
    let top = dice.range(-0.62, -0.45);
    canvas.fill(&frame, &Shape::Stroke(at(0.0, 0.3), at(0.0, top), 0.25), |p| {
        mix(shaded(green, p.x * 4.0), hex(0xE8F4B0), rib(p))
    });
    if dice.chance(0.7) {
        let petals = dice.pick(&FLOWERS);
        canvas.fill(&frame, &Shape::Oval(at(0.0, top - 0.24), 0.19, 0.13), |_| petals);
        canvas.fill(&frame, &disc(at(0.0, top - 0.24), 0.06), |_| hex(0xFFE27A));
    }
    let pot = dice.pick(&POTS);
    canvas.fill(&frame, &convex([(-0.38, 0.3), (0.38, 0.3), (0.28, 0.82), (-0.28, 0.82)]), |p| {
        shaded(pot, p.x * 2.6)
    });
    canvas.fill(&frame, &Shape::Slab(at(0.0, 0.28), 0.44, 0.09, 0.04), |p| {
        mix(shaded(pot, p.x * 2.2), hex(0xFFFFFF), 0.14)
    });
}

/// Two pale ribs along the stem.
fn rib(p: Point) -> f32 {
    let off = (p.x.abs() - 0.1) / 0.045;
    0.35 * (1.0 - off * off).max(0.0)
}

fn room(canvas: &mut Canvas, wall: Colour, table: Colour, light_x: f32, window_y: f32) {
    // Brighter towards the window's side.
    canvas.flood(|p| bright(wall, 0.92 + 0.1 * p.x * light_x));
    let patch = convex([(-0.3, -0.7), (0.3, -0.62), (0.3, 0.2), (-0.3, 0.12)]);
    let frame = Frame::new(at(0.62 * light_x, window_y), 0.9).facing(light_x);
    canvas.blend(&frame, &patch, |_| (hex(0xFFFBEA), 0.5));
    let top = Shape::Slab(at(0.0, 1.58), 1.5, 1.0, 0.0);
    canvas.fill(&Frame::CANVAS, &top, |p| bright(table, 1.12 - 0.4 * (p.y - 0.58)));
}
