use super::*;

fn ramp(shape: Shape) -> Vec<f32> {
    let waves = |i: usize| ((i % shape.width) as f32 * 0.7).sin() * ((i / shape.width) as f32 * 0.4).cos();
    (0..shape.numbers()).map(|i| 0.8 * waves(i)).collect()
}

#[test]
fn every_name_is_read_back_and_others_are_refused() {
    for corruption in Corruption::ALL {
        assert_eq!(corruption.to_string().parse(), Ok(corruption));
    }
    assert_eq!("greyscale".parse(), Ok(Corruption::Grayscale));
    assert_eq!("noise-0.7".parse(), Ok(Corruption::Noise { sigma: 0.7 }));
    for wrong in ["", "noise-", "noise-0", "noise--1", "noise-nan", "noise-inf", "noise-11", "Blur", "mask"] {
        let error = wrong.parse::<Corruption>().expect_err(wrong);
        assert!(error.remedy.is_some_and(|r| r.contains("random-mask")), "{wrong}");
    }
}

#[test]
fn each_changes_the_picture_keeps_its_shape_and_tells_of_masks() {
    for shape in [Shape { channels: 3, height: 24, width: 33 }, Shape { channels: 1, height: 5, width: 4 }] {
        let clean = ramp(shape);
        for corruption in Corruption::ALL {
            let Corrupted { image, known } = corruption.apply(&clean, shape, 3, 1);
            assert_eq!(image.len(), clean.len(), "{corruption}");
            assert!(image.iter().all(|v| v.is_finite()), "{corruption}");
            // A single channel is gray already.
            let is_same = shape.channels == 1 && corruption == Corruption::Grayscale;
            assert_eq!(image == clean, is_same, "{corruption}");
            assert_eq!(known.is_some(), corruption.leaves_mask(), "{corruption}");
            if let Some(known) = known {
                assert_eq!(known.len(), shape.pixels());
                for (i, (value, was)) in image.iter().zip(&clean).enumerate() {
                    let want = if known[i % shape.pixels()] { *was } else { hide::HIDDEN };
                    assert_eq!(*value, want, "{corruption} at {i}");
                }
            }
        }
    }
}

#[test]
fn draws_depend_on_seed_and_index_only() {
    let shape = Shape::square(1, 64);
    let clean = ramp(shape).repeat(3);
    for corruption in [Corruption::Noise { sigma: 0.3 }, Corruption::RandomMask] {
        let all = corruption.apply_all(&clean, shape, 7);
        let second = corruption.apply(&clean[..shape.numbers()], shape, 7, 1);
        let range = shape.numbers()..2 * shape.numbers();
        assert_eq!(all.image[range.clone()], second.image[..], "{corruption}");
        assert_eq!(all.known.map(|k| k[range].to_vec()), second.known, "{corruption}");
        for (seed, index) in [(8, 1), (7, 0)] {
            let other = corruption.apply(&clean[..shape.numbers()], shape, seed, index);
            assert_ne!(other.image, second.image, "{corruption}");
        }
    }
}

#[test]
fn shares_and_strengths_are_as_named() {
    let shape = Shape::square(1, 64);
    let clean = vec![0.0; shape.numbers()];
    let noisy = Corruption::Noise { sigma: 0.3 }.apply(&clean, shape, 0, 0).image;
    let std = (noisy.iter().map(|v| v * v).sum::<f32>() / noisy.len() as f32).sqrt();
    assert!((std - 0.3).abs() < 0.01, "{std}");
    for (corruption, share) in
        [(Corruption::RandomMask, 0.75), (Corruption::BoxMask, 0.25), (Corruption::HalfMask, 0.5)]
    {
        let known = corruption.apply(&clean, shape, 0, 0).known.expect("a mask");
        let hidden = known.iter().filter(|k| !**k).count() as f32 / known.len() as f32;
        assert!((hidden - share).abs() < 0.02, "{corruption}: {hidden}");
    }
}

/// Flat pictures, black ones too, have no lines; an edge has one.
#[test]
fn a_sketch_shows_edges_and_nothing_else() {
    let shape = Shape { channels: 3, height: 32, width: 32 };
    for flat in [-1.0, 0.3, 1.0] {
        let drawn = Corruption::Sketch.apply(&vec![flat; shape.numbers()], shape, 0, 0).image;
        assert!(drawn.iter().all(|v| v.abs() < 1e-4), "{flat}: {}", drawn[0]);
    }
    let edge: Vec<f32> = (0..shape.numbers()).map(|i| if i % 32 < 16 { -0.5 } else { 0.5 }).collect();
    let drawn = Corruption::Sketch.apply(&edge, shape, 0, 0).image;
    assert!(drawn[15] < -0.3 && drawn[16] > 0.2 && drawn[0].abs() < 0.05, "{:?}", &drawn[..32]);
    assert_eq!(drawn[..shape.pixels()], drawn[shape.pixels()..2 * shape.pixels()]);
}
