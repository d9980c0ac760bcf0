use std::f64::consts::PI;

use super::*;
use crate::random::{Random, Stream};

/// How many pixels are masked, counted anew.
fn masked(mask: &Mask) -> u64 {
    assert!(mask.image().iter().all(|value| [0, 255].contains(value)), "a mask is black and white");
    assert_eq!(count(mask.image()), mask.masked, "the count went wrong");
    mask.masked
}

fn is_masked(mask: &Mask, x: u32, y: u32) -> bool {
    mask.image().get_pixel(x, y).0 == [255]
}

/// How many pixels can be reached from `at` by steps to one of the eight neighbours.
fn reached(mask: &Mask, at: [u32; 2]) -> u64 {
    let (mut left, mut open, mut found) = (mask.image().as_ref().clone(), vec![at], 0);
    while let Some([x, y]) = open.pop() {
        if left.get_pixel_checked(x, y).is_none_or(|value| value.0 == [0]) {
            continue;
        }
        left.put_pixel(x, y, image::Luma([0]));
        found += 1;
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy)));
        open.extend(
            around.filter_map(|(dx, dy)| Some([x.checked_add_signed(dx)?, y.checked_add_signed(dy)?])),
        );
    }
    found
}

#[test]
fn a_dab_is_a_disc() {
    for radius in [3.0, 10.0, 63.5] {
        let mut mask = Mask::new(200, 160);
        let at = [90.3, 80.8];
        mask.dab(at, at, radius, 255);
        let area = PI * f64::from(radius).powi(2);
        let error = (masked(&mask) as f64 - area).abs();
        assert!(error < 4.0 * f64::from(radius).sqrt(), "{} pixels, not {area}", masked(&mask));
        for (x, y, value) in mask.image().enumerate_pixels() {
            let distance = (x as f32 + 0.5 - at[0]).hypot(y as f32 + 0.5 - at[1]);
            assert!((distance - radius).abs() < 1e-3 || (value.0 == [255]) == (distance < radius));
        }
    }
}

#[test]
fn the_thinnest_brush_marks_one_pixel_wherever_it_points() {
    for at in [[3.0, 3.0], [3.5, 3.0], [3.0, 3.5], [3.5, 3.5], [3.99, 3.01], [0.0, 0.0]] {
        let mut mask = Mask::new(8, 8);
        mask.dab(at, at, 0.5, 255);
        assert_eq!(masked(&mask), 1, "{at:?}");
        assert!(is_masked(&mask, at[0] as u32, at[1] as u32), "{at:?}");
    }
}

#[test]
fn lines_have_no_gaps() {
    let random = Random::new(5, Stream::SelfTest);
    for line in 0..300 {
        let ends = random.uniforms(line, 0, 4);
        // Every other line begins and ends on whole numbers, where edges meet pixel centres.
        let at = |i: usize| if line % 2 == 0 { ends[i] * 39.9 } else { (ends[i] * 39.9).floor() };
        let (from, to) = ([at(0), at(1)], [at(2), at(3)]);
        for radius in [0.5, 0.8, 4.0] {
            let mut mask = Mask::new(40, 40);
            mask.dab(from, to, radius, 255);
            assert!(is_masked(&mask, to[0] as u32, to[1] as u32), "{from:?} to {to:?}");
            let from = [from[0] as u32, from[1] as u32];
            assert_eq!(reached(&mask, from), masked(&mask), "{from:?} to {to:?}, radius {radius}");
        }
    }
}

