use super::record::Likeness;
use super::*;

/// Edits files called `names` by `outcome`; what was told, what is in the table, and how it ended.
fn run(names: &[&str], outcome: impl Fn(&str) -> Result<()>) -> (Vec<String>, String, Result<()>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("edits.csv");
    let mut table = Table::create(&path).expect("a table");
    let files: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
    let mut told = Vec::new();
    let mut tell = |event: Event<'_>| {
        if let Event::Done { file, edited } = event {
            let ended = edited.as_ref().map_or_else(ToString::to_string, |record| record.way.to_string());
            told.push(format!("{} {ended}", file.display()));
        }
    };
    let ended = each(&files, &mut table, &mut tell, &mut |file, _| {
        outcome(&file.name)?;
        let after = Likeness { psnr: 20.0, ssim: 0.5 };
        let (result, way) = (PathBuf::from("a.png"), Way::Direct);
        Ok(Record {
            result,
            way,
            width: 8,
            height: 8,
            before: None,
            after,
            moved_rms: 0.1,
            idempotence_rms: 0.1,
        })
    });
    (told, std::fs::read_to_string(path).expect("a table"), ended)
}

#[test]
fn a_lost_device_ends_it_all_with_the_file_it_happened_at() {
    let (told, table, ended) = run(&["a.png", "b.png", "c.png"], |name| match name {
        "b" => Err(Error::new(Kind::Device, "the device is gone")),
        _ => Ok(()),
    });
    let error = ended.expect_err("no device");
    assert_eq!((error.kind, error.to_string()), (Kind::Device, "b.png: the device is gone".to_string()));
    assert_eq!(told, ["a.png direct"]);
    assert!(table.contains("b.png,") && !table.contains("c.png"), "{table}");
}

#[test]
fn a_bad_file_is_named_and_the_others_are_edited() {
    let refuse = |name: &str| match name {
        "b" => Err(Error::usage("too large")),
        "c" => Err(Error::data("mask.png", "no picture")),
        _ => Ok(()),
    };
    let (told, table, ended) = run(&["a.png", "b.png", "c.png", "d.png"], refuse);
    ended.expect("two of four");
    assert_eq!(
        told,
        ["a.png direct", "b.png b.png: too large", "c.png mask.png: no picture", "d.png direct"]
    );
    assert_eq!(table.lines().count(), 5);
    let (_, _, ended) = run(&["b.png"], refuse);
    assert_eq!(ended.expect_err("none").to_string(), "b.png: too large");
}
