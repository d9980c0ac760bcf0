//! Zips and folders of pictures.

use super::*;

#[test]
fn an_exported_zip_comes_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let demo = recipe::Data { size: 16, limit: Some(40), ..recipe::Data::default() };
    let (set, _) = open(&demo, 3, &mut |_, _| Ok(())).unwrap();
    let path = folder.path().join("demo.zip");
    export_zip(&set, &path).unwrap();
    let (back, report) = open_limited(&path, 16, None).unwrap();
    assert_eq!((&back.hash, &back.labels, &back.class_names), (&set.hash, &set.labels, &set.class_names));
    assert_eq!((report.found, report.used, report.resized), (40, 40, 0));
    assert!(report.skipped.is_empty() && report.warnings.is_empty(), "{report}");
    // The same bytes again, and nothing left beside them.
    let first = std::fs::read(&path).unwrap();
    export_zip(&set, &path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), first);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(export_zip(&set, &folder.path().join("nowhere/demo.zip")).is_err());
}

#[test]
fn a_gray_set_without_labels_is_exported_too() {
    let folder = tempfile::tempdir().unwrap();
    let pixels = (0..5 * 64).map(|i| (i % 256) as u8).collect();
    let set = Dataset::new("gray", 1, 8, pixels, None, Vec::new()).unwrap();
    let path = folder.path().join("gray.zip");
    export_zip(&set, &path).unwrap();
    let (back, report) = open_at(&path).unwrap();
    assert_eq!((back.hash, back.channels, back.labels), (set.hash, 1, None));
    assert!(report.warnings.is_empty(), "{report}");
}

#[test]
fn zip_and_folder_agree_on_order_classes_and_damage() {
    let whole = flat_png(8, 8, [10, 0, 0]);
    let cut = &whole[..whole.len() - 20];
    let (b, c, d) = (flat_png(8, 8, [20, 0, 0]), flat_png(12, 10, [30, 0, 0]), flat_png(4, 4, [40, 0, 0]));
    let files: [(&str, &[u8]); 8] = [
        ("dog/b.png", &b),
        ("cat/z.png", &whole),
        ("dog/a.PNG", &c),
        ("cat/deep/er.png", &d),
        ("cat/cut.png", cut),
        ("dog/notes.txt", b"not a picture"),
        (".hidden/x.png", &b),
        ("dog/empty.jpg", b""),
    ];
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("set");
    write_folder(&root, &files);
    let zip = folder.path().join("set.zip");
    write_zip(&zip, &files);
    let (from_folder, report) = open_at(&root).unwrap();
    let (from_zip, zip_report) = open_at(&zip).unwrap();
    assert_eq!(from_folder.hash, from_zip.hash);
    assert_eq!(firsts(&from_folder), [40, 10, 30, 20]);
    assert_eq!(from_folder.labels.as_deref(), Some(&[0, 0, 1, 1][..]));
    assert_eq!(from_folder.class_names, ["cat", "dog"]);
    assert_eq!((report.found, report.used, report.resized, report.enlarged), (7, 4, 2, 1));
    let names: Vec<&str> = report.skipped.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["cat/cut.png", "dog/empty.jpg", "dog/notes.txt"]);
    assert_eq!(zip_report.skipped.len(), 3);
}

#[test]
fn gray_and_colour_together_are_colour() {
    let folder = tempfile::tempdir().unwrap();
    let gray = encode(DynamicImage::ImageLuma8(image::GrayImage::from_pixel(8, 8, image::Luma([77]))));
    write_folder(folder.path(), &[("a.png", &gray), ("b.png", &flat_png(8, 8, [1, 2, 3])), ("c.png", &gray)]);
    let (set, report) = open_at(folder.path()).unwrap();
    assert_eq!((set.channels, set.classes()), (3, 0));
    assert_eq!(set.image_u8(2), [77; 192]);
    assert!(report.to_string().contains("8×8 RGB"));
}

#[test]
fn a_label_file_that_is_wrong_is_told_and_not_fatal() {
    let folder = tempfile::tempdir().unwrap();
    let png = flat_png(8, 8, [5, 5, 5]);
    for (i, json) in
        ["{\"labels\": 3}", "not json", "[1, 2", "{\"labels\": [[\"other.png\", 1]]}"].iter().enumerate()
    {
        let path = folder.path().join(format!("{i}.zip"));
        write_zip(&path, &[("a.png", &png), ("b.png", &png), ("dataset.json", json.as_bytes())]);
        let (set, report) = open_at(&path).unwrap();
        assert_eq!((set.len(), set.labels), (2, None));
        assert_eq!(report.warnings.len(), 1, "{report}");
    }
    let path = folder.path().join("half.zip");
    write_zip(
        &path,
        &[("s/a.png", &png), ("s/b.png", &png), ("s/dataset.json", b"{\"labels\": [[\"b.png\", 2]]}")],
    );
    let (set, report) = open_at(&path).unwrap();
    assert_eq!((set.len(), set.labels, set.class_names.len()), (2, None, 0));
    assert!(
        report.skipped.is_empty() && report.warnings[0].contains("1 of 2 images have no class (s/a.png)")
    );
}

