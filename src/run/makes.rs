//! Pictures of seeds that faces have asked for, made a few at a time between training steps. No training state
//! changes, and no file of the run.

use std::collections::VecDeque;
use std::sync::Arc;

use image::RgbImage;

use super::message::{Class, Made, MakeRequest, Making, Message, Progress};
use crate::data::pixels;
use crate::diffusion::{Classes, Generator, Starts};
use crate::error::{Error, Kind, Result};

/// Most pictures of one request: they are all in memory, and looked at together.
pub const MOST_MADE: usize = 256;

/// Pictures made at once. A student's take one pass of its network each, a teacher's dozens: neither group takes
/// longer than a training step does.
const GROUP: usize = 16;
const TEACHERS_GROUP: usize = 4;

/// A model, and where it stands in its training.
#[derive(Clone, Debug)]
pub(super) struct Maker {
    pub generator: Generator,
    pub at: Progress,
}

/// Requests in the order they came.
#[derive(Default)]
pub(super) struct Makes {
    /// The classes that pictures can be made of, where the model is told one.
    pub classes: Arc<[Class]>,
    waiting: VecDeque<MakeRequest>,
    begun: Option<Job>,
}

impl Makes {
    pub fn ask(&mut self, request: MakeRequest) {
        self.waiting.push_back(request);
    }

    pub fn cancel(&mut self, ticket: u64) {
        self.waiting.retain(|request| request.ticket != ticket);
        self.begun.take_if(|job| job.ticket == ticket);
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.begun.is_none()
    }

    /// Makes a few pictures of the oldest request, and says how far it is; `newest` is the model that it begins
    /// with, and keeps. Says nothing if there is nothing to do.
    pub fn advance(&mut self, newest: &dyn Fn() -> Result<Maker>) -> Option<Message> {
        let mut job = match self.begun.take() {
            Some(job) => job,
            None => {
                let request = self.waiting.pop_front()?;
                match newest().and_then(|maker| Job::begin(&request, maker, &self.classes)) {
                    Ok(job) => job,
                    Err(error) => return Some(answer(request.ticket, Err(error))),
                }
            }
        };
        match job.advance() {
            Ok(()) if job.pictures.len() < job.seeds.len() => {
                let (ticket, done, total) = (job.ticket, job.pictures.len(), job.seeds.len());
                self.begun = Some(job);
                Some(Message::Making(Making::Part { ticket, done, total }))
            }
            outcome => Some(answer(job.ticket, outcome.map(|()| job.made()))),
        }
    }

    /// Answers everything that is not done with `error`.
    pub fn refuse(&mut self, error: &Error) -> Vec<Message> {
        let begun = self.begun.take().map(|job| job.ticket);
        let waiting = self.waiting.drain(..).map(|request| request.ticket);
        begun.into_iter().chain(waiting).map(|ticket| answer(ticket, Err(error.clone()))).collect()
    }
}

fn answer(ticket: u64, outcome: Result<Made>) -> Message {
    Message::Making(Making::Done { ticket, outcome })
}

/// A request that has begun, with the model that it began with: all its pictures are of one.
struct Job {
    ticket: u64,
    maker: Maker,
    seeds: Vec<u32>,
    /// One for each seed, where the model is told a class.
    classes: Option<Vec<u32>>,
    pictures: Vec<RgbImage>,
}

impl Job {
    /// # Errors
    /// `Kind::Usage` for no picture or too many, seeds beyond the last there is, or a class that the model has not
    /// learned.
    fn begin(request: &MakeRequest, maker: Maker, known: &[Class]) -> Result<Self> {
        let MakeRequest { ticket, first_seed, count, class } = *request;
        if !(1..=MOST_MADE).contains(&count) {
            return Err(Error::usage(format!("{count} pictures were asked for"))
                .hint(format!("ask for 1 to {MOST_MADE}; `signet sample` makes more")));
        }
        let last = u32::try_from(count - 1).ok().and_then(|more| first_seed.checked_add(more));
        let Some(last) = last else {
            return Err(Error::usage(format!("there are not {count} seeds from {first_seed} on"))
                .hint(format!("the last seed is {}", u32::MAX)));
        };
        let seeds: Vec<u32> = (first_seed..=last).collect();
        let classes = classes(maker.generator.spec.unet.label_dim, class, known, count)?;
        Ok(Self { ticket, maker, seeds, classes, pictures: Vec::new() })
    }

    /// # Errors
    /// What the device cannot do, and a model whose pictures are not finite.
    fn advance(&mut self) -> Result<()> {
        let generator = &self.maker.generator;
        let unet = &generator.spec.unet;
        let most = if generator.sampler().is_some() { TEACHERS_GROUP } else { GROUP };
        let first = self.pictures.len();
        let end = (first + most).min(self.seeds.len());
        let seeds = self.seeds.get(first..end).unwrap_or_default();
        let mut starts = Starts::new(unet, seeds, Classes::Spread)?;
        starts.classes = self.classes.as_ref().and_then(|all| Some(all.get(first..end)?.to_vec()));
        let images = generator.sample(&starts)?;
        if images.iter().any(|number| !number.is_finite()) {
            return Err(Error::new(Kind::Diverged, "what the model makes is not finite: it has diverged")
                .hint("go back to an earlier checkpoint, and train with a lower learning rate"));
        }
        let picture = |chw| pixels::picture_from_chw(chw, unet.img_channels, unet.img_resolution);
        self.pictures.extend(images.chunks(generator.image_len()).map(picture));
        Ok(())
    }

    fn made(self) -> Made {
        let Self { maker, seeds, classes, pictures, .. } = self;
        Made { at: maker.at, seeds, classes, pictures: pictures.into() }
    }
}

