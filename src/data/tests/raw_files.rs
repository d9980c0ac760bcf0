//! IDX and CIFAR files.

use super::*;

/// `count` images of `side`×`side`, image i all of value i + 1.
pub fn idx_images(count: u32, side: u32) -> Vec<u8> {
    let mut bytes = what::IDX_IMAGES.to_vec();
    [count, side, side].iter().for_each(|n| bytes.extend(n.to_be_bytes()));
    (0..count).for_each(|i| bytes.extend(vec![i as u8 + 1; (side * side) as usize]));
    bytes
}

pub fn idx_labels(labels: &[u8]) -> Vec<u8> {
    let mut bytes = what::IDX_LABELS.to_vec();
    bytes.extend((labels.len() as u32).to_be_bytes());
    bytes.extend(labels);
    bytes
}

#[test]
fn mnist_is_padded_and_finds_its_labels() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "train-images-idx3-ubyte.gz", &gzip(&idx_images(6, 28)));
    file(&folder, "train-labels-idx1-ubyte", &idx_labels(&[4, 0, 1, 1, 2, 9]));
    let (set, report) = open_limited(&path, 32, None).unwrap();
    assert_eq!((set.len(), set.channels, set.classes(), report.resized), (6, 1, 10, 0));
    assert_eq!(set.labels.as_deref(), Some(&[4, 0, 1, 1, 2, 9][..]));
    let image = set.image_u8(2);
    assert_eq!((image[0], image[33], image[66], image[29 * 32 + 29], image[30 * 32 + 29]), (0, 0, 3, 3, 0));
    let (small, report) = open_limited(&path, 16, None).unwrap();
    assert_eq!((report.resized, small.image_u8(5)[8 * 16 + 8]), (6, 6));
    // The folder that holds them works too.
    assert_eq!(open_limited(folder.path(), 32, None).unwrap().0.hash, set.hash);
    let (few, _) = open_limited(&path, 32, Some(1)).unwrap();
    assert_eq!((few.len(), few.classes()), (1, 10));
}

#[test]
fn labels_that_do_not_fit_are_left_out_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "x-images-idx3-ubyte", &idx_images(3, 8));
    let unlabelled = |part: &str| {
        let (set, report) = open_at(&path).unwrap();
        assert_eq!((set.len(), set.labels), (3, None));
        assert!(report.warnings[0].contains(part), "{report}");
    };
    unlabelled("is not beside it");
    for labels in [idx_labels(&[1, 2]), idx_labels(&[1, 2, 3, 4]), idx_labels(&[1, 2, 3])[..9].to_vec()] {
        file(&folder, "x-labels-idx1-ubyte", &labels);
        unlabelled("not one label for each");
    }
    file(&folder, "x-labels-idx1-ubyte", b"hello");
    unlabelled("no IDX file of labels");
    let error = open_at(&file(&folder, "y-labels-idx1-ubyte", &idx_labels(&[1]))).unwrap_err();
    assert!(error.to_string().contains("give the file of the images"));
}

#[test]
fn a_cut_idx_file_gives_its_whole_images() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = idx_images(5, 8);
    let (set, report) = open_at(&file(&folder, "a-images", &bytes[..16 + 64 * 3 + 10])).unwrap();
    assert_eq!(firsts(&set), [1, 2, 3]);
    assert!(report.warnings[0].contains("3 of 5"), "{report}");
    let noise: Vec<u8> =
        (0..16 + 64 * 5).map(|i| if i < 16 { bytes[i] } else { (i * i % 253) as u8 }).collect();
    let packed = gzip(&noise);
    let (set, report) = open_at(&file(&folder, "b-images.gz", &packed[..packed.len() * 2 / 3])).unwrap();
    assert!(set.len() < 5 && report.warnings[0].contains("ends early"), "{report}");
    assert!(open_at(&file(&folder, "c-images", &bytes[..17])).is_err());
    assert!(open_at(&file(&folder, "d-images", &bytes[..9])).is_err());
    for dimensions in [[0, 8, 8], [1, 0, 8], [u32::MAX, u32::MAX, u32::MAX], [u32::MAX, 1, 1]] {
        let mut hostile = what::IDX_IMAGES.to_vec();
        dimensions.iter().for_each(|n| hostile.extend(n.to_be_bytes()));
        assert!(open_at(&file(&folder, "e-images", &hostile)).is_err());
    }
}

