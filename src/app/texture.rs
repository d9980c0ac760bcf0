//! Pictures on the graphics card, shown pixel by pixel and brought there only when they change.

use std::sync::Arc;

use eframe::egui::load::SizedTexture;
use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};
use image::RgbImage;

use super::shared::Drawn;
use crate::run::message::Pictures;

/// Uploads one picture, to be magnified without smoothing. One that is larger than the device's
/// largest texture is shrunk to it.
pub fn upload(ctx: &Context, name: &str, picture: &RgbImage) -> TextureHandle {
    let limit = ctx.input(|input| input.max_texture_side) as u32;
    let (width, height) = picture.dimensions();
    let longest = width.max(height).max(1);
    if longest <= limit {
        return ctx.load_texture(name, to_color_image(picture), TextureOptions::NEAREST);
    }
    let shrunk = |side: u32| (u64::from(side) * u64::from(limit) / u64::from(longest)).max(1) as u32;
    let picture = image::imageops::thumbnail(picture, shrunk(width), shrunk(height));
    ctx.load_texture(name, to_color_image(&picture), TextureOptions::NEAREST)
}

/// The same for whoever paints or copies it.
pub fn to_color_image(picture: &RgbImage) -> ColorImage {
    let (width, height) = picture.dimensions();
    ColorImage::from_rgb([width as usize, height as usize], picture.as_raw())
}

/// The texture of one picture, which may be exchanged for another.
#[derive(Default)]
pub struct Kept(Option<(Arc<RgbImage>, TextureHandle)>);

impl Kept {
    /// The texture of `picture`; uploads it if it is another than last time.
    pub fn show(&mut self, ctx: &Context, picture: &Arc<RgbImage>) -> TextureHandle {
        let kept = self.0.take().filter(|(source, _)| Arc::ptr_eq(source, picture));
        let (_, texture) =
            self.0.insert(kept.unwrap_or_else(|| (Arc::clone(picture), upload(ctx, "picture", picture))));
        texture.clone()
    }
}

/// The textures of one list of pictures: drawn from the trainer's memory where the window can, else uploaded.
#[derive(Default)]
pub struct Sheet {
    source: Option<Pictures>,
    shown: Vec<SizedTexture>,
    uploaded: Vec<TextureHandle>,
    drawn: Option<Drawn>,
}

impl Sheet {
    /// Textures of the first `most` of `pictures`; made anew if the list is another than last time.
    pub fn show(&mut self, ctx: &Context, name: &str, pictures: &Pictures, most: usize) -> &[SizedTexture] {
        let unchanged = self.source.as_ref().is_some_and(|source| source.same(pictures));
        if !unchanged {
            self.drawn = pictures.on_device().and_then(|pictures| Drawn::of(ctx, &pictures, most));
            self.uploaded = match self.drawn {
                Some(_) => Vec::new(),
                None => pictures.iter().take(most).map(|picture| upload(ctx, name, picture)).collect(),
            };
            self.shown = match &self.drawn {
                Some(drawn) => drawn.textures().to_vec(),
                None => self.uploaded.iter().map(SizedTexture::from).collect(),
            };
            self.source = Some(pictures.clone());
        }
        &self.shown
    }
}
