//! Sets as people have them: archives of every packing and spelling, files without endings, labels by hand,
//! known sets in odd places.

use super::raw_files::{cifar_records, idx_images, idx_labels, tar};
use super::*;

/// A PNG of 8×8 pixels whose red is `value`.
fn png(value: u8) -> Vec<u8> {
    flat_png(8, 8, [value, 0, 0])
}

fn labelled(path: &Path) -> Result<(Dataset, Report)> {
    let path = Some(path.to_path_buf());
    let source = recipe::Data { path, size: 8, use_labels: true, ..recipe::Data::default() };
    open(&source, 1, &mut |_, _| Ok(()))
}

#[test]
fn names_in_archives_are_read_in_every_spelling() {
    let folder = tempfile::tempdir().unwrap();
    for (i, [cat, dog]) in [
        ["./cat/0.png", "./dog/1.png"],
        [".\\cat\\0.png", ".\\dog\\1.png"],
        ["set/./cat/0.png", "set/./dog/1.png"],
        [".//cat//0.png", ".//dog//1.png"],
        ["/cat/0.png", "/dog/1.png"],
        ["x/../cat/0.png", "x/../dog/1.png"],
    ]
    .iter()
    .enumerate()
    {
        let zip = folder.path().join(format!("{i}.zip"));
        write_zip(&zip, &[(cat, &png(1)), (dog, &png(2))]);
        let (set, report) = open_at(&zip).unwrap();
        assert_eq!(
            (firsts(&set), set.class_names),
            (vec![1, 2], vec!["cat".into(), "dog".into()]),
            "{report}"
        );
    }
    let zip = folder.path().join("out.zip");
    write_zip(&zip, &[("../out.png", &png(1)), ("a/../../b.png", &png(1)), ("in.png", &png(2))]);
    let (set, report) = open_at(&zip).unwrap();
    assert_eq!((firsts(&set), report.skipped.len()), (vec![2], 2));
    assert!(report.skipped.iter().all(|(_, why)| why.contains("leads out")), "{report}");
    // The labels and the files may each have their own spelling.
    write_zip(
        &zip,
        &[
            ("./s/Blu\u{308}te/0.png", &png(1)),
            ("./s/1.png", &png(2)),
            (".\\s\\dataset.json", "{\"labels\": [[\"Bl\u{fc}te/0.png\", 1], [\"./1.png\", 0]]}".as_bytes()),
        ],
    );
    let (set, report) = labelled(&zip).unwrap();
    assert_eq!((set.labels, report.format), (Some(vec![0, 1]), "zip with dataset.json"));
}

#[test]
fn archives_are_read_in_every_packing() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("bzip2.zip");
    let mut writer = ::zip::ZipWriter::new(std::fs::File::create(&zip).unwrap());
    let options =
        ::zip::write::SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Bzip2);
    writer.start_file("a.png", options).unwrap();
    writer.write_all(&png(10)).unwrap();
    writer.finish().unwrap();
    assert_eq!(firsts(&open_at(&zip).unwrap().0), [10]);
    // What Python's zipfile makes of the same picture with LZMA.
    let hex = "504b03043f0002000e0040bb7d5d225a501e590000004a00000005000000612e706e67090405005d0000800000449405c47a27f6\
               f7ee898e509088b3aad55022584388299855ff6574b9d55e997c16466234c00d82ff4b6ebc8fdbeee747a578f09cd1e9edb3d103\
               ac8851cbe8aa8563214b2911f8c77fff77d40000504b01023f033f0002000e0040bb7d5d225a501e590000004a00000005000000\
               0000000000000000800100000000612e706e67504b05060000000001000100330000007c0000000000";
    let mut lzma: Vec<u8> =
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    assert_eq!(firsts(&open_at(&file(&folder, "lzma.zip", &lzma)).unwrap().0), [10]);
    // A dictionary of 4 GiB, which nobody needs for a picture.
    let dictionary = lzma.windows(5).position(|five| five == [0x5d, 0, 0, 0x80, 0]).unwrap() + 1;
    lzma[dictionary..dictionary + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = open_at(&file(&folder, "hungry.zip", &lzma)).unwrap_err();
    assert!(error.to_string().contains("4095 MiB of memory"), "{error}");

    let (one, two) = (png(1), png(2));
    let plain = tar(&[("set/cat/1.png", &one), ("set/dog/2", &two), ("set/readme.txt", b"hello")]);
    let mut bzip2 = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    bzip2.write_all(&plain).unwrap();
    for (name, bytes) in [
        ("set.tar", plain.clone()),
        ("set.tgz", gzip(&plain)),
        ("set.tar.bz2", bzip2.finish().unwrap()),
        ("no ending", gzip(&plain)),
    ] {
        let (set, report) = open_at(&file(&folder, name, &bytes)).unwrap();
        assert_eq!((firsts(&set), set.classes(), report.format), (vec![1, 2], 2, "tar"), "{name}: {report}");
        assert_eq!(report.skipped.len(), 1, "{report}");
    }
    for (bytes, remedy) in [
        (&b"7z\xBC\xAF\x27\x1C\0\x04"[..], "unpack it"),
        (b"Rar!\x1A\x07\x01\0", "unpack it"),
        (b"\xFD7zXZ\0\0\x04", "tar xf"),
        (b"\x28\xB5\x2F\xFD\x04\0", "tar xf"),
        (b"PAR1\x15\x04", "save its pictures"),
        (b"\x80\x04\x95", "never executed"),
    ] {
        let error = open_at(&file(&folder, "other", bytes)).unwrap_err();
        assert!(error.to_string().contains(remedy), "{error}");
    }
}

