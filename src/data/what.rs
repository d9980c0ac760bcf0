//! What a file is, told by its first bytes: names lie, and many have no ending.

use super::container::file_name;
use super::{cifar, decode, idx, unpack};

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
        let (start, _) = unpack::read_most(&mut *unpack::unpacked(head), idx::IMAGES_MAGIC.len() as u64);
        let name = file_name(name);
        if start == idx::IMAGES_MAGIC {
            Self::IdxImages
        } else if start == idx::LABELS_MAGIC {
            Self::IdxLabels
        } else if cifar::is_part(name) {
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
        packed.write_all(&idx::IMAGES_MAGIC).unwrap();
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
