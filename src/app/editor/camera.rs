//! Which part of a picture is looked at, and how large: the wheel zooms at the pointer, a drag moves.

use eframe::egui::{Context, CursorIcon, Event, Key, Modifiers, PointerButton, Pos2, Rect, Ui, Vec2};

use crate::app::{keys, tiles};

/// Largest magnification: a pixel of the picture is as wide, points.
const WIDEST_PIXEL: f32 = 64.0;

/// What a point of the wheel's way magnifies by, as a power of e: a notch of most wheels makes a fifth.
const PER_POINT: f32 = 0.004;

/// What a key magnifies by.
const PER_KEY: f32 = 1.25;

/// Where the space bar stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Space {
    #[default]
    Up,
    Down,
    /// The picture was moved while it was down.
    Used,
}

pub struct Camera {
    /// Magnification; 1 fits the picture into its place.
    zoom: f32,
    /// What of the picture is in the middle of its place, in shares of its width and height.
    centre: Vec2,
    space: Space,
    /// Whether the picture is being moved.
    is_moving: bool,
    /// Where pictures were in the last frame.
    places: Vec<Rect>,
}

impl Default for Camera {
    fn default() -> Self {
        Self { zoom: 1.0, centre: Vec2::splat(0.5), space: Space::Up, is_moving: false, places: Vec::new() }
    }
}

impl Camera {
    /// The whole picture, as large as its place lets it be.
    pub fn fit(&mut self) {
        (self.zoom, self.centre) = (1.0, Vec2::splat(0.5));
    }

    /// Where a picture of `size` pixels is when its place is `slot`.
    pub fn rect(&self, size: Vec2, slot: Rect) -> Rect {
        let extent = tiles::inside(size, slot).size() * self.zoom;
        // One that is seen whole is in the middle.
        let off = if self.zoom > 1.0 { (Vec2::splat(0.5) - self.centre) * extent } else { Vec2::ZERO };
        Rect::from_center_size(slot.center() + off, extent)
    }

    /// Points for a pixel of a picture of `size` pixels in `slot`.
    pub fn points_per_pixel(&self, size: Vec2, slot: Rect) -> f32 {
        self.rect(size, slot).width() / size.x.max(1.0)
    }

    /// Shows one pixel of the picture as `points` points.
    pub fn show_pixels(&mut self, size: Vec2, slot: Rect, points: f32) {
        let now = self.points_per_pixel(size, slot);
        self.zoom_at(points / now.max(f32::MIN_POSITIVE), slot.center(), size, slot);
    }

    /// Magnifies by `factor`; what is at `at` stays there.
    fn zoom_at(&mut self, factor: f32, at: Pos2, size: Vec2, slot: Rect) {
        let before = self.rect(size, slot);
        let fitted = tiles::inside(size, slot);
        let per_pixel = fitted.width() / size.x.max(1.0);
        if !(factor.is_finite() && per_pixel > 0.0 && before.area() > 0.0) {
            return;
        }
        let (least, most) = ((1.0 / per_pixel).min(1.0) * 0.5, (WIDEST_PIXEL / per_pixel).max(1.0));
        let zoom = (self.zoom * factor).clamp(least, most);
        let grows = zoom / self.zoom;
        let corner = at + (before.min - at) * grows;
        self.zoom = zoom;
        self.look_at(Rect::from_min_size(corner, before.size() * grows), slot);
        // Steps up and down add up to nothing but for rounding.
        if (self.zoom - 1.0).abs() < 1e-3 {
            self.fit();
        }
        self.settle(size, slot);
    }

    /// The picture is to be at `rect`.
    fn look_at(&mut self, rect: Rect, slot: Rect) {
        let centre = (slot.center() - rect.min) / rect.size();
        // Some of the picture is always in the middle of its place.
        self.centre = centre.clamp(Vec2::ZERO, Vec2::splat(1.0));
    }

    /// Keeps the centre where the picture really is, so that a drag back is felt at once.
    fn settle(&mut self, size: Vec2, slot: Rect) {
        let rect = self.rect(size, slot);
        if rect.area() > 0.0 {
            self.look_at(rect, slot);
        }
    }

    /// Hears wheel, drags and keys over pictures of `size` pixels in `slots`; whether the pointer moves the picture
    /// or is about to, and draws nothing.
    pub fn listen(&mut self, ui: &Ui, slots: &[Rect], size: Vec2) -> bool {
        self.places = slots.to_vec();
        let pointer = ui.input(|input| input.pointer.latest_pos());
        let under = pointer
            .and_then(|at| slots.iter().find(|slot| slot.contains(at) && ui.rect_contains_pointer(**slot)));
        let Some(first) = slots.first() else { return false };
        if let (Some(slot), Some(at)) = (under, pointer) {
            let factor = ui.input_mut(|input| {
                let wheel = std::mem::take(&mut input.smooth_scroll_delta);
                input.zoom_delta() * (PER_POINT * wheel.y).exp()
            });
            if factor != 1.0 {
                self.zoom_at(factor, at, size, *slot);
            }
        }
        if keys::free(ui.ctx()) {
            self.hear_keys(ui, *first, size);
        }
        self.follow(ui, under, under.unwrap_or(first), size)
    }

    fn hear_keys(&mut self, ui: &Ui, slot: Rect, size: Vec2) {
        // Most keyboards have the plus above another key.
        let pressed = |key: Key| {
            ui.input_mut(|input| {
                input.consume_key(Modifiers::NONE, key) || input.consume_key(Modifiers::SHIFT, key)
            })
        };
        let steps = i32::from(pressed(Key::Plus) || pressed(Key::Equals)) - i32::from(pressed(Key::Minus));
        if steps != 0 {
            self.zoom_at(PER_KEY.powi(steps), slot.center(), size, slot);
        }
        if pressed(Key::Num0) {
            self.fit();
        }
        if pressed(Key::Num1) {
            self.show_pixels(size, slot, 1.0 / ui.ctx().pixels_per_point());
        }
    }