/// A class for each of `count` pictures of a model that knows `label_dim` of them: the one that is wished, or those
/// that it has seen pictures of in turn.
fn classes(label_dim: usize, wish: Option<u32>, known: &[Class], count: usize) -> Result<Option<Vec<u32>>> {
    let all: Vec<u32> = match known.is_empty() {
        true => (0..label_dim as u32).collect(),
        false => {
            known.iter().map(|class| class.number).filter(|class| (*class as usize) < label_dim).collect()
        }
    };
    match wish {
        None if all.is_empty() => Ok(None),
        None => Ok(Some(all.iter().copied().cycle().take(count).collect())),
        Some(class) if all.contains(&class) => Ok(Some(vec![class; count])),
        Some(class) => Err(Error::usage(format!("the model has not learned a class {class}"))
            .hint("choose one that is offered, or all in turn")),
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::diffusion::{GeneratorKind, GeneratorSpec, Precond};
    use crate::model::{Architecture, UnetConfig, Weights};
    use crate::recipe::Stage;

    fn maker(kind: GeneratorKind, label_dim: usize, seed: u32) -> Maker {
        let unet = UnetConfig {
            img_resolution: 2,
            img_channels: 1,
            label_dim,
            empty_classes: Vec::new(),
            augment_dim: 0,
            model_channels: 8,
            channel_mult: vec![1],
            channel_mult_emb: 4,
            num_blocks: 2,
            attn_resolutions: Vec::new(),
            dropout: 0.0,
            // A dense network knows no classes.
            architecture: if label_dim > 0 { Architecture::Dhariwal } else { Architecture::Mlp },
        };
        let spec = GeneratorSpec { kind, precond: Precond::Edm, unet };
        let weights = Weights::init(spec.layout().expect("a network"), seed, &Device::flex());
        let at = Progress { stage: Stage::Sid, step: 9, kimg: 0.5, stage_kimg: 1.0, elapsed_secs: 1.0 };
        Maker { generator: Generator::new(spec, weights).expect("a generator"), at }
    }

    const SID: GeneratorKind = GeneratorKind::Sid { sigma_init: 2.5 };

    fn request(first_seed: u32, count: usize, class: Option<u32>) -> MakeRequest {
        MakeRequest { ticket: 7, first_seed, count, class }
    }

    /// What comes of a request, and how often it was heard of before.
    fn made(makes: &mut Makes, request: MakeRequest, maker: &Maker) -> (Result<Made>, usize) {
        makes.ask(request);
        let mut parts = 0;
        loop {
            match makes.advance(&|| Ok(maker.clone())) {
                Some(Message::Making(Making::Part { ticket: 7, .. })) => parts += 1,
                Some(Message::Making(Making::Done { ticket: 7, outcome })) => return (outcome, parts),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_seed_is_the_picture_that_sampling_makes_of_it() {
        for (kind, groups) in [(SID, 3), (GeneratorKind::Teacher { sample_steps: 2 }, 10)] {
            let (mut makes, maker) = (Makes::default(), maker(kind, 0, 0));
            let (outcome, parts) = made(&mut makes, request(100, 40, None), &maker);
            let outcome = outcome.expect("pictures");
            assert_eq!((parts, outcome.seeds[0], outcome.seeds.len()), (groups - 1, 100, 40));
            let starts = Starts::new(&maker.generator.spec.unet, &outcome.seeds, Classes::Spread);
            let images = maker.generator.sample(&starts.expect("starts")).expect("images");
            let want: Vec<RgbImage> =
                images.chunks(4).map(|chw| pixels::picture_from_chw(chw, 1, 2)).collect();
            assert_eq!(outcome.pictures.to_vec(), want, "{kind:?}");
            assert!(makes.is_empty() && makes.advance(&|| Ok(maker.clone())).is_none());
        }
    }

    #[test]
    fn only_classes_that_have_pictures_are_made() {
        let class = |number: u32| Class { number, name: number.to_string(), pictures: 5 };
        let mut makes = Makes { classes: [class(1), class(3)].into(), ..Makes::default() };
        let maker = maker(SID, 4, 0);
        let (outcome, _) = made(&mut makes, request(0, 5, None), &maker);
        assert_eq!(outcome.expect("pictures").classes, Some(vec![1, 3, 1, 3, 1]));
        let (outcome, _) = made(&mut makes, request(0, 2, Some(3)), &maker);
        assert_eq!(outcome.expect("pictures").classes, Some(vec![3, 3]));
        for class in [0, 4, u32::MAX] {
            let error = made(&mut makes, request(0, 1, Some(class)), &maker).0.expect_err("no such class");
            assert!(error.remedy.is_some(), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_made_is_told_and_the_next_request_is_made() {
        let (mut makes, maker) = (Makes::default(), maker(SID, 0, 0));
        for wish in [request(0, 0, None), request(0, MOST_MADE + 1, None), request(u32::MAX, 2, None)] {
            assert_eq!(made(&mut makes, wish, &maker).0.expect_err("too much").kind, Kind::Usage);
        }
        assert!(made(&mut makes, request(0, 1, Some(0)), &maker).0.is_err(), "the model knows no classes");
        let (outcome, _) = made(&mut makes, request(u32::MAX, 1, None), &maker);
        assert_eq!(outcome.expect("the last seed").seeds, [u32::MAX]);
        makes.ask(request(0, 40, None));
        assert!(makes.advance(&|| Ok(maker.clone())).is_some());
        makes.cancel(7);
        assert!(makes.is_empty(), "what has begun is given up");
    }
}
