//! What holds for every setting.

use toml::{Table, Value};

use super::*;

fn table(recipe: &Recipe) -> Table {
    to_toml(recipe).expect("TOML").parse().expect("a table")
}

/// Every value of a recipe's file is declared, and every declaration has its value or may be left out.
#[test]
fn settings_are_called_what_the_file_calls_them() {
    fn names(prefix: &str, table: &Table, all: &mut Vec<String>) {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            match value {
                Value::Table(inner) => names(&format!("{name}."), inner, all),
                _ => all.push(name),
            }
        }
    }
    let mut recipe = preset("demo").expect("a recipe");
    recipe.data.path = Some("photos".into());
    recipe.data.world = Some(crate::world::World::Img64);
    recipe.data.limit = Some(2);
    recipe.teacher.path = Some("teacher".into());
    recipe.report.features = Some("features".into());
    let mut written = Vec::new();
    names("", &table(&recipe), &mut written);
    written.retain(|name| name != "version");
    let mut declared: Vec<&str> = settings().map(|setting| setting.name).collect();
    written.sort();
    declared.sort_unstable();
    assert_eq!(written, declared);
    assert!(settings().all(|setting| setting.help().ends_with('.') && !setting.help().contains("  ")));
}

/// British and American words are one recipe, and one run.
#[test]
fn both_spellings_of_a_word_are_one_setting() {
    let demo = to_toml(&preset("demo").expect("a recipe")).expect("TOML");
    let british = demo.replace("bad_gradients = \"skip\"", "bad_gradients = \"sanitise\"");
    let american = british.replace("[optimiser]", "[optimizer]").replace("sanitise", "sanitize");
    assert_ne!(british, american);
    let [british, american] = [british, american].map(|text| from_toml(&text).expect("a recipe"));
    assert_eq!(british, american);
    assert_eq!(british.optimiser.bad_gradients, BadGradients::Sanitise);
    let both = format!("{demo}\n[optimizer]\nadam_eps = 1e-7\n");
    assert!(from_toml(&both).is_err(), "which of the two is meant is not known");
}

/// Each number is the one that bears its name, and no other.
#[test]
fn a_number_is_found_by_its_name() {
    for setting in settings().filter(|setting| setting.tunable.is_some()) {
        let mut recipe = preset("demo").expect("a recipe");
        let before = to_toml(&recipe).expect("TOML");
        *recipe.number_mut(setting.name).expect("what is tunable is a number") = 0.625;
        assert_eq!(recipe.number(setting.name), Some(0.625));
        let after = to_toml(&recipe).expect("TOML");
        assert_eq!(identity::find(&table(&recipe), setting.name), Some(&Value::Float(0.625)));
        let changed = before.lines().zip(after.lines()).filter(|(a, b)| a != b).count();
        assert_eq!(changed, 1, "{}", setting.name);
    }
}

#[test]
fn what_is_out_of_its_range_is_refused_by_name() {
    for (name, value) in
        [("teacher.learning_rate", 0.0), ("student.sign.noisy_share", 1.5), ("student.sid.alpha", f64::NAN)]
    {
        let mut recipe = preset("demo").expect("a recipe");
        *recipe.number_mut(name).expect("a number") = value;
        let error = check(&recipe).expect_err(name);
        assert!(error.what.contains(name) && error.remedy.is_some(), "{error}");
    }
}

