//! The panes and how they lie beside, above and behind each other: as the user has moved them, kept between
//! runs.

mod arrangement;
mod behavior;
mod menu;

use eframe::egui::Ui;
use egui_tiles::{Container, Tile, Tree};
use serde::{Deserialize, Serialize};

use arrangement::Arrangement;
use behavior::Showing;

/// Under this key the layout is kept between sessions.
const LAYOUT_KEY: &str = "layout";

/// And under this one whether it is the user's: absent or anything else, it is.
const ARRANGED_KEY: &str = "layout is the program's";
const ARRANGED: &str = "yes";

/// What the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pane {
    Samples,
    Generate,
    Curves,
    Editor,
    Diagnostics,
    Recipe,
    Log,
}

impl Pane {
    pub const ALL: [Pane; 7] = [
        Pane::Samples,
        Pane::Generate,
        Pane::Curves,
        Pane::Editor,
        Pane::Diagnostics,
        Pane::Recipe,
        Pane::Log,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Pane::Samples => "Samples",
            Pane::Generate => "Generate",
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
    /// How the program has laid the panes out, to be done anew where the window's size asks for another; none once
    /// the user has moved, closed or opened one.
    arranged: Option<Arrangement>,
}

impl Dock {
    /// The layout of the last session, if there is one and it has every pane.
    pub fn kept(storage: Option<&dyn eframe::Storage>) -> Self {
        let is_own =
            |storage: &&dyn eframe::Storage| storage.get_string(ARRANGED_KEY).as_deref() != Some(ARRANGED);
        let kept = storage.filter(is_own).and_then(|storage| eframe::get_value(storage, LAYOUT_KEY));
        match kept.and_then(completed) {
            Some(tree) => Self { tree, arranged: None },
            None => Self::arranged_as(Arrangement::Wide),
        }
    }

    fn arranged_as(arrangement: Arrangement) -> Self {
        Self { tree: arrangement.layout(), arranged: Some(arrangement) }
    }

    pub fn save(&self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, LAYOUT_KEY, &self.tree);
        storage.set_string(ARRANGED_KEY, if self.arranged.is_some() { ARRANGED } else { "no" }.to_owned());
    }

    /// Shows every pane in its place; `contents` fills one.
    pub fn show(&mut self, ui: &mut Ui, contents: &mut dyn FnMut(Pane, &mut Ui)) {
        let fitting = Arrangement::fitting(ui.ctx().content_rect().size());
        if self.arranged.is_some_and(|arranged| arranged != fitting) {
            *self = Self::arranged_as(fitting);
        }
        let mut showing = Showing { contents, moved: false };
        self.tree.ui(&mut showing, ui);
        if showing.moved {
            self.arranged = None;
        }
    }

    /// Whether a pane can be seen at all, be it behind a tab.
    fn is_open(&self, pane: Pane) -> bool {
        self.tree.tiles.find_pane(&pane).is_some_and(|tile| self.tree.is_visible(tile))
    }

    fn set_open(&mut self, pane: Pane, open: bool) {
        let Some(tile) = self.tree.tiles.find_pane(&pane) else { return };
        self.arranged = None;
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

    /// As the program lays panes out in a window of the present size, from the next frame on.
    fn reset(&mut self) {
        *self = Self::arranged_as(self.arranged.unwrap_or(Arrangement::Wide));
    }
}

/// A layout that an earlier version has kept, with the panes that it did not know; none where it is broken.
fn completed(mut tree: Tree<Pane>) -> Option<Tree<Pane>> {
    if tree.tiles.find_pane(&Pane::Generate).is_none() {
        let tile = tree.tiles.insert_pane(Pane::Generate);
        let samples = tree.tiles.find_pane(&Pane::Samples)?;
        let place = tree.tiles.parent_of(samples)?;
        match tree.tiles.get_mut(place)? {
            Tile::Container(Container::Tabs(tabs)) => tabs.add_child(tile),
            _ => return None,
        }
    }
    Some(tree).filter(is_whole)
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
    use eframe::egui::{Context, Id, Pos2, RawInput, Rect};
    use egui_tiles::Tiles;

    use super::*;

    fn tree_of(panes: &[Pane]) -> Tree<Pane> {
        let mut tiles = Tiles::default();
        let panes = panes.iter().map(|pane| tiles.insert_pane(*pane)).collect();
        let root = tiles.insert_tab_tile(panes);
        Tree::new(Id::unique("dock"), root, tiles)
    }

    #[test]
    fn the_first_layouts_are_whole_and_broken_ones_are_not_taken() {
        for arrangement in [Arrangement::Wide, Arrangement::Narrow] {
            assert!(is_whole(&arrangement.layout()), "{arrangement:?}");
        }
        assert!(completed(tree_of(&[Pane::Log])).is_none());
        assert!(completed(Tree::empty(Id::unique("dock"))).is_none());
        let twice: Vec<Pane> = Pane::ALL.into_iter().chain([Pane::Log]).collect();
        assert!(completed(tree_of(&twice)).is_none());
    }

    #[test]
    fn a_layout_of_an_earlier_version_gets_the_new_pane_beside_the_samples() {
        let known: Vec<Pane> = Pane::ALL.into_iter().filter(|pane| *pane != Pane::Generate).collect();
        let tree = completed(tree_of(&known)).expect("a layout");
        let place = |pane| tree.tiles.find_pane(&pane).and_then(|tile| tree.tiles.parent_of(tile));
        assert!(place(Pane::Generate).is_some());
        assert_eq!(place(Pane::Generate), place(Pane::Samples));
    }

    #[test]
    fn only_a_layout_that_nobody_has_touched_follows_the_windows_size() {
        let ctx = Context::default();
        let frame = |dock: &mut Dock, size: [f32; 2]| {
            let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, size.into()));
            let input = RawInput { screen_rect, ..Default::default() };
            let _ = ctx.run_ui(input, |ui| dock.show(ui, &mut |_, _| {}));
        };
        let mut dock = Dock::kept(None);
        frame(&mut dock, [800.0, 600.0]);
        assert_eq!(dock.arranged, Some(Arrangement::Narrow));
        frame(&mut dock, [1320.0, 860.0]);
        assert_eq!(dock.arranged, Some(Arrangement::Wide));
        dock.set_open(Pane::Log, false);
        frame(&mut dock, [800.0, 600.0]);
        assert!(dock.arranged.is_none() && !dock.is_open(Pane::Log));
        dock.reset();
        frame(&mut dock, [800.0, 600.0]);
        assert_eq!(dock.arranged, Some(Arrangement::Narrow));
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
