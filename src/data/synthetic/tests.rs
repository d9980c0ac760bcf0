use std::collections::HashSet;

use super::*;
use crate::recipe;

fn open_set(size: usize, limit: Option<usize>, seed: u32) -> (Dataset, Report) {
    let source = recipe::Data { size, limit, ..recipe::Data::default() };
    open(&Plan::new(&source, seed).unwrap(), &mut |_, _| Ok(())).unwrap()
}

/// Mean absolute difference of two pictures, bytes.
fn distance(a: &[u8], b: &[u8]) -> f64 {
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

#[test]
fn the_set_is_a_function_of_its_seed() {
    let (one, report) = open_set(16, Some(120), 5);
    assert_eq!((one.len(), one.channels, report.used), (120, 3, 120));
    assert_eq!(one.hash, open_set(16, Some(120), 5).0.hash);
    assert_ne!(one.hash, open_set(16, Some(120), 6).0.hash);
    // A longer set begins with the shorter one.
    assert_eq!(one.image_u8(119), open_set(16, Some(130), 5).0.image_u8(119));
}

#[test]
fn pictures_are_distinct_and_every_class_is_there() {
    let (set, report) = open_set(16, None, 0);
    assert_eq!(set.len(), DEFAULT_COUNT);
    let distinct: HashSet<&[u8]> = (0..set.len()).map(|i| set.image_u8(i)).collect();
    assert_eq!(distinct.len(), set.len());
    assert_eq!(report.classes.len(), SCENES.len());
    assert!(report.classes.iter().all(|(_, count)| *count >= DEFAULT_COUNT / SCENES.len()));
}

#[test]
fn pictures_of_a_class_resemble_each_other_more_than_others() {
    let (set, _) = open_set(16, Some(600), 1);
    let mean = |class: usize| -> Vec<f64> {
        let members: Vec<&[u8]> = (class..600).step_by(SCENES.len()).map(|i| set.image_u8(i)).collect();
        (0..set.image_len())
            .map(|p| members.iter().map(|m| f64::from(m[p])).sum::<f64>() / members.len() as f64)
            .collect()
    };
    let means: Vec<Vec<f64>> = (0..SCENES.len()).map(mean).collect();
    for (i, a) in means.iter().enumerate() {
        for b in &means[..i] {
            let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / a.len() as f64;
            assert!(apart > 8.0, "two classes look alike: {apart}");
        }
    }
}

#[test]
fn a_picture_looks_the_same_at_every_size() {
    for index in 0..SCENES.len() * 4 {
        let (small, large) = (paint(3, index, 16), paint(3, index, 32));
        let halved: Vec<u8> = (0..3 * 16 * 16)
            .map(|i| {
                let (c, y, x) = (i / 256, i / 16 % 16, i % 16);
                let corner = c * 1024 + y * 64 + x * 2;
                let four = [0, 1, 32, 33].map(|step| u32::from(large[corner + step]));
                (four.iter().sum::<u32>() / 4) as u8
            })
            .collect();
        let apart = distance(&small, &halved);
        assert!(apart < 4.0, "picture {index} differs by {apart}");
    }
}

#[test]
fn no_picture_is_flat() {
    for index in 0..SCENES.len() * 10 {
        let picture = paint(9, index, 16);
        let mean = picture.iter().map(|v| f64::from(*v)).sum::<f64>() / picture.len() as f64;
        let spread = picture.iter().map(|v| (f64::from(*v) - mean).abs()).sum::<f64>() / picture.len() as f64;
        assert!(spread > 15.0, "picture {index} has a spread of {spread}");
    }
}
