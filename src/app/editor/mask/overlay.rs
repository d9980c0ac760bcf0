//! The mask on its picture: uploaded only where it has changed.

use std::ops::Range;

use eframe::egui::{Color32, ColorImage, Rect, TextureHandle, TextureOptions, Ui, pos2};
use image::GrayImage;

use super::bitmap::Mask;
use super::changes::{Region, Stamp};

/// How much of the picture the overlay hides, 0..=1.
const OPACITY: f32 = 0.5;

/// The mask on the graphics card: white where masked, so that a change of colours uploads nothing.
#[derive(Default)]
pub struct Overlay {
    texture: Option<TextureHandle>,
    shown: Option<Stamp>,
    /// Pixels of the mask, across and down, in one of the texture: 1 unless the device's textures are too
    /// small.
    shrink: u32,
}

impl Overlay {
    /// Paints the mask over the picture in `rect`.
    pub fn show(&mut self, ui: &Ui, rect: Rect, mask: &mut Mask, colour: Color32) {
        if mask.is_empty() {
            return;
        }
        self.upload(ui, mask);
        let Some(texture) = &self.texture else { return };
        let [width, height] = texture.size();
        let share = |pixels: u32, texels: usize| pixels as f32 / (texels as f32 * self.shrink as f32);
        let [wide, high] = mask.size();
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(share(wide, width), share(high, height)));
        ui.painter().image(texture.id(), rect, uv, colour.gamma_multiply(OPACITY));
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

/// The texture's part that shows `region` of the mask, and its upper left corner. With several pixels to a
/// texel, one masked pixel marks it.
fn patch(mask: &GrayImage, region: &Region, shrink: u32) -> ([usize; 2], ColorImage) {
    let texels = |range: &Range<u32>| range.start / shrink..range.end.div_ceil(shrink);
    let (columns, rows) = (texels(&region.x), texels(&region.y));
    let mut patch = ColorImage::filled([columns.len(), rows.len()], Color32::TRANSPARENT);
    let (pixels, (width, height)): (&[u8], _) = (mask, mask.dimensions());
    let under = |texels: Range<u32>, side: u32| texels.start * shrink..(texels.end * shrink).min(side);
    let across = under(columns.clone(), width);
    for (row, texels) in rows.clone().zip(patch.pixels.chunks_mut(columns.len().max(1))) {
        for y in under(row..row + 1, height) {
            let line = &pixels[(y * width + across.start) as usize..(y * width + across.end) as usize];
            for (texel, under) in texels.iter_mut().zip(line.chunks(shrink as usize)) {
                if under.iter().any(|value| *value != 0) {
                    *texel = Color32::WHITE;
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
        let rect = Rect::from_min_size(pos2(0.0, 0.0), Vec2::splat(100.0));
        let output = ctx.run_ui(input, |ui| overlay.show(ui, rect, mask, Color32::RED));
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
        let white: Vec<bool> = whole.pixels.iter().map(|pixel| *pixel == Color32::WHITE).collect();
        assert_eq!(white, [false, false, false, false, false, true]);
    }
}
