//! How a new run differs from the newest of the same name: a changed number begins another run, which may be
//! a surprise to whoever wanted to go on.

use std::path::Path;

use toml::Value;

use super::candidate::Candidate;
use crate::error::Result;
use crate::recipe::{self, Identity, Part, Recipe};

/// Most settings that are named.
const NAMED: usize = 3;

/// A line for a run of `recipe` that begins below `out` although there is a run of that name; none where there
/// is not.
///
/// # Errors
/// A recipe that cannot be written.
pub fn words(out: &Path, recipe: &Recipe) -> Result<Option<String>> {
    let (runs, _) = Candidate::below(out);
    let Some(Candidate { folder, recipe: other, .. }) =
        runs.into_iter().find(|run| run.recipe.name == recipe.name)
    else {
        return Ok(None);
    };
    let folder = folder.path;
    let [old, new] = [&other, recipe].map(|recipe| Value::try_from(recipe).ok());
    let mut settings = Vec::new();
    compare("", old.as_ref(), new.as_ref(), &mut settings);
    // Another seed is wished for.
    settings.retain(|setting| !setting.starts_with("seed "));
    // What makes it another run comes first.
    settings.sort_by_key(|setting| {
        let name = setting.split(' ').next().unwrap_or_default();
        match recipe::setting(name).map(|setting| setting.part) {
            Some(Part::Identity) => 0,
            Some(Part::Source) => 1,
            Some(Part::Length) => 2,
            Some(Part::Report | Part::Split) | None => 3,
        }
    });
    if settings.is_empty() {
        return Ok(None);
    }
    let is_same_but_longer = recipe.teacher.kimg > other.teacher.kimg
        && Identity::of(&other)?.differences(&Identity::of(recipe)?)?.is_empty();
    let more = settings.len().saturating_sub(NAMED);
    settings.truncate(NAMED);
    if more > 0 {
        settings.push(format!("{more} more"));
    }
    let longer = if is_same_but_longer {
        // A student that is trained already is of a shorter teacher: only who names the run gives it up.
        format!("; `signet train {} --teacher-kimg …` trains its teacher longer", folder.display())
    } else {
        String::new()
    };
    let settings = settings.join(", ");
    Ok(Some(format!("this is a new run: {} has another recipe ({settings}){longer}", folder.display())))
}

/// Names every setting that differs, as `student.kimg 0.5 -> 0.6`.
fn compare(name: &str, old: Option<&Value>, new: Option<&Value>, settings: &mut Vec<String>) {
    if old == new {
        return;
    }
    if let (Some(Value::Table(old)), Some(Value::Table(new))) = (old, new) {
        let added = new.keys().filter(|key| !old.contains_key(*key));
        for key in old.keys().chain(added) {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            compare(&name, old.get(key), new.get(key), settings);
        }
        return;
    }
    let shown = |value: Option<&Value>| value.map_or_else(|| "not given".to_owned(), Value::to_string);
    settings.push(format!("{name} {} -> {}", shown(old), shown(new)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Origin;
    use crate::run::folder::RunFolder;

    #[test]
    fn settings_that_differ_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut recipe = recipe::preset("demo").expect("a preset");
        assert_eq!(words(folder.path(), &recipe), Ok(None), "there is no run yet");
        RunFolder::create(folder.path(), &recipe, &Origin::default()).expect("a run");
        recipe.seed = 7;
        assert_eq!(words(folder.path(), &recipe), Ok(None), "another seed");
        recipe.student.kimg = 99.5;
        recipe.data.path = Some("/photos".into());
        let words = words(folder.path(), &recipe).expect("recipes").expect("another run is there");
        for part in ["00000-demo-sign", "student.kimg 24.0 -> 99.5", "data.path not given -> \"/photos\""] {
            assert!(words.contains(part), "“{part}” is not in: {words}");
        }
    }
}
