//! Pictures pasted: themselves, as browsers copy them, or by their paths, as file managers do.

use std::sync::Arc;

use eframe::egui::{Context, Event};

use super::decode::Source;
use crate::app::typed_path::path_of;

/// What was pasted in this frame, unless somebody is typing.
pub fn pasted(ctx: &Context) -> Vec<Source> {
    if ctx.text_edit_focused() {
        return Vec::new();
    }
    ctx.input(|input| {
        let sources = input.events.iter().flat_map(|event| match event {
            Event::Paste(text) => text.lines().filter_map(path_of).map(Source::Path).collect(),
            Event::PasteImage(image) => vec![Source::Pasted(Arc::clone(image))],
            _ => Vec::new(),
        });
        sources.collect()
    })
}
