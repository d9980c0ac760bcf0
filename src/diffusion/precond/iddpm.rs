//! iDDPM's discrete noise levels (Nichol and Dhariwal, 2021; Karras et al., 2022, appendix C.3).

use std::sync::OnceLock;

const LEVELS: usize = 1000;
/// Bound on how much of the signal one step may keep, at least.
const C_1: f64 = 0.001;
/// Offset of the cosine schedule.
const C_2: f64 = 0.008;

/// The noise levels `u_j`, falling from the largest to 0: 1001 numbers.
///
/// `u_{j-1} = sqrt((u_j² + 1) / max(alpha_bar_{j-1} / alpha_bar_j, C_1) - 1)`, `u_M = 0`, with the
/// `alpha_bar` of single precision that networks were trained with: the smallest levels feel it.
pub fn table() -> &'static [f64] {
    static TABLE: OnceLock<Vec<f64>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let alpha_bar = |j: usize| {
            let angle = std::f32::consts::FRAC_PI_2 * j as f32 / LEVELS as f32 / (C_2 + 1.0) as f32;
            f64::from(angle.sin().powi(2))
        };
        let mut u = vec![0.0; LEVELS + 1];
        for j in (1..=LEVELS).rev() {
            let kept = (alpha_bar(j - 1) / alpha_bar(j)).max(C_1);
            u[j - 1] = ((u[j] * u[j] + 1.0) / kept - 1.0).sqrt();
        }
        u
    })
}

/// The nearest level, and its number.
pub fn round_sigma(sigma: f64) -> (usize, f64) {
    let u = table();
    // The levels fall: the first one at or below sigma, or its neighbour above.
    let below = u.partition_point(|level| *level > sigma).min(LEVELS);
    let above = below.saturating_sub(1);
    let nearest = if (u[above] - sigma).abs() <= (sigma - u[below]).abs() { above } else { below };
    (nearest, u[nearest])
}

/// Smallest level above 0 and largest.
pub fn range() -> [f64; 2] {
    let u = table();
    [u[LEVELS - 1], u[0]]
}
