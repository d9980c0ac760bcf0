//! What each pane looks like, dark and light, pixel by pixel: `UPDATE_SNAPSHOTS=1` takes the pictures anew.

use std::path::Path;

use eframe::egui::{Pos2, Rect, pos2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{SnapshotOptions, SnapshotResults, try_image_snapshot_options};
use image::imageops::crop_imm;

use super::stage::{Scene, png};
use crate::{drop_files, flag};

/// Panes by the tab that has to be in front, and where they lie in the first layout, points. Of the log the
/// times are left out.
const PANES: [(&str, &str, Rect); 6] = [
    ("samples", "Log", rect([10.0, 125.0], [655.0, 654.0])),
    ("curves", "Log", rect([665.0, 125.0], [1310.0, 447.0])),
    ("editor", "Log", rect([665.0, 457.0], [1310.0, 850.0])),
    ("log", "Log", rect([60.0, 742.0], [655.0, 850.0])),
    ("diagnostics", "Diagnostics", rect([10.0, 688.0], [655.0, 850.0])),
    ("recipe", "Recipe", rect([10.0, 688.0], [655.0, 850.0])),
];

/// Pixels that may differ: drivers round edges in their own ways.
const STRAY: usize = 150;

const fn rect(min: [f32; 2], max: [f32; 2]) -> Rect {
    Rect { min: Pos2::new(min[0], min[1]), max: pos2(max[0], max[1]) }
}

#[test]
fn every_pane_looks_as_it_did() {
    let mut scene = Scene::open();
    scene.train_in(Path::new("runs/00000-demo-sign"));
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
    let options = SnapshotOptions::new().output_path("tests/window/looks").max_failed_pixels(STRAY);
    let mut results = SnapshotResults::new();
    for theme in ["dark", "light"] {
        for tab in ["Log", "Diagnostics", "Recipe"] {
            // What is in front is named twice: by its tab and by its title.
            scene.window.query_all_by_label(tab).next().expect("a tab").click();
            scene.window.run_steps(4);
            if tab == "Diagnostics" {
                scene.wait("the diagnosis", |window| {
                    window.query_all_by_label_contains("teacher at noise").next().is_some()
                });
            }
            scene.window.remove_cursor();
            let window = scene.screenshot(&format!("looks-{}-{theme}", tab.to_lowercase()));
            for (pane, _, place) in PANES.into_iter().filter(|(_, front, _)| *front == tab) {
                let [x, y] = [place.min.x as u32, place.min.y as u32];
                let picture = crop_imm(&window, x, y, place.width() as u32, place.height() as u32);
                let name = format!("{pane}-{theme}");
                results.add(try_image_snapshot_options(&picture.to_image(), name, &options));
            }
        }
        if theme == "dark" {
            scene.window.get_by_label("Light").click();
            scene.window.run_steps(4);
        }
    }
    results.unwrap();
}