#[test]
fn a_run_is_what_shapes_its_weights() {
    type Change = fn(&mut Recipe);
    let recipe = preset("demo").expect("a recipe");
    let identity = Identity::of(&recipe).expect("an identity");
    let other = |change: Change| {
        let mut recipe = recipe.clone();
        change(&mut recipe);
        Identity::of(&recipe).expect("an identity")
    };
    let same: [Change; 8] = [
        |r| r.name = "another".into(),
        |r| r.data.path = Some("/photos".into()),
        |r| r.data.limit = Some(9),
        |r| r.teacher.path = Some("/teacher".into()),
        |r| (r.teacher.kimg, r.student.kimg) = (1.0, 2.0),
        |r| r.student.micro_batch = 4,
        |r| r.report.grid = 4,
        |r| r.teacher.sample_steps = 3,
    ];
    assert!(same.into_iter().all(|change| other(change) == identity));
    let differs: [(Change, &str); 5] = [
        (|r| r.seed = 7, "seed 0 -> 7"),
        (|r| r.precision = Precision::Mixed, "precision \"f32\" -> \"mixed\""),
        (|r| r.data.x_flip = true, "data.x_flip false -> true"),
        (|r| r.network.channel_mult = vec![1], "network.channel_mult [1, 2] -> [1]"),
        (|r| r.student.sign.rec = 0.25, "student.sign.rec 1.0 -> 0.25"),
    ];
    for (change, words) in differs {
        let changed = other(change);
        assert_ne!(changed.hash(), identity.hash());
        assert_eq!(identity.differences(&changed).expect("words"), [words]);
    }
}

#[test]
fn a_precision_is_one_of_two_words() {
    let written = to_toml(&preset("demo").expect("a recipe")).expect("TOML");
    let with = |line: &str| from_toml(&written.replacen("precision = \"f32\"\n", line, 1));
    for precision in [Precision::F32, Precision::Mixed] {
        let recipe = with(&format!("precision = \"{}\"\n", precision.name())).expect("a recipe");
        assert_eq!(recipe.precision, precision);
    }
    // What earlier releases have written.
    assert_eq!(with("").expect("a recipe").precision, Precision::F32);
    for word in ["\"f16\"", "\"half\"", "\"Mixed\"", "\"\"", "16", "true"] {
        let refused = with(&format!("precision = {word}\n")).expect_err(word);
        assert!(refused.kind == crate::error::Kind::Usage && refused.remedy.is_some(), "{word}: {refused}");
        assert!(refused.to_string().contains("precision"), "{word}: {refused}");
    }
    let refused = with("precision = \"half\"\n").expect_err("no such word");
    assert!(["f32", "mixed"].iter().all(|word| refused.to_string().contains(word)), "{refused}");
}

#[test]
fn recipes_come_back_as_they_went_in() {
    for name in names() {
        let recipe = preset(name).expect("a recipe");
        let text = to_toml(&recipe).expect("TOML");
        assert!(text.starts_with("version = 2\n"), "{text}");
        assert_eq!(from_toml(&text).expect("a recipe"), recipe);
        // As the first release wrote it.
        assert_eq!(from_toml(&text.replace("version = 2\n", "")).expect("a recipe"), recipe);
        let later = from_toml(&text.replace("version = 2", "version = 3")).expect_err("of a later release");
        assert!(later.to_string().contains("version 3") && later.remedy.is_some(), "{later}");
    }
}

/// What PowerShell writes, and what people copy from an address bar.
#[test]
fn recipes_of_windows_are_read_or_told_why_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recipe.toml");
    let first = *names().first().expect("a preset");
    let recipe = preset(first).expect("a recipe");
    let text = to_toml(&recipe).expect("TOML");
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        [b"\xFF\xFE".to_vec(), units.clone()].concat(),
        units,
        [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat(),
    ] {
        std::fs::write(&path, bytes).expect("a file");
        assert_eq!(read(&path).expect("a recipe").name, recipe.name);
    }
    let data = |value: &str| text.replacen("[data]\n", &format!("[data]\npath = {value}\n"), 1);
    for value in ["\"C:\\Users\\me\"", "\"C:\\new\\train\""] {
        std::fs::write(&path, data(value)).expect("a file");
        let error = read(&path).expect_err("no path");
        let told = error.to_string();
        assert!(told.contains("recipe.toml") && told.contains(&value.replace('"', "'")), "{told}");
    }
    std::fs::write(&path, data("'C:\\new\\train'")).expect("a file");
    assert!(read(&path).expect("a recipe").data.path.is_some_and(|path| path.ends_with("C:\\new\\train")));
    std::fs::write(&path, b"name = \"f\xFCr\"\n").expect("a file");
    assert!(read(&path).expect_err("Latin-1").to_string().contains("UTF-8"));
}
