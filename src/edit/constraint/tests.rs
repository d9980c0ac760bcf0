use super::*;
use crate::random::{Random, Stream};

const SHAPE: Shape = Shape { channels: 3, height: 6, width: 8 };

fn drawn(sample: u32, count: usize) -> Vec<f32> {
    Random::new(1, Stream::SelfTest).normals(2, sample, count * SHAPE.numbers())
}

fn near(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() < 1e-5, "{a} and {b} at {i}");
    }
}

fn all() -> [Constraint; 4] {
    let one: Vec<bool> = (0..SHAPE.pixels()).map(|i| i % 3 == 0).collect();
    let two = (0..2 * SHAPE.pixels()).map(|i| (i / 5) % 2 == 0).collect();
    [
        Constraint::Inpaint { known: one },
        Constraint::Inpaint { known: two },
        Constraint::Colourise,
        Constraint::SuperResolve { patch: 4 },
    ]
}

/// Replacement is the orthogonal projection onto the pictures that agree with the given one: doing it
/// twice is doing it once, the given picture stays, and the change is orthogonal to what may vary.
#[test]
fn replacement_is_an_orthogonal_projection() {
    let (given, made) = (drawn(0, 2), drawn(1, 2));
    for constraint in all() {
        constraint.check(SHAPE, 2).expect("it fits");
        let replaced = |mut x: Vec<f32>| {
            constraint.replace(&given, &mut x, SHAPE);
            x
        };
        let once = replaced(made.clone());
        assert_ne!(once, made);
        near(&replaced(once.clone()), &once);
        near(&replaced(given.clone()), &given);
        let product: f64 = made
            .iter()
            .zip(&once)
            .zip(&given)
            .map(|((made, once), given)| f64::from(made - once) * f64::from(once - given))
            .sum();
        assert!(product.abs() < 1e-3, "{constraint:?}: {product}");
    }
}

/// The start holds all that is known and nothing else of the given picture.
#[test]
fn the_start_knows_what_is_known_only() {
    let given = drawn(0, 2);
    for constraint in all() {
        let start = constraint.start(&given, SHAPE);
        let mut replaced = start.clone();
        constraint.replace(&given, &mut replaced, SHAPE);
        near(&replaced, &start);
        // Another picture with the same known part starts alike.
        let mut other = drawn(1, 2);
        constraint.replace(&given, &mut other, SHAPE);
        near(&constraint.start(&other, SHAPE), &start);
    }
}

/// Exchanging patch means is `Qᵀ (M Q c + (1 - M) Q x0)` with Householder's Q, whose first row is constant.
#[test]
fn patch_means_are_the_first_coordinate_of_an_orthogonal_basis() {
    const SIDE: usize = 4;
    const N: usize = SIDE * SIDE;
    let shape = Shape::square(1, SIDE);
    // I - 2 v vᵀ / |v|² reflects the constant direction onto the first axis and back.
    let mut v = [0.25f64; N];
    v[0] -= 1.0;
    let length: f64 = v.iter().map(|v| v * v).sum();
    let q: [[f64; N]; N] = std::array::from_fn(|i| {
        std::array::from_fn(|j| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / length)
    });
    assert!(q[0].iter().all(|value| (value - 0.25).abs() < 1e-12), "{:?}", q[0]);
    let random = Random::new(3, Stream::SelfTest);
    let (given, mut made) = (random.normals(0, 0, N), random.normals(0, 1, N));
    let turned = |x: &[f32]| q.map(|row| row.iter().zip(x).map(|(q, x)| q * f64::from(*x)).sum::<f64>());
    let mut mixed = turned(&made);
    mixed[0] = turned(&given)[0];
    let want: Vec<f32> = (0..N).map(|j| (0..N).map(|i| q[i][j] * mixed[i]).sum::<f64>() as f32).collect();
    Constraint::SuperResolve { patch: SIDE }.replace(&given, &mut made, shape);
    near(&made, &want);
}

#[test]
fn gray_of_a_corrupted_picture_is_the_luma_that_is_kept() {
    let colour = drawn(0, 1);
    let gray = luma::gray(&colour, SHAPE).repeat(3);
    let (mut from_gray, mut from_colour) = (drawn(1, 1), drawn(1, 1));
    Constraint::Colourise.replace(&gray, &mut from_gray, SHAPE);
    Constraint::Colourise.replace(&colour, &mut from_colour, SHAPE);
    near(&from_gray, &from_colour);
}

#[test]
fn what_does_not_fit_is_refused_with_a_remedy() {
    let short = Constraint::Inpaint { known: vec![true; 7] };
    let wrong = [short, Constraint::SuperResolve { patch: 1 }, Constraint::SuperResolve { patch: 7 }];
    for constraint in wrong {
        assert!(constraint.check(SHAPE, 2).expect_err("it does not fit").remedy.is_some());
    }
    assert!(Constraint::Colourise.check(Shape::square(1, 8), 1).is_err());
}
