//! Sample grids in the page: of each stage the first, some in between and the last, beside training images.

use std::path::Path;

use super::base64::base64;
use super::markup::{escape, section};
use crate::plain_file::{self, limits};
use crate::watch::{Pictures, pictures, reals};

/// Grids of a stage that are shown.
const SHOWN: usize = 4;
/// How a PNG begins: nothing else is embedded.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

pub fn show(run_dir: &Path) -> String {
    let all = pictures(run_dir);
    let mut figures = Vec::new();
    for stage in all.chunk_by(|a, b| a.stage == b.stage) {
        figures.extend(spread(stage).map(|Pictures { stage, kimg, path }| {
            figure(path, &format!("samples of {} after {kimg} kimg", stage.name()))
        }));
    }
    if figures.is_empty() {
        figures.push("<p class=\"quiet\">No samples have been made yet.</p>\n".into());
    }
    figures.extend(reals(run_dir).map(|path| figure(&path, "training images")));
    section("Pictures", &format!("<div class=\"pictures\">\n{}</div>\n", figures.concat()))
}

/// The first, the last, and some at equal distances between them.
fn spread(stage: &[Pictures]) -> impl Iterator<Item = &Pictures> {
    let count = stage.len().min(SHOWN);
    let last = stage.len().saturating_sub(1);
    (0..count).filter_map(move |i| stage.get(if count < 2 { 0 } else { i * last / (count - 1) }))
}

fn figure(path: &Path, what: &str) -> String {
    let what = escape(what);
    let name = escape(&path.file_name().unwrap_or_default().to_string_lossy());
    match plain_file::read(path, limits::SHOWN_PICTURE) {
        Ok(png) if png.starts_with(PNG) => {
            let png = base64(&png);
            format!(
                "<figure><img alt=\"{what}\" src=\"data:image/png;base64,{png}\"><figcaption>{what}</figcaption></figure>\n"
            )
        }
        Ok(_) => format!("<figure><figcaption>{what}: {name} is no PNG</figcaption></figure>\n"),
        Err(e) => {
            let why = escape(&e.what);
            format!("<figure><figcaption>{what}, {name}: {why}</figcaption></figure>\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Stage;

    #[test]
    fn first_and_last_are_among_those_shown() {
        let shown = |count: u32| {
            let grid = |kimg: u32| Pictures { stage: Stage::Sid, kimg: kimg.into(), path: "x".into() };
            let all: Vec<_> = (0..count).map(grid).collect();
            spread(&all).map(|p| p.kimg as u32).collect::<Vec<_>>()
        };
        assert_eq!(shown(0), [0; 0]);
        assert_eq!(shown(1), [0]);
        assert_eq!(shown(3), [0, 1, 2]);
        assert_eq!(shown(10), [0, 3, 6, 9]);
    }
}