#[test]
fn a_limit_is_filled_up_past_unusable_files() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..30u8 {
        let bytes = if i % 3 == 0 { b"broken".to_vec() } else { flat_png(8, 8, [i, 0, 0]) };
        std::fs::write(folder.path().join(format!("{i:02}.png")), bytes).unwrap();
    }
    let (set, report) = open_limited(folder.path(), 8, Some(15)).unwrap();
    assert_eq!((set.len(), report.found), (15, 30));
    assert_eq!(report.beyond_limit(), 30 - 15 - report.skipped.len());
    assert_eq!(open_limited(folder.path(), 8, Some(15)).unwrap().0.hash, set.hash);
    assert_eq!(open_limited(folder.path(), 8, Some(100)).unwrap().0.len(), 20);
}

#[test]
fn damaged_zips_are_errors_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.zip");
    let png = flat_png(8, 8, [9, 9, 9]);
    write_zip(&whole, &[("a.png", &png), ("b.png", &png)]);
    let bytes = std::fs::read(&whole).unwrap();
    for cut in [4, 30, bytes.len() / 2, bytes.len() - 5] {
        let error = open_at(&file(&folder, "cut.zip", &bytes[..cut])).unwrap_err();
        assert!(error.remedy.is_some(), "{error}");
    }
    // Every single damaged byte either costs a picture or the whole file, but never a panic.
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] ^= 0xFF;
        if let Ok((set, report)) = open_at(&file(&folder, "bent.zip", &bent)) {
            assert!(set.len() + report.skipped.len() <= 2 && !set.is_empty());
        }
    }
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.zip");
    let png = flat_png(8, 8, [9, 9, 9]);
    // One bomb is no picture, the other pretends to be.
    let zeros = vec![0; 4 << 20];
    let mut disguised = png.clone();
    disguised.resize(limits::MAX_FILE_BYTES as usize + 1, 0);
    write_zip(&path, &[("a.png", &png), ("zeros.png", &zeros), ("disguised.png", &disguised)]);
    let (set, report) = open_at(&path).unwrap();
    assert_eq!((set.len(), report.skipped.len()), (1, 2));
    assert!(report.skipped.iter().any(|(_, reason)| reason.contains("larger than")), "{report}");
    // A directory that declares far more than there is.
    let mut bytes = std::fs::read(&path).unwrap();
    let entry = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
    if let Ok((set, report)) = open_at(&file(&folder, "liar.zip", &bytes)) {
        assert!(set.len() + report.skipped.len() == 3);
    }
}

#[test]
fn what_is_no_data_set_is_told_with_what_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &Path| open_at(path).unwrap_err().to_string();
    assert!(said(folder.path()).contains("no files"));
    write_folder(folder.path(), &[("x/readme.txt", b"hello"), ("x/more.txt", b"hello")]);
    assert!(said(folder.path()).contains("none of its 2 files"));
    assert!(said(&file(&folder, "notes.md", b"# hello")).contains("accepted are"));
    assert!(said(&file(&folder, "nothing", b"")).contains("accepted are"));
    assert!(said(&file(&folder, "one.png", &flat_png(8, 8, [0; 3]))).contains("single picture"));
    assert!(said(&folder.path().join("ons.png")).contains("did you mean one.png"));
    write_zip(&folder.path().join("empty.zip"), &[]);
    assert!(said(&folder.path().join("empty.zip")).contains("no files"));
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_pipes_end() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path(), &[("sub/a.png", &flat_png(8, 8, [1; 3]))]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/loop")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("gone.png"), folder.path().join("dangling.png")).unwrap();
    let (set, report) = open_at(folder.path()).unwrap();
    assert_eq!((set.len(), report.skipped.len()), (1, 2), "{report}");
}

#[test]
fn one_picture_opens_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "one.png", &flat_png(9, 5, [1, 2, 3]));
    assert_eq!(open_picture(&path).unwrap(), RgbImage::from_pixel(9, 5, Rgb([1, 2, 3])));
    assert!(open_picture(&file(&folder, "bad.png", b"no")).unwrap_err().remedy.is_some());
    assert!(open_picture(&folder.path().join("two.png")).is_err());
    assert!(open_picture(folder.path()).is_err());
}
