//! The panes and how they lie beside, above and behind each other: as the user has moved them, kept between
//! runs.

mod behavior;
mod menu;

use eframe::egui::{Id, Ui};
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

use behavior::Showing;

/// Under this key the layout is kept between sessions.
const LAYOUT_KEY: &str = "layout";

/// What the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pane {
    Samples,
    Curves,
    Editor,
    Diagnostics,
    Recipe,
    Log,
}

impl Pane {
    pub const ALL: [Pane; 6] =
        [Pane::Samples, Pane::Curves, Pane::Editor, Pane::Diagnostics, Pane::Recipe, Pane::Log];

    pub fn title(self) -> &'static str {
        match self {
            Pane::Samples => "Samples",
            Pane::Curves => "Curves",
            Pane::Editor => "Editor",
            Pane::Diagnostics => "Diagnostics",
            Pane::Recipe => "Recipe",
            Pane::Log => "Log",
        }
    }
}

/// The layout.
pub struct Dock {
    tree: Tree<Pane>,
}

impl Dock {
    /// The layout of the last session, if there is one and it has every pane.
    pub fn kept(storage: Option<&dyn eframe::Storage>) -> Self {
        let kept: Option<Tree<Pane>> = storage.and_then(|storage| eframe::get_value(storage, LAYOUT_KEY));
        Self { tree: kept.filter(is_whole).unwrap_or_else(first_layout) }
    }

    pub fn save(&self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, LAYOUT_KEY, &self.tree);
    }

    /// Shows every pane in its place; `contents` fills one.
    pub fn show(&mut self, ui: &mut Ui, contents: &mut dyn FnMut(Pane, &mut Ui)) {
        self.tree.ui(&mut Showing { contents }, ui);
    }

    /// Whether a pane can be seen at all, be it behind a tab.
    fn is_open(&self, pane: Pane) -> bool {
        self.tree.tiles.find_pane(&pane).is_some_and(|tile| self.tree.is_visible(tile))
    }

    fn set_open(&mut self, pane: Pane, open: bool) {
        let Some(tile) = self.tree.tiles.find_pane(&pane) else { return };
        if open {
            self.front(pane);
        } else {
            self.tree.set_visible(tile, false);
        }
    }

    /// Brings a pane before those that share its place, also one that was closed.
    pub fn front(&mut self, pane: Pane) {
        if let Some(tile) = self.tree.tiles.find_pane(&pane) {
            self.tree.set_visible(tile, true);
        }
        self.tree.make_active(|_, tile| matches!(tile, Tile::Pane(other) if *other == pane));
    }

    fn reset(&mut self) {
        self.tree = first_layout();
    }
}

/// Samples over the quiet panes on the left, curves over the editor on the right.
fn first_layout() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let samples = tiles.insert_pane(Pane::Samples);
    let quiet = [Pane::Log, Pane::Diagnostics, Pane::Recipe].map(|pane| tiles.insert_pane(pane));
    let quiet = tiles.insert_tab_tile(quiet.to_vec());
    let left = insert_split(&mut tiles, LinearDir::Vertical, [samples, quiet], 0.74);
    let curves = tiles.insert_pane(Pane::Curves);
    let editor = tiles.insert_pane(Pane::Editor);
    let right = insert_split(&mut tiles, LinearDir::Vertical, [curves, editor], 0.45);
    let root = insert_split(&mut tiles, LinearDir::Horizontal, [left, right], 0.5);
    Tree::new(Id::unique("dock"), root, tiles)
}

fn insert_split(tiles: &mut Tiles<Pane>, dir: LinearDir, children: [TileId; 2], share: f32) -> TileId {
    tiles.insert_container(Container::Linear(Linear::new_binary(dir, children, share)))
}

/// A layout of another version may lack panes, or have them twice.
fn is_whole(tree: &Tree<Pane>) -> bool {
    let count = |pane: Pane| {
        let panes = tree.tiles.tiles().filter(|tile| matches!(tile, Tile::Pane(other) if *other == pane));
        panes.count()
    };
    tree.root.is_some() && Pane::ALL.into_iter().all(|pane| count(pane) == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_layout_is_whole_and_others_are_not_taken() {
        assert!(is_whole(&first_layout()));
        let mut tiles = Tiles::default();
        let only = tiles.insert_pane(Pane::Log);
        assert!(!is_whole(&Tree::new(Id::unique("dock"), only, tiles)));
        assert!(!is_whole(&Tree::empty(Id::unique("dock"))));
    }

    #[test]
    fn panes_are_closed_and_opened_and_put_back() {
        let mut dock = Dock::kept(None);
        dock.set_open(Pane::Curves, false);
        assert!(!dock.is_open(Pane::Curves) && dock.is_open(Pane::Editor));
        dock.set_open(Pane::Curves, true);
        assert!(dock.is_open(Pane::Curves));
        dock.set_open(Pane::Editor, false);
        dock.front(Pane::Editor);
        assert!(dock.is_open(Pane::Editor), "what is brought to the front is seen");
        dock.set_open(Pane::Editor, false);
        dock.reset();
        assert!(Pane::ALL.into_iter().all(|pane| dock.is_open(pane)));
    }
}
