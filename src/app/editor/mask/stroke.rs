//! What is drawn between pressing the button and letting it go.

use eframe::egui::{Color32, Painter, Shape, Stroke as Line, StrokeKind};

use super::bitmap::Mask;
use super::changes::{Region, Stamp};
use super::tool::Tool;
use super::view::View;

/// Width of outlines on the picture, points; the dark rim behind them makes them visible on any picture.
const LINE: f32 = 1.5;
const RIM: f32 = 3.0;

/// A stroke in progress.
pub struct Stroke {
    tool: Tool,
    /// 255 masks, 0 clears.
    value: u8,
    /// All that the lasso passed, the two corners of the box, the brush's last place; pixels.
    points: Vec<[f32; 2]>,
    before: Mask,
    /// The mask as this stroke left it last.
    left: Stamp,
}

impl Stroke {
    pub fn begin(tool: Tool, clears: bool, at: [f32; 2], radius: f32, mask: &mut Mask) -> Self {
        let value = if clears || tool == Tool::Eraser { 0 } else { u8::MAX };
        let points = if tool == Tool::Box { vec![at; 2] } else { vec![at] };
        let mut stroke = Self { tool, value, points, before: mask.clone(), left: mask.stamp() };
        stroke.go_on(at, radius, mask);
        stroke
    }

    /// Whether the mask is as the stroke left it: neither another picture's nor undone meanwhile.
    pub fn is_on(&self, mask: &Mask) -> bool {
        mask.stamp() == self.left
    }

    pub fn clears(&self) -> bool {
        self.value == 0
    }

    /// Goes on to another place.
    pub fn go_on(&mut self, at: [f32; 2], radius: f32, mask: &mut Mask) {
        let last = self.points[self.points.len() - 1];
        match self.tool {
            Tool::Brush | Tool::Eraser => {
                mask.dab(last, at, radius, self.value);
                self.points = vec![at];
            }
            Tool::Lasso if last == at => {}
            Tool::Lasso => self.points.push(at),
            Tool::Box => self.points[1] = at,
        }
        self.left = mask.stamp();
    }

    /// Fills what was drawn around; whether the stroke has changed the mask.
    pub fn end(self, mask: &mut Mask) -> bool {
        match self.tool {
            Tool::Brush | Tool::Eraser => {}
            Tool::Lasso => mask.fill_polygon(&self.points, self.value),
            Tool::Box => mask.fill_box(self.points[0], self.points[1], self.value),
        }
        *mask != self.before
    }

    /// Leaves the mask as it was.
    pub fn give_up(self, mask: &mut Mask) {
        *mask = self.before;
    }

    /// Shows the line of the lasso and the frame of the box.
    pub fn show(&self, painter: &Painter, view: View, colour: Color32, mask: &Mask) {
        match self.tool {
            Tool::Brush | Tool::Eraser => {}
            Tool::Lasso => {
                let points: Vec<_> = self.points.iter().map(|at| view.to_screen(*at)).collect();
                let back = [points[points.len() - 1], points[0]];
                painter.line_segment(back, Line::new(LINE, colour.gamma_multiply(0.6)));
                for line in lines(colour) {
                    painter.add(Shape::line(points.clone(), line));
                }
            }
            Tool::Box => {
                let Region { x, y } = mask.snapped(self.points[0], self.points[1]);
                let rect = view.rect_of([x.start as f32, y.start as f32], [x.end as f32, y.end as f32]);
                for line in lines(colour) {
                    painter.rect_stroke(rect, 0.0, line, StrokeKind::Middle);
                }
            }
        }
    }
}

/// A line and the rim that it is drawn on.
pub fn lines(colour: Color32) -> [Line; 2] {
    [Line::new(RIM, Color32::from_black_alpha(140)), Line::new(LINE, colour)]
}
