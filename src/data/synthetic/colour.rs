//! Colours, and the light of a time of day.

use super::dice::Dice;

/// Red, green, blue in [0, 1], as a screen shows them.
pub type Colour = [f32; 3];

pub const WHITE: Colour = hex(0xFFFFFF);

/// A colour as designers write it, 0xRRGGBB.
pub const fn hex(rgb: u32) -> Colour {
    [(rgb >> 16 & 255) as f32 / 255.0, (rgb >> 8 & 255) as f32 / 255.0, (rgb & 255) as f32 / 255.0]
}

/// From `a` (share 0) to `b` (share 1 or more).
pub fn mix(a: Colour, b: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    [0, 1, 2].map(|c| a[c] + (b[c] - a[c]) * share)
}

/// As if `light` shone on it.
pub fn lit(colour: Colour, light: Colour) -> Colour {
    [0, 1, 2].map(|c| colour[c] * light[c])
}

/// Brighter (above 1) or darker.
pub fn bright(colour: Colour, factor: f32) -> Colour {
    colour.map(|c| (c * factor).clamp(0.0, 1.0))
}

/// The light of a moment.
#[derive(Clone, Copy, Debug)]
pub struct Light {
    /// Sky at the zenith and at the horizon.
    pub zenith: Colour,
    pub horizon: Colour,
    /// Disc of the sun or the moon.
    pub sun: Colour,
    /// What white looks like.
    pub tint: Colour,
    /// How much of night there is, 0 to 1.
    pub night: f32,
    /// Where the light comes from: -1 left to 1 right.
    pub from_x: f32,
}

const DAWN: Light = Light {
    zenith: hex(0x86B6E8),
    horizon: hex(0xFFD3C2),
    sun: hex(0xFFF3D0),
    tint: hex(0xFFF0EC),
    night: 0.0,
    from_x: 0.0,
};
const DAY: Light = Light {
    zenith: hex(0x3F9BEA),
    horizon: hex(0xC9ECFB),
    sun: hex(0xFFF2A8),
    tint: hex(0xFFFFFF),
    night: 0.0,
    from_x: 0.0,
};
const SUNSET: Light = Light {
    zenith: hex(0x6A4FA8),
    horizon: hex(0xFFA062),
    sun: hex(0xFFE08A),
    tint: hex(0xFFD6C4),
    night: 0.25,
    from_x: 0.0,
};
const NIGHT: Light = Light {
    zenith: hex(0x12183F),
    horizon: hex(0x43569C),
    sun: hex(0xFBF6DC),
    tint: hex(0xA9B4EC),
    night: 1.0,
    from_x: 0.0,
};

/// Moments that follow each other, and how far one may drift towards the next.
const MOMENTS: [(Light, Light); 4] = [(DAWN, DAY), (DAY, DAY), (SUNSET, NIGHT), (NIGHT, NIGHT)];
const DRIFT: f32 = 0.3;

impl Light {
    /// The light of a random time of day.
    pub fn of_any_time(dice: &mut Dice) -> Self {
        let (now, next) = dice.pick(&MOMENTS);
        let drift = dice.range(0.0, DRIFT);
        Self {
            zenith: mix(now.zenith, next.zenith, drift),
            horizon: mix(now.horizon, next.horizon, drift),
            sun: now.sun,
            tint: mix(now.tint, next.tint, drift),
            night: now.night + (next.night - now.night) * drift,
            from_x: dice.range(0.3, 0.75) * dice.side(),
        }
    }

    /// A thing of `colour` in this light, at `x` of its width: -1 its left end, 1 its right end.
    pub fn on(&self, colour: Colour, x: f32) -> Colour {
        bright(lit(colour, self.tint), 1.0 + 0.22 * (x * self.from_x.signum()).clamp(-1.0, 1.0))
    }
}
