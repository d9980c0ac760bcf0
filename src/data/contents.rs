//! What the files of a container are together: pictures, or a known set in files of its own.

use std::path::Path;

use super::cifar;
use super::container::Container;
use super::idx;
use super::names::{LABELS_FILE, file_name};
use super::what::{What, is_called_picture};
use crate::error::Result;

/// Files whose beginnings are held at a time.
const PIECE: usize = 4096;

/// What is in a container, by the numbers of its files.
#[derive(Debug, PartialEq)]
pub enum Contents {
    Pictures(Pictures),
    Idx(idx::Chosen),
    /// CIFAR's files of records.
    Cifar(Vec<usize>),
}

/// Files among which pictures are looked for.
#[derive(Debug, Default, PartialEq)]
pub struct Pictures {
    /// All of them, sorted by name.
    pub files: Vec<usize>,
    /// Which of `files` are pictures as far as ending or first bytes tell.
    pub is_picture: Vec<bool>,
    /// The topmost `dataset.json`, and the folder it lies in ("" or "a/b/").
    pub json: Option<(usize, String)>,
}

/// Looks at the files of a container. Where there are pictures, they are what is meant; files of other sets
/// beside them are named in `warnings`.
///
/// # Errors
/// Nothing but CIFAR in the Python version, which is a pickle.
pub fn look(path: &Path, container: &mut dyn Container, warnings: &mut Vec<String>) -> Result<Contents> {
    let names = container.names().to_vec();
    let mut pictures = Pictures::default();
    for (i, name) in names.iter().enumerate() {
        match name.strip_suffix(LABELS_FILE) {
            Some(base) if base.is_empty() || base.ends_with('/') => {
                if pictures.json.as_ref().is_none_or(|(_, known)| base.len() < known.len()) {
                    pictures.json = Some((i, base.to_string()));
                }
            }
            _ => pictures.files.push(i),
        }
    }
    let of = |which: &[usize], container: &mut dyn Container| -> Vec<What> {
        let pieces = which.chunks(PIECE);
        pieces
            .flat_map(|piece| {
                let heads = container.heads(piece);
                piece.iter().zip(heads).map(|(&i, head)| What::of(&names[i], &head)).collect::<Vec<_>>()
            })
            .collect()
    };
    let (called, others): (Vec<usize>, Vec<usize>) =
        pictures.files.iter().partition(|&&i| is_called_picture(&names[i]));
    let mut what = vec![What::Picture; names.len()];
    others.iter().zip(of(&others, container)).for_each(|(&i, is)| what[i] = is);
    let those = |wanted: What, what: &[What]| -> Vec<usize> {
        pictures.files.iter().copied().filter(|&i| what[i] == wanted).collect()
    };
    let has_raw = what.iter().any(|is| matches!(is, What::IdxImages | What::Cifar | What::CifarPickle));
    if has_raw {
        // Only now does it matter whether those that are called pictures are any.
        called.iter().zip(of(&called, container)).for_each(|(&i, is)| what[i] = is);
    }
    let (idx_images, cifar) = (those(What::IdxImages, &what), those(What::Cifar, &what));
    if those(What::Picture, &what).is_empty() {
        if let Some(chosen) = idx::choose(&names, &idx_images, &those(What::IdxLabels, &what), warnings) {
            return Ok(Contents::Idx(chosen));
        }
        if !cifar.is_empty() {
            return Ok(Contents::Cifar(cifar));
        }
        if has_raw {
            return Err(cifar::no_records(path));
        }
    }
    for i in idx_images {
        warnings.push(format!(
            "{} holds IDX images and is not used, as there are pictures; give that file to use it",
            names[i]
        ));
    }
    if let Some(first) = cifar.first() {
        let name = file_name(&names[*first]);
        warnings
            .push(format!("{name} is called like a file of CIFAR's and is not used, as there are pictures"));
    }
    pictures.is_picture = pictures.files.iter().map(|&i| what[i] == What::Picture).collect();
    Ok(Contents::Pictures(pictures))
}
