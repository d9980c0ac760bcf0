//! Opens a file, whatever it is, and hands what it holds to whoever asked.

use std::fs::File;
use std::io::{BufReader, Cursor as Memory, Read};
use std::path::Path;

use safetensors::tensor::SafeTensors;

use super::format::{Format, HEAD_LEN};
use super::pickle::{self, Cursor, Tree};
use super::shown::shown;
use super::torch::{Archive, Legacy, MAX_FILE_BYTES, MAX_PICKLE_BYTES, Storages, Zipped};
use crate::error::{Error, Kind, Result};

/// What is made of a file's content, whichever of the two kinds it is.
pub trait Contents: Sized {
    type Made;

    /// A pickle's values, with the storages of its tensors; `len` bytes in all.
    fn of_tree(self, tree: &Tree<'_>, storages: Storages<'_>, len: u64, format: Format)
    -> Result<Self::Made>;

    fn of_safetensors(self, file: &SafeTensors<'_>) -> Result<Self::Made>;
}

/// Makes something of the file at `path`. The kind of file shows in its content; no code in it is ever run.
///
/// # Errors
/// `Kind::Io`; `Kind::Checkpoint` for what is damaged or hostile; what `contents` finds wrong.
pub fn open<C: Contents>(path: &Path, contents: C) -> Result<C::Made> {
    let io = |e: std::io::Error| Error::io(path, "read the file", &e);
    let mut file = File::open(path).map_err(io)?;
    let meta = file.metadata().map_err(io)?;
    if !meta.is_file() {
        return Err(Error::checkpoint(path, "this is no file").hint("give the file with the network"));
    }
    let mut head = Vec::new();
    file.by_ref().take(HEAD_LEN as u64).read_to_end(&mut head).map_err(io)?;
    let made = match Format::of(&head) {
        Ok(Format::Zip) => from_zip(Archive::open(BufReader::new(file)), contents),
        Ok(_) if meta.len() > MAX_FILE_BYTES => {
            Err(Error::new(Kind::Checkpoint, format!("the file is larger than {} GiB", MAX_FILE_BYTES >> 30)))
        }
        Ok(_) => std::fs::read(path).map_err(io).and_then(|bytes| read(&bytes, contents)),
        Err(error) => Err(error),
    };
    made.map_err(|e| e.at(path))
}

/// Like [`open`], from memory.
pub fn read<C: Contents>(bytes: &[u8], contents: C) -> Result<C::Made> {
    match Format::of(bytes.get(..HEAD_LEN).unwrap_or(bytes))? {
        Format::Zip => from_zip(Archive::open(Memory::new(bytes)), contents),
        Format::LegacyTorch => {
            let Legacy { tree, storages } = Legacy::read(bytes)?;
            contents.of_tree(&tree, Storages::Legacy(storages), bytes.len() as u64, Format::LegacyTorch)
        }
        Format::Pickle => {
            let tree = pickle::read(&mut Cursor::new(bytes))?;
            contents.of_tree(&tree, Storages::Within, bytes.len() as u64, Format::Pickle)
        }
        Format::Safetensors => {
            let file = SafeTensors::deserialize(bytes).map_err(|e| {
                let what = format!("the safetensors file is not readable: {}", shown(&e.to_string()));
                Error::new(Kind::Checkpoint, what)
            })?;
            contents.of_safetensors(&file)
        }
    }
}

fn from_zip<C: Contents>(archive: Result<Archive<'_>>, contents: C) -> Result<C::Made> {
    let mut archive = archive?;
    let is_pickle = |name: &&str| *name == "data.pkl" || name.ends_with("/data.pkl");
    // torch keeps everything in one folder, so the pickle's is the shortest such name.
    let pickle = archive.names().filter(is_pickle).min_by_key(|name| name.len());
    let Some(pickle) = pickle.map(str::to_string) else {
        return Err(Error::new(Kind::Checkpoint, "the zip has no data.pkl, so it is no file of torch's")
            .hint("give a .pt or .pth; a zip of pictures goes to --data"));
    };
    let folder = pickle.strip_suffix("data.pkl").unwrap_or_default().to_string();
    if archive.contains(&format!("{folder}constants.pkl")) {
        return Err(Error::new(Kind::Checkpoint, "this is TorchScript: a program with its weights")
            .hint("load it in Python and save its state_dict() with torch.save"));
    }
    let order = format!("{folder}byteorder");
    if archive.contains(&order) && archive.read(&order, 16)? != b"little" {
        return Err(Error::new(Kind::Checkpoint, "the file was written on a big-endian machine"));
    }
    let bytes = archive.read(&pickle, MAX_PICKLE_BYTES)?;
    let tree = pickle::read_within(&mut Cursor::new(&bytes), archive.max_values())?;
    let len = archive.budget();
    contents.of_tree(&tree, Storages::Zip(Zipped::new(archive, folder)), len, Format::Zip)
}