/// CIFAR-10 records: image i has the label and red value i, and green and blue 0.
pub fn cifar_records(labels: &[u8]) -> Vec<u8> {
    labels.iter().flat_map(|label| [vec![*label; 1 + 1024], vec![0; 2048]].concat()).collect()
}

pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

#[test]
fn cifar_comes_from_archive_folder_or_file() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two, test) = (cifar_records(&[3, 1]), cifar_records(&[9]), cifar_records(&[7, 7]));
    let packed = gzip(&tar(&[
        ("cifar-10-batches-bin/test_batch.bin", &test),
        ("cifar-10-batches-bin/data_batch_2.bin", &two),
        ("cifar-10-batches-bin/data_batch_1.bin", &one),
        ("cifar-10-batches-bin/readme.html", b"hello"),
    ]));
    let path = file(&folder, "cifar-10-binary.tar.gz", &packed);
    let (set, report) = open_limited(&path, 32, None).unwrap();
    assert_eq!((firsts(&set), set.labels.as_deref()), (vec![3, 1, 9], Some(&[3, 1, 9][..])));
    assert_eq!((set.class_names[9].as_str(), report.format), ("truck", "CIFAR-10"));
    let unpacked = folder.path().join("cifar-10-batches-bin");
    write_folder(
        &unpacked,
        &[("data_batch_1.bin", &one), ("data_batch_2.bin", &two), ("test_batch.bin", &test)],
    );
    assert_eq!(open_limited(&unpacked, 32, None).unwrap().0.hash, set.hash);
    let (set, report) = open_limited(&unpacked.join("test_batch.bin"), 32, None).unwrap();
    // That these are for testing, and that nine classes have no image.
    assert_eq!((set.len(), report.warnings.len()), (2, 2));
}

#[test]
fn cifar_100_uses_its_fine_labels() {
    let folder = tempfile::tempdir().unwrap();
    let record = [vec![5, 77], vec![200; 3072]].concat();
    let path = file(&folder, "cifar-100-binary.tar", &tar(&[("cifar-100-binary/train.bin", &record)]));
    let (set, _) = open_limited(&path, 32, None).unwrap();
    assert_eq!((set.labels, set.class_names.len()), (Some(vec![77]), 78));
}

#[test]
fn damaged_cifar_gives_what_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let good = cifar_records(&[1, 2, 3]);
    let bad = cifar_records(&[4, 200, 5]);
    let whole = tar(&[("data_batch_1.bin", &good), ("data_batch_2.bin", &bad[..3073 * 2 + 9])]);
    let (set, report) = open_limited(&file(&folder, "a.tar", &whole), 32, None).unwrap();
    assert_eq!(firsts(&set), [1, 2, 3, 4]);
    assert_eq!((report.found, report.skipped.len(), report.warnings.len()), (5, 1, 2), "{report}");
    let (set, report) = open_limited(&file(&folder, "b.tar", &whole[..6000]), 32, None).unwrap();
    assert_eq!((set.len(), report.warnings.len()), (1, 3), "{report}");
    let packed = gzip(&whole);
    for cut in [3, 12, 20, packed.len() / 2] {
        // Too little for an image is an error with a remedy, and enough is a warning.
        match open_limited(&file(&folder, "c.tar.gz", &packed[..cut]), 32, None) {
            Ok((_, report)) => assert!(!report.warnings.is_empty()),
            Err(error) => assert!(error.remedy.is_some(), "{error}"),
        }
    }
    let python = gzip(&tar(&[("cifar-10-batches-py/data_batch_1", b"\x80\x02}q")]));
    let error = open_limited(&file(&folder, "cifar-10-python.tar.gz", &python), 32, None).unwrap_err();
    assert!(error.to_string().contains("pickle"), "{error}");
    assert!(open_limited(&file(&folder, "holiday.tar", &tar(&[("a.png", b"x")])), 32, None).is_err());
}
