//! Metrics of 10,000 images, from features that are there already: what the numbers cost beside the network
//! that made the features.

use super::benchmark::{Benchmark, Member};
use super::clock::Build;
use crate::error::Result;
use crate::eval::{Gaussian, KidSubsets, Moments, NEIGHBOURS, Rows, frechet_distance, kid, precision_recall};
use crate::random::{Random, Stream};

/// Images of each of the two sets.
const IMAGES: usize = 10_000;
/// Numbers of an image's features, by who has so many.
const WIDTHS: [(&str, usize); 2] = [("resnet", 64), ("inception", 2048)];

/// From the features of two sets to a number.
type Body = fn(&[f32], &[f32], usize) -> Result<()>;

/// Statistics of one set and their distance to the other's is what each further model costs.
const BODIES: [(&str, Body); 3] = [
    ("fid", |a, b, dim| {
        let mut moments = Moments::new(dim);
        moments.add(a);
        let other = Gaussian::of(b, dim)?;
        frechet_distance(&moments.gaussian(crate::eval::Divisor::NMinusOne)?, &other).map(drop)
    }),
    ("kid", |a, b, dim| kid(a, b, dim, &KidSubsets::default().draw(0, [IMAGES; 2])).map(drop)),
    ("precision-recall", |a, b, dim| {
        precision_recall(&Rows::new(a, dim)?, &Rows::new(b, dim)?, NEIGHBOURS);
        Ok(())
    }),
];

pub fn benchmarks() -> impl Iterator<Item = Benchmark> {
    WIDTHS.into_iter().flat_map(|(width, dim)| BODIES.map(|(name, body)| benchmark(name, width, dim, body)))
}

fn benchmark(name: &str, width: &str, dim: usize, body: Body) -> Benchmark {
    let build: Build = Box::new(move |_| {
        let random = Random::new(0, Stream::SelfTest);
        let [a, b] = [0, 1].map(|set| random.normal_batch(set, 0, IMAGES, dim));
        Ok(Box::new(move || body(&a, &b, dim)))
    });
    Benchmark {
        name: format!("metrics/{name}/{width}"),
        images: Some(IMAGES),
        shape: format!("2 sets of {IMAGES} × {dim}"),
        // Minutes: to be asked for.
        large: dim > 1000,
        torch: None,
        moved_bytes: None,
        times_a_pass: 1,
        members: vec![Member { variant: None, build }],
    }
}