    /// Takes the picture along with a drag of the middle button, or of the first one while the space bar is down.
    fn follow(&mut self, ui: &Ui, under: Option<&Rect>, slot: &Rect, size: Vec2) -> bool {
        let has_space = self.space != Space::Up;
        let (pressed, held, delta) = ui.input(|input| {
            let pointer = &input.pointer;
            let buttons: &[PointerButton] = if has_space {
                &[PointerButton::Middle, PointerButton::Primary]
            } else {
                &[PointerButton::Middle]
            };
            (
                buttons.iter().any(|button| pointer.button_pressed(*button)),
                buttons.iter().any(|button| pointer.button_down(*button)),
                pointer.delta(),
            )
        });
        self.is_moving = held && (self.is_moving || (pressed && under.is_some()));
        if self.is_moving {
            if has_space {
                self.space = Space::Used;
            }
            let rect = self.rect(size, *slot);
            if rect.area() > 0.0 {
                self.look_at(rect.translate(delta), *slot);
                self.settle(size, *slot);
            }
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        } else if has_space && under.is_some() {
            ui.ctx().set_cursor_icon(CursorIcon::Grab);
        }
        self.is_moving || (has_space && under.is_some())
    }

    /// Keeps the space bar for drags while the pointer is over a picture; to be called before others hear keys.
    /// Pressed and let go without a drag, it is given back to them.
    pub fn claim_space(&mut self, ctx: &Context) {
        let is_over = |at: Pos2| self.places.iter().any(|place| place.contains(at));
        let claims = ctx.input(|input| input.pointer.latest_pos()).is_some_and(is_over)
            && ctx.memory(|memory| memory.focused().is_none());
        let space = &mut self.space;
        ctx.input_mut(|input| {
            let mut returned = false;
            input.events.retain(|event| match event {
                Event::Key { key: Key::Space, pressed: true, modifiers, .. } if modifiers.is_none() => {
                    let keeps = *space == Space::Up && !claims;
                    if !keeps && *space == Space::Up {
                        *space = Space::Down;
                    }
                    keeps
                }
                Event::Key { key: Key::Space, pressed: false, .. } => {
                    returned |= *space == Space::Down;
                    *space = Space::Up;
                    true
                }
                _ => true,
            });
            if returned {
                let (key, modifiers) = (Key::Space, Modifiers::NONE);
                input.events.push(Event::Key {
                    key,
                    physical_key: None,
                    pressed: true,
                    repeat: false,
                    modifiers,
                });
            } else if *space != Space::Up && !input.key_down(Key::Space) {
                // The window may never hear that it was let go.
                *space = Space::Up;
            }
        });
        self.places.clear();
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::{pos2, vec2};

    use super::*;

    const SLOT: Rect = Rect { min: Pos2::new(100.0, 50.0), max: pos2(300.0, 150.0) };
    const SIZE: Vec2 = vec2(32.0, 32.0);

    fn share(camera: &Camera, at: Pos2) -> Vec2 {
        let rect = camera.rect(SIZE, SLOT);
        (at - rect.min) / rect.size()
    }

    #[test]
    fn the_whole_picture_is_in_the_middle_at_first() {
        let camera = Camera::default();
        assert_eq!(camera.rect(SIZE, SLOT), Rect::from_min_size(pos2(150.0, 50.0), vec2(100.0, 100.0)));
        assert_eq!(camera.points_per_pixel(SIZE, SLOT), 100.0 / 32.0);
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let mut camera = Camera::default();
        let at = pos2(180.0, 110.0);
        // Large enough to leave no empty room beside it.
        camera.zoom_at(4.0, SLOT.center(), SIZE, SLOT);
        for factor in [1.3, 2.0, 0.8] {
            let before = share(&camera, at);
            camera.zoom_at(factor, at, SIZE, SLOT);
            assert!((share(&camera, at) - before).length() < 1e-4, "{before:?} by {factor}");
        }
        camera.zoom_at(1e9, at, SIZE, SLOT);
        assert!((camera.points_per_pixel(SIZE, SLOT) - WIDEST_PIXEL).abs() < 1e-2);
        camera.zoom_at(1e-9, at, SIZE, SLOT);
        assert_eq!(camera.rect(SIZE, SLOT).center(), SLOT.center(), "a small picture is in the middle");
        camera.zoom_at(f32::NAN, at, SIZE, SLOT);
        camera.show_pixels(SIZE, SLOT, 1.0);
        assert!((camera.points_per_pixel(SIZE, SLOT) - 1.0).abs() < 1e-4);
        camera.fit();
        assert_eq!(camera.rect(SIZE, SLOT), Camera::default().rect(SIZE, SLOT));
    }

    #[test]
    fn a_picture_never_leaves_its_place_whatever_is_done() {
        let mut camera = Camera::default();
        for size in [SIZE, vec2(300.0, 10.0), vec2(1.0, 4000.0)] {
            camera.fit();
            let corners = [SLOT.min, SLOT.max, pos2(120.0, 140.0)];
            for (step, corner) in corners.into_iter().cycle().take(30).enumerate() {
                camera.zoom_at(if step < 20 { 1.4 } else { 0.5 }, corner, size, SLOT);
                let rect = camera.rect(size, SLOT);
                assert!(rect.is_finite() && rect.expand(0.5).contains(SLOT.center()), "{rect:?}");
            }
            assert_eq!(camera.rect(size, SLOT).center(), SLOT.center(), "seen whole, in the middle");
        }
        assert!(Camera::default().rect(Vec2::ZERO, SLOT).is_finite());
    }
}
