//! What is measured, in words. Files, JSON and settings have the short names.

use std::borrow::Cow;

/// Short names and what they stand for.
const NAMES: [(&str, &str); 40] = [
    ("fid", "FID"),
    ("kid", "KID"),
    ("is", "Inception score"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("energy", "energy distance"),
    ("std_ratio", "spread of samples, of the data's"),
    ("grain_ratio", "grain of samples, of the data's"),
    ("saturation", "black and white beyond the data's"),
    ("modes", "components that are hit"),
    ("inlier", "samples near a component"),
    ("tv", "total variation over components"),
    ("rec_rms", "how far f moves training images (rms)"),
    ("idem_rms", "how far f moves its samples (rms)"),
    ("drift_rms", "f drifts in five applications (rms)"),
    ("fixed_data", "training images that f keeps"),
    ("fixed_noise", "noise that f keeps"),
    ("fixed_samples", "samples that f keeps"),
    ("fixed_noisy", "noisy images that f keeps"),
    ("edit_noise_right_mode", "noisy images mended right"),
    ("edit_noise_blind_right_mode", "noisy images mended right, noise not told"),
    ("edit_mask_right_mode", "hidden halves filled in right"),
    ("multistep_inlier", "three-step samples near a component"),
    ("denoise", "denoising loss"),
    ("sid", "SiD loss"),
    ("dmd", "distribution matching loss"),
    ("rec", "reconstruction loss"),
    ("idem", "idempotence loss"),
    ("flow", "trajectory loss"),
    ("reg", "regression loss"),
    ("head", "noise reading loss"),
    ("fake_score", "fake score's loss"),
    ("grad_norm", "gradient norm"),
    ("images_per_sec", "images/s in training"),
    ("images_per_wall_sec", "images/s by the clock"),
    ("psnr", "PSNR"),
    ("ssim", "SSIM"),
    ("moved_rms", "moved by (rms)"),
    ("idempotence_rms", "moved once more by (rms)"),
    ("left_secs", "seconds left"),
];

/// Numbers that have their features behind them: `fd_pixel`, `kid_resnet56`.
const ON_FEATURES: [(&str, &str); 6] = [
    ("fd_", "Fréchet distance"),
    ("kid_", "kernel distance"),
    ("energy_", "energy distance"),
    ("is_", "Inception score"),
    ("precision_", "precision"),
    ("recall_", "recall"),
];

/// What the number called `name` is; a name that nobody knows is its own words.
pub fn measure(name: &str) -> Cow<'static, str> {
    if let Some((_, words)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Cow::Borrowed(words);
    }
    let on =
        |(head, words): &(&'static str, &'static str)| Some((*words, name.strip_prefix(head)?.to_owned()));
    match ON_FEATURES.iter().find_map(on) {
        Some((words, features)) if features == "pixel" => format!("{words} on pixels").into(),
        Some((words, features)) => format!("{words} on {features}").into(),
        None => name.replace('_', " ").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_become_words() {
        for (name, words) in [
            ("fd_pixel", "Fréchet distance on pixels"),
            ("kid_resnet56", "kernel distance on resnet56"),
            ("recall_random-0", "recall on random-0"),
            ("fid", "FID"),
            ("rec_rms", "how far f moves training images (rms)"),
            ("images_per_wall_sec", "images/s by the clock"),
            ("x0_mse", "x0 mse"),
        ] {
            assert_eq!(measure(name), words);
        }
        for (at, (name, words)) in NAMES.iter().enumerate() {
            assert!(NAMES[..at].iter().all(|(other, same)| other != name && same != words), "{name} twice");
            assert!(words.chars().count() <= 42, "{words} is too wide for a table of 80 columns");
        }
    }
}
