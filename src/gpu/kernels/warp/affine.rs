//! Affine maps of the plane, written as where a point of the transformed image is found in the original.
//! The origin is the image's centre, x points right, y down, in pixels.

/// `[x, y] -> [a x + b y + c, d x + e y + f]` as rows `[a, b, c]` and `[d, e, f]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine([[f64; 3]; 2]);

impl Affine {
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);

    /// Where the points of an image that is enlarged by `x` and `y` come from.
    pub fn unscaled(x: f64, y: f64) -> Self {
        Self([[1.0 / x, 0.0, 0.0], [0.0, 1.0 / y, 0.0]])
    }

    /// A turn of the point by `angle`, from x towards y: the image turns the other way.
    pub fn turned(angle: f64) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self([[cos, -sin, 0.0], [sin, cos, 0.0]])
    }

    /// Where the points of an image that is moved by `x` and `y` come from.
    pub fn unmoved(x: f64, y: f64) -> Self {
        Self([[1.0, 0.0, -x], [0.0, 1.0, -y]])
    }

    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        self.0.map(|[a, b, c]| a * x + b * y + c)
    }

    /// The map that first does `inner`, then this one: the matrix product.
    pub fn of(&self, inner: Self) -> Self {
        let [top, bottom] = inner.0;
        Self(self.0.map(|[a, b, c]| {
            let column = |i: usize| a * top[i] + b * bottom[i];
            [column(0), column(1), column(2) + c]
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_compose_from_right_to_left() {
        let outer = Affine::turned(std::f64::consts::FRAC_PI_2);
        let inner = Affine::unscaled(0.5, 0.25).of(Affine::unmoved(1.0, -2.0));
        let [x, y] = outer.of(inner).at([3.0, 1.0]);
        // (3, 1) comes from (2, 3), then (4, 12), turned to (-12, 4).
        assert!((x + 12.0).abs() < 1e-12 && (y - 4.0).abs() < 1e-12, "{x} {y}");
        assert_eq!(Affine::IDENTITY.of(inner), inner);
    }
}
