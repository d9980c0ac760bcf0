//! How the program lays the panes out: beside and above each other where there is room, else more of them behind
//! each other.

use eframe::egui::{Id, Vec2, vec2};
use egui_tiles::{Container, Linear, LinearDir, TileId, Tiles, Tree};

use super::Pane;

/// A smaller window, points, has no room for four panes at once.
const WIDE: Vec2 = vec2(920.0, 600.0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Samples over the quiet panes on the left, curves over the editor on the right.
    Wide,
    /// Two places, with half of the panes behind each other in each.
    Narrow,
}

impl Arrangement {
    /// For a window of `size` points.
    pub fn fitting(size: Vec2) -> Self {
        if size.x < WIDE.x || size.y < WIDE.y { Self::Narrow } else { Self::Wide }
    }

    pub fn layout(self) -> Tree<Pane> {
        let mut tiles = Tiles::default();
        let root = match self {
            Self::Wide => {
                let samples = insert_tabs(&mut tiles, &[Pane::Samples, Pane::Generate]);
                let quiet = insert_tabs(&mut tiles, &[Pane::Log, Pane::Diagnostics, Pane::Recipe]);
                let left = insert_split(&mut tiles, LinearDir::Vertical, [samples, quiet], 0.74);
                let curves = tiles.insert_pane(Pane::Curves);
                let editor = tiles.insert_pane(Pane::Editor);
                let right = insert_split(&mut tiles, LinearDir::Vertical, [curves, editor], 0.45);
                insert_split(&mut tiles, LinearDir::Horizontal, [left, right], 0.5)
            }
            Self::Narrow => {
                let left = insert_tabs(&mut tiles, &[Pane::Samples, Pane::Generate, Pane::Log]);
                let right = [Pane::Curves, Pane::Editor, Pane::Diagnostics, Pane::Recipe];
                let right = insert_tabs(&mut tiles, &right);
                insert_split(&mut tiles, LinearDir::Horizontal, [left, right], 0.5)
            }
        };
        Tree::new(Id::unique("dock"), root, tiles)
    }
}

fn insert_tabs(tiles: &mut Tiles<Pane>, panes: &[Pane]) -> TileId {
    let panes = panes.iter().map(|pane| tiles.insert_pane(*pane)).collect();
    tiles.insert_tab_tile(panes)
}

fn insert_split(tiles: &mut Tiles<Pane>, dir: LinearDir, children: [TileId; 2], share: f32) -> TileId {
    tiles.insert_container(Container::Linear(Linear::new_binary(dir, children, share)))
}
