// The normaliser of score_losses: 1 / max(mean |y - real|, 1e-5), from the sum of |y - real|. It is 0
// for a sample in which some numbers are not finite: such a sample is left out.
fn normalising_factor(distance: f32, elements: u32, not_finite: f32) -> f32 {
    if (not_finite > 0.0) {
        return 0.0;
    }
    return 1.0 / max(distance / f32(elements), 1e-5);
}
