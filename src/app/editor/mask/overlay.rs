//! The mask on its picture, in colours that are seen on any: checks of a light and a dark one, and a line around
//! them. Uploaded only where it has changed.

use std::ops::Range;

use eframe::egui::{Color32, ColorImage, Rect, TextureHandle, TextureOptions, Ui, pos2};
use image::GrayImage;

use super::bitmap::Mask;
use super::changes::{Region, Stamp};
use super::outline::Outline;
use super::view::View;

/// The light checks' colour, which few pictures have, and the dark ones'.
pub const MARK: Color32 = Color32::from_rgb(0xff, 0x2b, 0xd6);
const DARK: Color32 = Color32::from_rgb(0x30, 0x00, 0x2a);

/// How much of the picture the checks hide, 0..=1.
const OPACITY: f32 = 0.6;

/// Checks along the picture's shorter side.
const CHECKS: u32 = 24;

/// The mask on the graphics card.
#[derive(Default)]
pub struct Overlay {
    texture: Option<TextureHandle>,
    shown: Option<Stamp>,
    /// Pixels of the mask, across and down, in one of the texture: 1 unless the device's textures are too
    /// small.
    shrink: u32,
    outline: Outline,
}

impl Overlay {
    /// Paints the mask over the picture in `view`.
    pub fn show(&mut self, ui: &Ui, view: View, mask: &mut Mask) {
        if mask.is_empty() {
            return;
        }
        self.upload(ui, mask);
        let Some(texture) = &self.texture else { return };
        let [width, height] = texture.size();
        let share = |pixels: u32, texels: usize| pixels as f32 / (texels as f32 * self.shrink as f32);
        let [wide, high] = mask.size();
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(share(wide, width), share(high, height)));
        ui.painter().image(texture.id(), view.rect, uv, Color32::WHITE);
        self.outline.show(ui.painter(), view, mask);
    }

    fn upload(&mut self, ui: &Ui, mask: &mut Mask) {
        let limit = ui.input(|input| input.max_texture_side).max(1) as u32;
        let [width, height] = mask.size();
        let shrink = width.max(height).div_ceil(limit).max(1);
        let size = [width, height].map(|side| side.div_ceil(shrink) as usize);
        let fits =
            self.texture.as_ref().is_some_and(|texture| texture.size() == size) && shrink == self.shrink;
        let Some(changed) = mask.changed_since(self.shown.filter(|_| fits)) else { return };
        let (corner, patch) = patch(mask.image(), &changed, shrink);
        match &mut self.texture {
            Some(texture) if fits => texture.set_partial(corner, patch, TextureOptions::NEAREST),
            texture => *texture = Some(ui.ctx().load_texture("mask", patch, TextureOptions::NEAREST)),
        }
        (self.shown, self.shrink) = (Some(mask.stamp()), shrink);
    }
}

