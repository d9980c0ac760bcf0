//! Editing files and folders: results, sheets and a table of what became of each picture.

mod list;
mod masks;
mod record;
mod table;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use image::{GrayImage, RgbImage};

use self::masks::Masks;
pub use self::record::Record;
use self::table::Table;
use super::{Canvas, Corruption, Model, Projection, Projector, Way, Wish, idempotence_error, project_canvas};
use crate::data::{self, pixels};
use crate::diffusion::Generator;
use crate::error::{Error, Result};
use crate::eval::rms_difference;

/// Pictures of a sheet are drawn so that the longest side has about this many pixels.
const SHEET_SIDE: u32 = 128;
/// Most that a small picture is enlarged on a sheet.
const SHEET_SCALE: u32 = 8;

/// Files to edit, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// Pictures, and folders of pictures.
    pub inputs: Vec<PathBuf>,
    /// A mask for all, or a folder with one for each.
    pub mask: Option<PathBuf>,
    /// Spoils the pictures first, which then are the truth that results are held against.
    pub corruption: Option<Corruption>,
    pub wish: Wish,
    /// Folder of the results.
    pub out: PathBuf,
    /// What the model is called in the results.
    pub model: String,
}

/// What is told while files are edited.
#[derive(Debug)]
pub enum Event<'a> {
    /// So many applications of f of all that this file gets are done.
    Step {
        file: &'a Path,
        done: usize,
        total: usize,
    },
    Done {
        file: &'a Path,
        edited: &'a Result<Record>,
    },
}

/// Edits every file: one bad file among good ones is told and left out.
///
/// # Errors
/// Wishes that no picture can meet, a folder that cannot be read or written, or no picture edited: then the
/// last file's trouble.
pub fn edit_files(generator: &Generator, request: &Request, tell: &mut dyn FnMut(Event<'_>)) -> Result<()> {
    let model = Model::new(generator, request.wish.class)?;
    let way = request.wish.way;
    if request.mask.is_some() && way.is_some_and(|way| way != Way::Inpaint) {
        return Err(Error::usage("a mask says what to fill in, which only --mode inpaint does")
            .hint("leave --mode out, or the mask"));
    }
    // What is wrong with the wish is told once, not for every file.
    let has_mask = request.mask.is_some() || request.corruption.is_some_and(Corruption::leaves_mask);
    if has_mask || way.is_some() {
        request.wish.settings(has_mask, model.shape().short_side())?;
    }
    let masks = Masks::open(request.mask.as_deref())?;
    let files = list::pictures(&request.inputs)?;
    std::fs::create_dir_all(&request.out).map_err(|e| Error::io(&request.out, "create the folder", &e))?;
    let mut table = Table::create(&request.out.join("edits.csv"))?;
    let mut names = HashSet::new();
    let (mut done, mut trouble) = (0, None);
    for (number, path) in (0..).zip(&files) {
        let name = list::unused(&mut names, path);
        let edited = one(&model, request, &masks, Numbered { path, number, name }, tell);
        table.add(path, &edited)?;
        tell(Event::Done { file: path, edited: &edited });
        match edited {
            Ok(_) => done += 1,
            Err(error) => trouble = Some(error),
        }
    }
    match trouble {
        Some(error) if done == 0 => Err(error),
        _ => Ok(()),
    }
}

/// A file, its place in the list, and what its results are called.
struct Numbered<'a> {
    path: &'a Path,
    number: u32,
    name: String,
}

/// Edits a file and writes its result and sheet.
fn one(
    model: &Model<'_>,
    request: &Request,
    masks: &Masks,
    Numbered { path, number, name }: Numbered<'_>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Record> {
    let own = model.shape();
    let (mut canvas, clean) = prepare(model, request, masks, path, number)?;
    let settings = request.wish.settings(canvas.known.is_some(), own.short_side())?;
    let at = |error: Error| if error.place.is_none() { error.at(path) } else { error };
    let total = settings.mode.steps();
    let mut progress = |done| tell(Event::Step { file: path, done, total });
    let (numbers, projection) = project_canvas(model, &canvas, &settings, &mut progress).map_err(at)?;
    let moved_rms = rms_difference(&numbers, &canvas.numbers);
    let idempotence_rms = idempotence_error(model, &canvas, &numbers)?;
    let given = std::mem::replace(&mut canvas.numbers, numbers);
    let result = request.out.join(format!("{name}-projected.png"));
    let texts = record::texts(request, path, &settings);
    data::save_png(&canvas.picture(), &result, &texts)?;
    let truth = clean.as_ref().map(|clean| pixels::picture_of_shape(clean, canvas.shape));
    data::save_png(&sheet(truth, projection), &request.out.join(format!("{name}-before-after.png")), &texts)?;
    Ok(Record::new(result, &settings, &canvas, &given, clean.as_deref(), [moved_rms, idempotence_rms]))
}

/// The picture as it is edited, and as it was where it is spoiled first.
fn prepare(
    model: &Model<'_>,
    request: &Request,
    masks: &Masks,
    path: &Path,
    number: u32,
) -> Result<(Canvas, Option<Vec<f32>>)> {
    let (picture, alpha) = data::open_with_alpha(path)?;
    let mask = masks.of(path)?;
    let clear = alpha.map(|mut alpha| {
        image::imageops::invert(&mut alpha);
        alpha
    });
    let fills = request.wish.way.is_none_or(|way| way == Way::Inpaint);
    let holes = both(mask.as_deref(), clear.filter(|_| fills));
    let mut canvas =
        Canvas::new(&picture, holes.as_ref(), model.shape(), request.wish.fit).map_err(|e| e.at(path))?;
    if mask.is_some() && canvas.known.is_none() {
        return Err(Error::data(path, "the mask marks nothing to be filled in, at the size that is edited")
            .hint("paint white what is to be filled in; --fit tiles keeps the picture's size"));
    }
    let Some(corruption) = request.corruption else { return Ok((canvas, None)) };
    let spoiled = corruption.apply(&canvas.numbers, canvas.shape, request.wish.seed, number);
    let clean = std::mem::replace(&mut canvas.numbers, spoiled.image);
    canvas.known = match (canvas.known.take(), spoiled.known) {
        (Some(a), Some(b)) => Some(a.into_iter().zip(b).map(|(a, b)| a && b).collect()),
        (a, b) => a.or(b),
    };
    Ok((canvas, Some(clean)))
}

/// What either marks. Masks of different sizes are left to be refused.
fn both(mask: Option<&GrayImage>, clear: Option<GrayImage>) -> Option<GrayImage> {
    let (Some(mask), Some(clear)) = (mask, &clear) else { return mask.cloned().or(clear) };
    if mask.dimensions() != clear.dimensions() {
        return Some(mask.clone());
    }
    let mut marked = mask.clone();
    marked.iter_mut().zip(clear.as_raw()).for_each(|(mask, clear)| *mask = (*clear).max(*mask));
    Some(marked)
}

/// The truth, if there is one, the picture before, and after each application.
fn sheet(truth: Option<RgbImage>, projection: Projection) -> RgbImage {
    let Projection { before, after, .. } = projection;
    let longest = before.width().max(before.height()).max(1);
    let mut row: Vec<RgbImage> = truth.into_iter().chain([before]).collect();
    row.extend(after);
    pixels::grid(&row, row.len(), (SHEET_SIDE / longest).clamp(1, SHEET_SCALE), 2)
}