#[test]
fn first_bytes_say_what_a_picture_is_and_no_class_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let jpeg = {
        let mut bytes = Cursor::new(Vec::new());
        let picture = RgbImage::from_pixel(8, 8, Rgb([200, 0, 0]));
        DynamicImage::ImageRgb8(picture).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    };
    let root = folder.path().join("set");
    write_folder(
        &root,
        &[
            ("bird/0", &png(1)),
            ("bird/1", &png(2)),
            ("cat/0.jpe", &jpeg),
            ("dog/0.png", &png(3)),
            ("dog/notes", b"hm"),
        ],
    );
    let zip = folder.path().join("set.zip");
    write_zip(
        &zip,
        &[
            ("bird/0", &png(1)),
            ("bird/1", &png(2)),
            ("cat/0.jpe", &jpeg),
            ("dog/0.png", &png(3)),
            ("dog/notes", b"hm"),
        ],
    );
    for path in [&root, &zip] {
        let (set, report) = labelled(path).unwrap();
        assert_eq!(set.class_names, ["bird", "cat", "dog"]);
        assert_eq!((set.labels.unwrap(), report.skipped.len()), (vec![0, 0, 1, 2], 1), "{report}");
    }
}

#[test]
fn a_picture_counts_for_more_than_the_labels_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("some.zip");
    let json = br#"{"labels": [["a.png", 0], ["c.png", 1]]}"#;
    write_zip(
        &zip,
        &[
            ("a.png", &png(1)),
            ("b.png", &png(2)),
            ("c.png", &png(3)),
            ("d.png", &png(4)),
            ("dataset.json", json),
        ],
    );
    let (set, report) = open_at(&zip).unwrap();
    assert_eq!((set.len(), set.labels), (4, None));
    assert!(report.warnings[0].contains("2 of 4 images have no class (b.png, d.png)"), "{report}");
    let error = labelled(&zip).unwrap_err();
    assert!(error.what.contains("2 of 4 images have no class (b.png, d.png)"), "{error}");
}

#[test]
fn an_error_for_want_of_labels_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("set.zip");
    for (json, why) in [
        (&b"{\"labels\": 3}"[..], "cannot be read"),
        (b"{\"labels\": [[\"other.png\", 1]]}", "names other.png"),
        (b"{\"labels\": [[\"a.png\", [1, 0]]]}", "1 of 1 entries"),
    ] {
        write_zip(&zip, &[("a.png", &png(1)), ("dataset.json", json)]);
        let error = labelled(&zip).unwrap_err().to_string();
        assert!(error.contains("no labels") && error.contains(why), "{error}");
        assert_eq!(open_at(&zip).unwrap().0.len(), 1);
    }
    let root = folder.path().join("D");
    write_folder(
        &root,
        &[("train/cat/0.png", &png(1)), ("train/dog/0.png", &png(2)), ("val/cat/0.png", &png(3))],
    );
    let error = labelled(&root).unwrap_err().to_string();
    assert!(error.contains("--data …/train"), "{error}");
    assert_eq!(labelled(&root.join("train")).unwrap().0.class_names, ["cat", "dog"]);
    let (set, report) = open_at(&root).unwrap();
    assert_eq!((set.len(), set.labels, report.warnings.len()), (3, None, 1));
}

#[test]
fn a_class_without_images_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("from-1.zip");
    let json = br#"{"labels": [["a.png", 1], ["b.png", 2]]}"#;
    write_zip(&zip, &[("a.png", &png(1)), ("b.png", &png(2)), ("dataset.json", json)]);
    let (set, report) = labelled(&zip).unwrap();
    assert_eq!((set.classes(), set.empty_classes()), (3, vec![0]));
    assert!(report.warnings[0].starts_with("1 of 3 classes have no image (0)"), "{report}");
}