#[test]
fn a_polygon_is_filled_by_the_even_odd_rule() {
    let mut mask = Mask::new(30, 30);
    // An outline that goes round the outer square, then round the inner one.
    let square = |a: f32, b: f32| [[a, a], [b, a], [b, b], [a, b], [a, a]];
    let points: Vec<_> = square(2.0, 28.0).into_iter().chain(square(10.0, 20.0)).collect();
    mask.fill_polygon(&points, 255);
    assert_eq!(masked(&mask), 26 * 26 - 10 * 10);
    for (at, inside) in
        [([2, 2], true), ([1, 5], false), ([15, 15], false), ([9, 15], true), ([28, 9], false)]
    {
        assert_eq!(is_masked(&mask, at[0], at[1]), inside, "{at:?}");
    }
    mask.fill_polygon(&[[-50.0, -50.0], [300.0, -50.0], [-50.0, 300.0]], 0);
    assert!(mask.is_empty(), "a triangle around the picture clears it");
    mask.fill_polygon(&[[3.0, 3.0], [9.0, 9.0]], 255);
    assert!(mask.is_empty(), "a line has no inside");
}

#[test]
fn a_box_is_cut_at_the_edge_and_fits_its_polygon() {
    let mut mask = Mask::new(20, 10);
    mask.fill_box([15.0, 8.0], [1e30, -7.0], 255);
    assert_eq!(masked(&mask), 5 * 8);
    let (a, b) = ([2.4, 3.5], [11.5, 8.6]);
    let (mut one, mut other) = (Mask::new(20, 10), Mask::new(20, 10));
    one.fill_box(b, a, 200);
    other.fill_polygon(&[a, [b[0], a[1]], b, [a[0], b[1]]], 255);
    assert!(one == other && masked(&one) > 0);
    one.fill_box(a, b, 127);
    assert!(one.is_empty() && one != other);
}

#[test]
fn inverting_twice_changes_nothing() {
    let mut mask = Mask::from_image(GrayImage::from_fn(9, 4, |x, _| image::Luma([x as u8 * 30])));
    assert_eq!(masked(&mask), 4 * 4, "from 128 up");
    let before = mask.clone();
    mask.invert();
    assert_eq!((masked(&mask), mask.share()), (20, 20.0 / 36.0));
    assert_eq!(before.share(), 16.0 / 36.0, "a clone does not follow");
    mask.invert();
    assert!(mask == before);
    mask.clear();
    assert!(mask.is_empty() && masked(&mask) == 0);
}

#[test]
fn drawing_off_the_picture_is_harmless() {
    for (width, height) in [(0, 0), (1, 1), (7, 3)] {
        let mut mask = Mask::new(width, height);
        for odd in [f32::NAN, f32::INFINITY, -1e30, 1e30, -5.0, 0.0, 1.0] {
            mask.dab([odd, 1.0], [0.0, odd], 256.0, 255);
            mask.dab([0.0, 0.0], [1.0, 1.0], odd, 0);
            mask.fill_box([odd, odd], [0.0, 2.0], 255);
            mask.fill_polygon(&[[odd, 0.0], [4.0, odd], [odd, odd]], 255);
            masked(&mask);
        }
        mask.fill_polygon(&[], 255);
        assert!((0.0..=1.0).contains(&mask.share()));
    }
    let mut pixel = Mask::new(1, 1);
    pixel.dab([-3.0, 0.5], [-2.0, 0.5], 1.0, 255);
    assert!(pixel.is_empty(), "beside the picture");
    pixel.dab([-3.0, 0.5], [-2.0, 0.5], 256.0, 255);
    assert_eq!(pixel.share(), 1.0, "a large brush reaches into it");
}

#[test]
fn what_was_drawn_is_told_as_a_rectangle() {
    let mut mask = Mask::new(50, 40);
    mask.changed_since(None);
    let known = Some(mask.stamp());
    mask.dab([10.0, 10.0], [20.0, 10.0], 2.0, 255);
    assert_eq!(mask.changed_since(known), Some(Region { x: 8..22, y: 8..12 }));
    let known = Some(mask.stamp());
    mask.dab([15.0, 10.0], [15.0, 10.0], 1.0, 255);
    assert_eq!((mask.changed_since(known), Some(mask.stamp())), (None, known), "masked already");
}
