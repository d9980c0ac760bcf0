//! Editing files and folders: results, sheets and a table of what became of each picture.

mod list;
mod masks;
mod namesakes;
mod prepare;
mod record;
mod sheet;
mod table;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use image::RgbImage;

use self::masks::Masks;
pub use self::masks::{of_picture as mask_of_picture, read as read_mask};
use self::prepare::Prepared;
pub use self::record::Record;
use self::table::Table;
use super::canvas::check_model;
use super::{Corruption, Made, Model, Projector, Way, Wish, project_canvas};
use crate::data::{Png, Shape, pixels};
use crate::diffusion::Generator;
use crate::error::{Error, Kind, Result};

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
    /// Folder of the results, none that an input is in.
    pub out: PathBuf,
    /// What the model is called in the results.
    pub model: String,
}

/// What is told while files are edited.
#[derive(Debug)]
pub enum Event<'a> {
    /// So many parts of this file's edit are done: each is an application of f, or a part of one where the
    /// picture is edited in tiles.
    Step {
        file: &'a Path,
        done: usize,
        total: usize,
    },
    /// Something of this file could not be kept: what, in words.
    Note {
        file: &'a Path,
        words: &'a str,
    },
    Done {
        file: &'a Path,
        edited: &'a Result<Record>,
    },
    /// The last word.
    All {
        done: usize,
        skipped: usize,
    },
}

/// Edits every file: one bad file among good ones is told and left out.
///
/// # Errors
/// Wishes that no picture can meet, a folder that cannot be read or written or that inputs are in, a lost
/// device, or no picture edited: then the last file's trouble.
pub fn edit_files(generator: &Generator, request: &Request, tell: &mut dyn FnMut(Event<'_>)) -> Result<()> {
    let model = Model::new(generator, request.wish.class)?;
    check(request, model.shape())?;
    let masks = Masks::open(request.mask.as_deref())?;
    let files = list::pictures(&request.inputs)?;
    std::fs::create_dir_all(&request.out).map_err(|e| Error::io(&request.out, "create the folder", &e))?;
    list::check_apart(&request.out, request.inputs.iter().chain(&request.mask))?;
    let mut table = Table::create(&request.out.join("edits.csv"))?;
    each(&files, &mut table, tell, &mut |file, tell| one(&model, request, &masks, file, tell))
}

/// What is wrong with the wish whatever the files are, for a model of pictures of shape `own`.
fn check(request: &Request, own: Shape) -> Result<()> {
    check_model(own)?;
    if request.mask.is_some() && request.wish.way.is_some_and(|way| way != Way::Inpaint) {
        return Err(Error::usage("a mask says what to fill in, which only --mode inpaint does")
            .hint("leave --mode out, or the mask"));
    }
    let all_have_masks = request.mask.is_some() || request.corruption.is_some_and(Corruption::leaves_mask);
    request.wish.check(all_have_masks, own)
}

/// A file, its place in the list, and what its results are called.
struct Numbered<'a> {
    path: &'a Path,
    number: u32,
    name: String,
}

/// How one file is edited; what it is given second hears of the progress.
type EditOne<'a> = dyn FnMut(&Numbered<'_>, &mut dyn FnMut(Event<'_>)) -> Result<Record> + 'a;

/// Edits `files` one by one, each error with its file's name. A file that cannot be edited is told and the
/// next one is tried, unless the device is gone: then no other could be.
fn each(
    files: &[PathBuf],
    table: &mut Table,
    tell: &mut dyn FnMut(Event<'_>),
    edit: &mut EditOne<'_>,
) -> Result<()> {
    let mut names = HashSet::new();
    let (mut done, mut trouble) = (0, None);
    for (number, path) in (0..).zip(files) {
        let file = Numbered { path, number, name: list::unused(&mut names, path) };
        let edited = edit(&file, tell).map_err(|e| if e.place.is_none() { e.at(path) } else { e });
        table.add(path, &edited)?;
        if let Err(lost @ Error { kind: Kind::Device | Kind::DeviceFull | Kind::DeviceLost, .. }) = edited {
            return Err(lost);
        }
        // What befalls a single file is the error of the whole.
        if edited.is_ok() || files.len() > 1 {
            tell(Event::Done { file: path, edited: &edited });
        }
        match edited {
            Ok(_) => done += 1,
            Err(error) => trouble = Some(error),
        }
    }
    tell(Event::All { done, skipped: files.len() - done });
    match trouble {
        Some(error) if done == 0 => Err(error),
        _ => Ok(()),
    }
}

/// Edits a file and writes its result and sheet.
fn one(
    model: &Model<'_>,
    request: &Request,
    masks: &Masks,
    file: &Numbered<'_>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Record> {
    let Numbered { path, name, number } = file;
    let own = model.shape();
    let Prepared { canvas, clean, profile, note } = prepare::prepare(own, request, masks, file)?;
    if let Some(words) = &note {
        tell(Event::Note { file: path, words });
    }
    let wish = Wish { picture: *number, ..request.wish.clone() };
    let settings = wish.settings(canvas.known.is_some(), own.short_side())?;
    let mut progress = |done, total| tell(Event::Step { file: path, done, total });
    let made = project_canvas(model, canvas, &settings, &mut progress)?;
    let result = request.out.join(format!("{name}-projected.png"));
    let record = Record::new(result, &settings, &made, clean.as_deref());
    let Made { shape, given, numbers, projection } = made;
    // Those of a large picture are many bytes, and are in its pictures now.
    drop((given, numbers));
    let texts = record::texts(request, path, &settings);
    let png = |picture: &RgbImage, path: &Path| {
        Png { picture, profile: profile.as_ref(), texts: &texts }.save(path)
    };
    if let Some(last) = projection.after.last() {
        png(last, &record.result)?;
    }
    let truth = clean.as_ref().map(|clean| pixels::picture_of_shape(clean, shape));
    let sheet = sheet::before_after(truth, projection);
    png(&sheet, &request.out.join(format!("{name}-before-after.png")))?;
    Ok(record)
}

#[cfg(test)]
mod tests;