#[test]
fn known_sets_are_found_wherever_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let (images, labels) = (idx_images(3, 8), idx_labels(&[2, 0, 1]));
    let test = idx_images(2, 8);
    type Layout<'a> = (&'a str, Vec<(&'a str, &'a [u8])>);
    let layouts: [Layout<'_>; 4] = [
        (
            "kaggle",
            vec![
                ("t10k-images-idx3-ubyte/t10k-images-idx3-ubyte", &test),
                ("t10k-images.idx3-ubyte", &test),
                ("train-images-idx3-ubyte/train-images-idx3-ubyte", &images),
                ("train-images.idx3-ubyte", &images),
                ("train-labels-idx1-ubyte/train-labels-idx1-ubyte", &labels),
                ("train-labels.idx1-ubyte", &labels),
            ],
        ),
        (
            "torchvision",
            vec![
                ("MNIST/raw/train-images-idx3-ubyte", &images),
                ("MNIST/raw/train-labels-idx1-ubyte", &labels),
            ],
        ),
        ("plain", vec![("pictures.bin", &images), ("classes.bin", &labels)]),
        (
            "apart",
            vec![
                ("train-images-idx3-ubyte/train-images-idx3-ubyte", &images),
                ("train-labels-idx1-ubyte/train-labels-idx1-ubyte", &labels),
            ],
        ),
    ];
    for (name, files) in &layouts {
        let root = folder.path().join(name);
        write_folder(&root, files);
        let zip = folder.path().join(format!("{name}.zip"));
        write_zip(&zip, files);
        let tar = file(&folder, &format!("{name}.tgz"), &gzip(&tar(files)));
        for path in [&root, &zip, &tar] {
            let (set, report) = labelled(path).unwrap();
            assert_eq!(
                (firsts(&set), set.labels.unwrap()),
                (vec![1, 2, 3], vec![2, 0, 1]),
                "{name}: {report}"
            );
            assert!(report.warnings.is_empty(), "{name}: {report}");
        }
    }
    // The file itself, whose labels lie in the folder beside its own.
    let inner = folder.path().join("apart/train-images-idx3-ubyte/train-images-idx3-ubyte");
    assert_eq!(labelled(&inner).unwrap().0.labels.unwrap(), [2, 0, 1]);
    let zip = folder.path().join("cifar.zip");
    write_zip(&zip, &[("c/data_batch_1.bin", &cifar_records(&[3, 1])), ("c/batches.meta.txt", b"airplane")]);
    assert_eq!(labelled(&zip).unwrap().0.labels.unwrap(), [3, 1]);
}

#[test]
fn pictures_win_and_a_stray_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (stray, bytes) in [
        ("test.bin", cifar_records(&[1])),
        ("data_batch_1.bin", b"no records at all".to_vec()),
        ("my images idx3 notes.txt", b"hello".to_vec()),
        ("train-images-idx3-ubyte", idx_images(3, 8)),
    ] {
        let root = folder.path().join(stray);
        write_folder(&root, &[("a.png", &png(1)), (stray, &bytes), ("z.png", &png(2))]);
        let (set, report) = open_at(&root).unwrap();
        assert_eq!((firsts(&set), report.skipped.len()), (vec![1, 2], 1), "{report}");
        assert_eq!(report.skipped[0].0, stray);
    }
    // Something that is only called a picture does not win.
    let root = folder.path().join("called");
    write_folder(&root, &[("a.png", b"no picture"), ("train-images-idx3-ubyte", &idx_images(3, 8))]);
    assert_eq!(firsts(&open_at(&root).unwrap().0), [1, 2, 3]);
}

#[test]
fn colour_profiles_are_told_once() {
    use image::ImageEncoder;
    let folder = tempfile::tempdir().unwrap();
    let profiled = || {
        let mut icc = vec![0; 132];
        icc[16..20].copy_from_slice(b"RGB ");
        icc[36..40].copy_from_slice(b"acsp");
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(icc).unwrap();
        encoder.write_image(&[9; 192], 8, 8, image::ExtendedColorType::Rgb8).unwrap();
        bytes
    };
    write_folder(folder.path(), &[("a.png", &profiled()), ("b.png", &png(1)), ("c.png", &profiled())]);
    let (_, report) = open_at(folder.path()).unwrap();
    assert_eq!(report.warnings.len(), 1);
    assert!(report.warnings[0].starts_with("2 of 3 pictures have a colour profile"), "{report}");
}
