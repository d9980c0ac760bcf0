//! What an archive of numpy's holds where it holds no statistics, and what makes statistics of that.

use super::npy::Head;
use crate::error::{Error, Kind};

/// The error for an archive whose arrays are these.
pub fn no_statistics(arrays: &[(String, Head)]) -> Error {
    let error = |what: String| Error::new(Kind::Data, what);
    if let Some((name, images)) = arrays.iter().find(|(_, head)| is_images(head)) {
        let what = format!(
            "there are no statistics in it, but images: array {name}, {} of {:?}",
            images.shape.first().unwrap_or(&0),
            images.shape.get(1..).unwrap_or_default()
        );
        let row = as_picture(&images.shape);
        return error(what).hint(format!(
            "write them as pictures and give the folder: python -c \"import os, numpy, PIL.Image; \
             os.makedirs('pictures'); [PIL.Image.fromarray({row}).save(f'pictures/{{i:06}}.png') for i, a in \
             enumerate(numpy.load('FILE.npz')['{name}'])]\""
        ));
    }
    let listed: Vec<String> =
        arrays.iter().map(|(name, head)| format!("{name} ({}, {:?})", head.kind, head.shape)).collect();
    let has = if listed.is_empty() { "none".to_string() } else { listed.join(", ") };
    let what = format!("the archive has no array mu; its arrays are: {has}");
    match arrays.iter().find(|(_, head)| head.kind.starts_with('f') && head.shape.len() == 2) {
        Some((name, _)) => error(what).hint(format!(
            "if {name} is features, one row an image: numpy.savez(FILE, mu={name}.mean(axis=0), \
             sigma=numpy.cov({name}, rowvar=False))"
        )),
        None => error(what).hint("a reference for Fréchet distances has arrays mu and sigma"),
    }
}

/// Bytes in the shape of many pictures.
fn is_images(head: &Head) -> bool {
    let is_colour = |channels: &usize| matches!(channels, 1 | 3 | 4);
    let is_pictures = match head.shape.as_slice() {
        [_, _, _] => true,
        [_, first, _, last] => is_colour(first) || is_colour(last),
        _ => false,
    };
    head.kind == "u1" && is_pictures
}

/// What makes of `a`, one of an array of this shape, rows of pixels.
fn as_picture(shape: &[usize]) -> &'static str {
    match shape {
        [_, _, _, 1] => "a[:, :, 0]",
        [_, _, _, 3 | 4] | [_, _, _] => "a",
        [_, 1, _, _] => "a[0]",
        _ => "a.transpose(1, 2, 0)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_for_what_is_there() {
        let head = |kind: &str, shape: &[usize]| Head { kind: kind.into(), shape: shape.to_vec() };
        for (kind, shape, words) in [
            ("u1", &[40, 16, 16, 3][..], "fromarray(a).save"),
            ("u1", &[40, 3, 16, 16], "fromarray(a.transpose(1, 2, 0))"),
            ("u1", &[40, 28, 28], "['arr_0']"),
            ("f4", &[40, 2048], "rowvar=False"),
            ("i8", &[40], "mu and sigma"),
        ] {
            let error = no_statistics(&[("arr_0".into(), head(kind, shape))]).to_string();
            assert!(error.contains(words) && error.contains("arr_0"), "{error}");
        }
        assert!(no_statistics(&[]).to_string().contains("none"));
    }
}
