//! Images flipped and warped, beside the CPU's.

use burn::tensor::Device;

use super::super::{Affine, Warp, Warps, warped};
use super::random::arrive;
use super::{Arrival, Errors, SEED, floats, upload, wide};
use crate::gpu::compare::{max_relative_error, worse};
use crate::random::{Random, Stream};

/// Each kind of change and none, and two with several in one; in images of so many pixels a side.
fn changes(size: usize) -> Vec<Warp> {
    let mapped = |map: Affine| Warp { map, ..Warp::NONE };
    let stretched = Affine::turned(-0.4).of(Affine::unscaled(1.3, 1.0 / 1.3)).of(Affine::turned(0.4));
    let everything = Affine::unscaled(0.9, 0.9).of(Affine::turned(2.5)).of(stretched);
    vec![
        Warp::NONE,
        Warp { x_flip: true, ..Warp::NONE },
        Warp { y_flip: true, ..Warp::NONE },
        Warp { x_flip: true, y_flip: true, ..mapped(Affine::unmoved(1.3, -0.7)) },
        mapped(Affine::unscaled(1.4, 1.4)),
        mapped(Affine::unscaled(0.6, 0.6)),
        mapped(Affine::turned(0.7)),
        mapped(stretched),
        // Most of what is seen then lies beyond the border.
        mapped(Affine::unmoved(0.9 * size as f64, -2.5)),
        Warp { x_flip: true, ..mapped(everything.of(Affine::unmoved(-1.7, 3.1))) },
    ]
}

/// Times that all changes are in a batch which is too large to be told of along with a launch.
const MANY: usize = 120;

/// Errors of images of odd sides and of single channels, of whole batches and of their parts. There are no gradients.
pub fn warps(device: &Device) -> Errors {
    let few = [([3, 7], Arrival::Plain), ([1, 8], Arrival::Derived), ([1, 33], Arrival::Plain)];
    let errors = few.map(|(shape, arrival)| error(device, 1, shape, arrival));
    let of_many = error(device, MANY, [1, 2], Arrival::Plain);
    Errors { value: errors.into_iter().fold(of_many, worse), gradient: 0.0 }
}

/// Of images of so many channels and so many pixels a side, as many times as there are changes.
fn error(device: &Device, times: usize, [channels, size]: [usize; 2], arrival: Arrival) -> f64 {
    let whole = Warps::new(changes(size).repeat(times), size);
    let shape = [whole.count(), channels, size, size];
    let normals = Random::new(SEED, Stream::SelfTest).normals(0, 0, shape.iter().product());
    let run = |device: &Device| {
        let images = arrive(arrival, upload(&normals, device).reshape(shape));
        let (first, count) = (3, 2);
        let part = warped(images.clone().narrow(0, first, count), whole.part(first, count));
        [floats(warped(images, whole.clone())), floats(part)].concat()
    };
    max_relative_error(&run(device), &wide(&run(&Device::flex())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_agrees_with_itself() {
        assert_eq!(warps(&Device::flex()), Errors { value: 0.0, gradient: 0.0 });
    }

    /// What is compared is warped: most numbers of most images move.
    #[test]
    fn every_change_but_none_shows() {
        let changes = changes(8);
        let values = Random::new(SEED, Stream::SelfTest).normals(0, 0, changes.len() * 64);
        let images = upload(&values, &Device::flex()).reshape([changes.len(), 1, 8, 8]);
        let got = floats(warped(images, Warps::new(changes, 8)));
        for (i, (got, values)) in got.chunks(64).zip(values.chunks(64)).enumerate() {
            let moved = got.iter().zip(values).filter(|(got, value)| got != value).count();
            assert!(if i == 0 { moved == 0 } else { moved > 32 }, "change {i}: {moved} numbers");
        }
    }
}
