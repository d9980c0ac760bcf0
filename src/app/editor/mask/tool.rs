//! What a mask is drawn with.

/// What a stroke on the picture does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    #[default]
    Brush,
    Eraser,
    Lasso,
    Box,
}

impl Tool {
    pub const ALL: [Self; 4] = [Self::Brush, Self::Eraser, Self::Lasso, Self::Box];

    pub fn label(self) -> &'static str {
        match self {
            Self::Brush => "Brush",
            Self::Eraser => "Eraser",
            Self::Lasso => "Lasso",
            Self::Box => "Box",
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            Self::Brush => "Paint what is to be filled in; with Shift it clears",
            Self::Eraser => "Clear what is not to be filled in",
            Self::Lasso => "Draw around what is to be filled in; with Shift it clears",
            Self::Box => "Drag a box over what is to be filled in; with Shift it clears",
        }
    }

    /// Whether it has a size.
    pub fn is_round(self) -> bool {
        matches!(self, Self::Brush | Self::Eraser)
    }
}