/// The texture's part that shows `region` of the mask, and its upper left corner: checks where it is masked. With
/// several pixels to a texel, one masked pixel marks it.
fn patch(mask: &GrayImage, region: &Region, shrink: u32) -> ([usize; 2], ColorImage) {
    let texels = |range: &Range<u32>| range.start / shrink..range.end.div_ceil(shrink);
    let (columns, rows) = (texels(&region.x), texels(&region.y));
    let mut patch = ColorImage::filled([columns.len(), rows.len()], Color32::TRANSPARENT);
    let (pixels, (width, height)): (&[u8], _) = (mask, mask.dimensions());
    let under = |texels: Range<u32>, side: u32| texels.start * shrink..(texels.end * shrink).min(side);
    let across = under(columns.clone(), width);
    let side = (width.min(height) / (CHECKS * shrink)).max(1);
    let colours = [MARK, DARK].map(|colour| colour.gamma_multiply(OPACITY));
    for (row, texels) in rows.clone().zip(patch.pixels.chunks_mut(columns.len().max(1))) {
        for y in under(row..row + 1, height) {
            let line = &pixels[(y * width + across.start) as usize..(y * width + across.end) as usize];
            let places = texels.iter_mut().zip(columns.clone());
            for ((texel, column), under) in places.zip(line.chunks(shrink as usize)) {
                if under.iter().any(|value| *value != 0) {
                    *texel = colours[((column / side + row / side) % 2) as usize];
                }
            }
        }
    }
    ([columns.start as usize, rows.start as usize], patch)
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Context, RawInput, Vec2};

    use super::*;

    /// Corner and size of what a frame uploads of the mask; no corner for a whole texture.
    fn uploads(
        ctx: &Context,
        overlay: &mut Overlay,
        mask: &mut Mask,
    ) -> Vec<(Option<[usize; 2]>, [usize; 2])> {
        let input = RawInput { max_texture_side: Some(1024), ..RawInput::default() };
        let view = View { rect: Rect::from_min_size(pos2(0.0, 0.0), Vec2::splat(100.0)), size: mask.size() };
        let output = ctx.run_ui(input, |ui| overlay.show(ui, view, mask));
        let of_mask = overlay.texture.as_ref().map(TextureHandle::id);
        let deltas = of_mask.and_then(|id| output.textures_delta.set.get(&id)).into_iter().flatten();
        deltas.map(|delta| (delta.pos, delta.image.size())).collect()
    }

    #[test]
    fn only_what_has_changed_is_uploaded() {
        let (ctx, mut overlay, mut mask) = (Context::default(), Overlay::default(), Mask::new(40, 30));
        assert_eq!(uploads(&ctx, &mut overlay, &mut mask), [], "nothing is masked");
        mask.fill_box([1.0, 2.0], [4.0, 8.0], 255);
        assert_eq!(uploads(&ctx, &mut overlay, &mut mask), [(None, [40, 30])]);
        assert_eq!(uploads(&ctx, &mut overlay, &mut mask), []);
        let before = mask.clone();
        mask.fill_box([10.0, 20.0], [14.0, 25.0], 255);
        assert_eq!(uploads(&ctx, &mut overlay, &mut mask), [(Some([10, 20]), [4, 5])]);
        let mut undone = before;
        assert_eq!(uploads(&ctx, &mut overlay, &mut undone), [(Some([0, 0]), [40, 30])]);
        let mut larger = Mask::new(1500, 30);
        larger.invert();
        assert_eq!(
            uploads(&ctx, &mut overlay, &mut larger),
            [(None, [750, 15])],
            "more than a texture holds"
        );
    }

    #[test]
    fn a_texel_shows_all_that_is_under_it() {
        let mut mask = Mask::new(7, 5);
        mask.fill_box([6.0, 4.0], [7.0, 5.0], 255);
        let (corner, whole) = patch(mask.image(), &Region { x: 5..7, y: 0..5 }, 2);
        assert_eq!((corner, whole.size), ([2, 0], [2, 3]));
        let marked: Vec<bool> = whole.pixels.iter().map(|pixel| *pixel != Color32::TRANSPARENT).collect();
        assert_eq!(marked, [false, false, false, false, false, true]);
    }

    /// On whatever colour the mask lies, one of its checks differs from it as much as words from their ground.
    #[test]
    fn the_mask_is_seen_on_any_picture() {
        let mut mask = Mask::new(48, 48);
        mask.invert();
        let (_, checks) = patch(mask.image(), &Region { x: 0..48, y: 0..48 }, 1);
        let luma = |[r, g, b]: [f32; 3]| 0.299 * r + 0.587 * g + 0.114 * b;
        for picture in
            [[0; 3], [255; 3], [128; 3], [255, 43, 214], [48, 0, 42], [255, 0, 0], [0, 255, 0], [0, 0, 255]]
        {
            let picture = picture.map(|value: u8| f32::from(value));
            let seen = checks.pixels.iter().map(|check| {
                let [r, g, b, a] = check.to_array().map(f32::from);
                let mixed = [0, 1, 2].map(|c| [r, g, b][c] + picture[c] * (1.0 - a / 255.0));
                let colours = mixed.iter().zip(picture).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                (luma(mixed) - luma(picture)).abs().max(colours)
            });
            let most = seen.fold(0.0, f32::max);
            assert!(most > 60.0, "{picture:?}: {most}");
        }
        // Neighbours differ from each other.
        assert_ne!(checks.pixels[0], checks.pixels[2]);
        assert_eq!(checks.pixels[0], checks.pixels[48 + 1]);
    }
}
