//! The kinds of scenes; each is a class.

mod balloon;
mod boat;
mod cactus;
mod fish;
mod house;
mod mountain;

use super::dice::Dice;
use super::paint::Canvas;

/// Paints one picture of a kind.
pub type Scene = fn(&mut Canvas, &mut Dice);

/// Name and painter of each class.
pub const SCENES: [(&str, Scene); 6] = [
    ("boat", boat::paint),
    ("balloon", balloon::paint),
    ("mushroom house", house::paint),
    ("mountain", mountain::paint),
    ("fish", fish::paint),
    ("cactus", cactus::paint),
];
