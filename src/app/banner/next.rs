//! What can be done with a run that has ended.

use std::path::Path;

use eframe::egui::{Button, Ui};

use crate::app::desktop;
use crate::app::shell_words::quoted;
use crate::app::status::Status;
use crate::recipe;
use crate::run::RECIPE_FILE;

/// As far as the words of the strip above are from its edge, points.
const INSET: f32 = 12.0;

/// A pane that the user wants to go on in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Generate,
    Edit,
}

/// The line of buttons under the word that a run has ended; what they do beyond the panes is done here.
pub fn show(ui: &mut Ui, status: &mut Status) -> Option<Next> {
    let mut next = None;
    let run_dir = status.run_dir.clone();
    ui.horizontal_wrapped(|ui| {
        ui.add_space(INSET);
        ui.weak("What now:");
        let mut button = |text: &str, enabled: bool, hover: &str| {
            ui.add_enabled(enabled, Button::new(text)).on_hover_text(hover).clicked()
        };
        if button("Generate pictures", true, "Make pictures of new seeds, and save them") {
            next = Some(Next::Generate);
        }
        if button("Edit a picture", true, "Drop, paste or open one in the editor") {
            next = Some(Next::Edit);
        }
        let hover =
            "Copy the command that measures the model against its training images; paste it in a terminal";
        let measure = button("Copy the command that measures it", run_dir.is_some(), hover);
        let open =
            button("Show the folder", run_dir.is_some(), "Checkpoints, grids, report and saved pictures");
        let Some(run_dir) = &run_dir else { return };
        if measure {
            match measuring(run_dir) {
                Ok(words) => ui.ctx().copy_text(words),
                Err(why) => status.warning = Some(why),
            }
        }
        if open && let Err(error) = desktop::show_folder(run_dir) {
            status.warning = Some(error.to_string());
        }
    });
    next
}

/// The command that measures what the run has made, or why there is none.
fn measuring(run_dir: &Path) -> Result<String, String> {
    let word = |path: &Path| quoted(&path.display().to_string());
    let recipe = recipe::read(&run_dir.join(RECIPE_FILE)).map_err(|error| error.to_string())?;
    let data = &recipe.data;
    if data.world.is_some() {
        return Err("a toy world is measured while it trains: its numbers are among the curves".to_owned());
    }
    let eval = |data: &str| format!("signet eval {} --data {data}", word(run_dir));
    Ok(match &data.path {
        Some(path) => eval(&word(path)),
        // The built-in pictures have no file yet.
        None => {
            let (size, seed) = (data.size, recipe.seed);
            format!("signet data --size {size} --seed {seed} --export demo.zip\n{}", eval("demo.zip"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_measured_against_its_own_images() {
        let folder = tempfile::tempdir().expect("a folder");
        let run = folder.path().join("00000 demo");
        std::fs::create_dir(&run).expect("a folder");
        let words = |name: &str, data: Option<&str>| {
            let mut recipe = recipe::preset(name).expect("a preset");
            recipe.data.path = data.map(Into::into);
            let toml = recipe::to_toml(&recipe).expect("TOML");
            std::fs::write(run.join(RECIPE_FILE), toml).expect("a recipe");
            measuring(&run)
        };
        let own = format!("signet eval '{}' --data ", run.display());
        let demo = words("demo", None).expect("a command");
        assert_eq!(demo, format!("signet data --size 16 --seed 0 --export demo.zip\n{own}demo.zip"));
        assert_eq!(words("demo", Some("/my/set")), Ok(format!("{own}/my/set")));
        assert!(words("img64-sid", None).is_err_and(|why| why.contains("toy world")));
        assert!(measuring(folder.path()).is_err_and(|why| why.contains(RECIPE_FILE)));
    }
}
