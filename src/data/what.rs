//! What a file is, told by its first bytes: names lie, and many have no ending.

use super::names::file_name;
use super::{decode, unpack};

/// Bytes, three dimensions: N×H×W images.
pub const IDX_IMAGES: [u8; 4] = [0, 0, 8, 3];
/// Bytes, one dimension: N labels.
pub const IDX_LABELS: [u8; 4] = [0, 0, 8, 1];

/// Endings of picture files: those files are worth a look whatever the first bytes of others are.
const PICTURE_ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "bmp"];

/// Kinds of file that a data set is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Picture,
    /// IDX images, packed or not.
    IdxImages,
    /// IDX labels, packed or not.
    IdxLabels,
    /// CIFAR's records have no mark of their own: only their name tells.
    Cifar,
    /// CIFAR in the Python version, a pickle.
    CifarPickle,
    Other,
}

impl What {
    /// A file called `name` that begins with `head`.
    pub fn of(name: &str, head: &[u8]) -> Self {
        if decode::sniff(head).is_some() {
            return Self::Picture;
        }
        let (start, _) = unpack::read_most(&mut *unpack::unpacked(head), IDX_IMAGES.len() as u64);
        let name = file_name(name);
        if start == IDX_IMAGES {
            Self::IdxImages
        } else if start == IDX_LABELS {
            Self::IdxLabels
        } else if is_cifar_part(name) {
            Self::Cifar
        } else if start.starts_with(b"\x80")
            && ["data_batch_", "test_batch"].iter().any(|s| name.starts_with(s))
        {
            Self::CifarPickle
        } else {
            Self::Other
        }
    }
}

/// Beginnings of the names of CIFAR's files for training and for testing: of CIFAR-10 and of CIFAR-100.
pub const CIFAR10_PARTS: [&str; 2] = ["data_batch_", "test_batch."];
pub const CIFAR100_PARTS: [&str; 2] = ["train.", "test."];

fn is_cifar_part(name: &str) -> bool {
    name.ends_with(".bin")
        && [CIFAR10_PARTS, CIFAR100_PARTS].as_flattened().iter().any(|start| name.starts_with(start))
}

/// Whether a file is called a picture.
pub fn is_called_picture(name: &str) -> bool {
    let ending = file_name(name).rsplit_once('.').map_or("", |(_, ending)| ending);
    PICTURE_ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn first_bytes_decide_and_names_only_where_there_are_no_marks() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&IDX_IMAGES).unwrap();
        packed.write_all(&[7; 9000]).unwrap();
        let packed = packed.finish().unwrap();
        for (name, head, what) in [
            ("a/b", &b"\x89PNG\r\n\x1a\nrest"[..], What::Picture),
            ("data_batch_1.bin", b"\x89PNG\r\n\x1a\nrest", What::Picture),
            ("anything", &packed[..32], What::IdxImages),
            ("anything", &[0, 0, 8, 3, 1], What::IdxImages),
            ("train-images", &[0, 0, 8, 1], What::IdxLabels),
            ("x/data_batch_2.bin", &[3; 40], What::Cifar),
            ("x/data_batch_2", b"\x80\x02}q", What::CifarPickle),
            ("my images idx3 notes.txt", b"hello", What::Other),
            ("nothing.png", b"", What::Other),
        ] {
            assert_eq!(What::of(name, head), what, "{name}");
        }
    }

    #[test]
    fn endings_of_pictures_are_known_in_any_case() {
        assert!(["a.png", "b/c.JPE", "d.jfif", "x.tar.Png"].iter().all(|name| is_called_picture(name)));
        assert!(["png", "a.b/c", "a.txt", "a.png.txt"].iter().all(|name| !is_called_picture(name)));
    }
}
