//! The charts as they are on the screen, cut out of a screenshot of the window.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use eframe::egui::{ColorImage, Context, Rect, ScreenshotCallback, ViewportCommand};
use image::{ImageFormat, Rgb, RgbImage};

use crate::error::{Error, Kind, Result};

/// Asks for the next painted frame.
pub fn request(ctx: &Context) -> Receiver<Arc<ColorImage>> {
    let (say, image) = channel();
    let callback = ScreenshotCallback::new(move |shot| {
        // Whoever asked may be gone.
        let _ = say.send(shot);
    });
    ctx.send_viewport_cmd(ViewportCommand::Screenshot(callback));
    image
}

/// The part `area` (points) of a screenshot, as PNG.
///
/// # Errors
/// An area outside of the window.
pub fn png(shot: &ColorImage, area: Rect, pixels_per_point: f32) -> Result<Vec<u8>> {
    let [width, height] = shot.size;
    let pixel = |at: f32, end: usize| ((at * pixels_per_point).round().max(0.0) as usize).min(end);
    let (left, right) = (pixel(area.left(), width), pixel(area.right(), width));
    let (top, bottom) = (pixel(area.top(), height), pixel(area.bottom(), height));
    if left >= right || top >= bottom {
        return Err(Error::new(Kind::Usage, "no part of the charts is in the window")
            .hint("make the pane larger, then export again"));
    }
    let colour = |x: u32, y: u32| {
        let index = (top + y as usize) * width + left + x as usize;
        shot.pixels.get(index).map_or(Rgb([0; 3]), |pixel| Rgb([pixel.r(), pixel.g(), pixel.b()]))
    };
    let picture = RgbImage::from_fn((right - left) as u32, (bottom - top) as u32, colour);
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|source| Error::new(Kind::Io, format!("could not encode the picture: {source}")))?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Color32, pos2};

    use super::*;

    #[test]
    fn the_area_is_cut_out_in_pixels() {
        let pixels = (0..24).map(|i| Color32::from_rgb(i, 0, 0)).collect();
        let shot = ColorImage::new([6, 4], pixels);
        let area = Rect::from_min_max(pos2(1.0, 0.5), pos2(9.0, 1.5));
        let bytes = png(&shot, area, 2.0).expect("a picture");
        let picture = image::load_from_memory(&bytes).expect("a PNG").into_rgb8();
        assert_eq!(picture.dimensions(), (4, 2), "what lies outside is left out");
        assert_eq!(picture.get_pixel(0, 0).0, [8, 0, 0]);
        assert!(png(&shot, area.translate(eframe::egui::vec2(50.0, 0.0)), 2.0).is_err());
    }
}
