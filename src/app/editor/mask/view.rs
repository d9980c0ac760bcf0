//! Where a picture is on the screen.

use eframe::egui::{Pos2, Rect, Vec2, vec2};

/// A picture of so many pixels that fills a part of the screen.
#[derive(Clone, Copy)]
pub struct View {
    pub rect: Rect,
    /// Width and height, pixels.
    pub size: [u32; 2],
}

impl View {
    /// The place under a point of the screen, in pixels of the picture; not finite if the picture has no
    /// extent on the screen.
    pub fn to_picture(self, at: Pos2) -> [f32; 2] {
        let along = (at - self.rect.min) / self.rect.size();
        [along.x * self.size[0] as f32, along.y * self.size[1] as f32]
    }

    /// The other way round.
    pub fn to_screen(self, at: [f32; 2]) -> Pos2 {
        self.rect.min + vec2(at[0], at[1]) * self.zoom()
    }

    /// The part of the screen between two corners.
    pub fn rect_of(self, a: [f32; 2], b: [f32; 2]) -> Rect {
        Rect::from_two_pos(self.to_screen(a), self.to_screen(b))
    }

    /// Points of the screen for a pixel of the picture, across and down.
    pub fn zoom(self) -> Vec2 {
        let [width, height] = self.size;
        self.rect.size() / vec2(width.max(1) as f32, height.max(1) as f32)
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    #[test]
    fn places_on_the_screen_and_in_the_picture_match() {
        let view = View { rect: Rect::from_min_max(pos2(10.0, 20.0), pos2(74.0, 84.0)), size: [32, 16] };
        assert_eq!(view.to_picture(pos2(10.0, 20.0)), [0.0, 0.0]);
        assert_eq!(view.to_picture(pos2(42.0, 100.0)), [16.0, 20.0], "below the picture");
        assert_eq!(view.to_screen([32.0, 16.0]), pos2(74.0, 84.0));
        assert_eq!(
            view.rect_of([16.0, 0.0], [0.0, 8.0]),
            Rect::from_min_max(pos2(10.0, 20.0), pos2(42.0, 52.0))
        );
    }
}
