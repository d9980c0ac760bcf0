//! Statistics of a set as files: numpy's `.npz` with `mu` and `sigma`, as EDM's and pytorch-fid's references.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Gaussian;
use super::absent::no_statistics;
use super::covariance;
use super::npy::{self, Array, Head};
use crate::error::{Error, Kind, Result};

/// Longest feature vector that is read: its covariance is 512 MiB.
const MOST_DIM: usize = 8192;
/// Bytes that are more than enough for an array's header, and for words.
const HEADER: u64 = 20_000;
/// Arrays of an archive that are listed where those that are wanted are not in it.
const MOST_LISTED: usize = 8;
/// The array that says what the others come from: our own addition, which other readers pass over.
const ORIGIN: &str = "signet";

/// What statistics were made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The extractor's name.
    pub features: String,
    /// What it does to the bytes before its first layer.
    pub input: String,
    /// Fingerprint of its weights, where it has any.
    pub weights: Option<String>,
    /// Images.
    pub count: usize,
    /// Fingerprint of the set that they are of.
    pub images: String,
    /// Channels and side of the images as the extractor was given them.
    pub shape: [usize; 2],
}

/// What a file of statistics says.
#[derive(Clone, Debug)]
pub struct Statistics {
    pub gaussian: Gaussian,
    /// What they were made of, if the file says so: other programs' do not.
    pub origin: Option<Origin>,
    /// What a reader should know of the numbers.
    pub cautions: Vec<String>,
}

/// Mean and covariance of numpy's archive at `path`, whatever floats and shapes of vectors it keeps them in.
///
/// # Errors
/// `Kind::Data` for a file that is no such archive, is cut off, or whose arrays are no mean and covariance.
pub fn read_statistics(path: &Path) -> Result<Statistics> {
    let file = File::open(path).map_err(|e| Error::io(path, "open", &e))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|e| {
        Error::data(path, format!("this is no .npz: {e}"))
            .hint("give an archive of numpy with arrays mu and sigma")
    })?;
    let read = |zip: &mut Archive| -> Result<Statistics> {
        let Some((mean, covariance)) = NAMES.into_iter().find(|(mean, _)| has(zip, mean)) else {
            return Err(no_statistics(&heads(zip)));
        };
        let mu = floats(zip, mean, MOST_DIM)?;
        let dim = mu.values.len();
        // Numbers of fewer bits: more of them have room.
        if dim > MOST_DIM {
            return Err(too_large(mean, &mu.shape, MOST_DIM));
        }
        let sigma = floats(zip, covariance, dim * dim)?;
        let origin = match member(zip, ORIGIN, HEADER)? {
            None => None,
            Some((bytes, _)) => {
                Some(serde_json::from_str::<Origin>(&npy::read_text(&bytes)?).map_err(|e| {
                    let what = format!("its array {ORIGIN} does not say where it comes from: {e}");
                    Error::new(Kind::Data, what)
                })?)
            }
        };
        let count = origin.as_ref().map(|origin: &Origin| origin.count);
        let (gaussian, cautions) = covariance::gaussian(mu, &sigma, count)?;
        Ok(Statistics { gaussian, origin, cautions })
    };
    read(&mut zip).map_err(|e| e.at(path))
}

/// An open archive.
type Archive = ZipArchive<BufReader<File>>;

/// What programs call a mean and its covariance.
const NAMES: [(&str, &str); 2] = [("mu", "sigma"), ("mean", "cov")];

/// The array `name` of at most `most` numbers.
fn floats(zip: &mut Archive, name: &str, most: usize) -> Result<Array> {
    let named = |e: Error| Error { what: format!("array {name}: {}", e.what), ..e };
    let (bytes, is_whole) = member(zip, name, (most * 8) as u64 + HEADER)?.ok_or_else(|| {
        Error::new(Kind::Data, format!("the archive has no array {name}"))
            .hint("a reference for Fréchet distances has arrays mu and sigma")
    })?;
    if !is_whole {
        return Err(too_large(name, &npy::read_head(&bytes).map_err(named)?.shape, most));
    }
    npy::read_floats(&bytes).map_err(named)
}

fn too_large(name: &str, shape: &[usize], most: usize) -> Error {
    let what = format!("array {name} of shape {shape:?} is too large: at most {most} numbers are read");
    Error::new(Kind::Data, what).hint("give statistics of features of fewer numbers an image")
}

fn has(zip: &Archive, name: &str) -> bool {
    zip.index_for_name(&format!("{name}.npy")).is_some()
}

/// All arrays, by name, as far as they can be read.
fn heads(zip: &mut Archive) -> Vec<(String, Head)> {
    let names: Vec<String> =
        zip.file_names().filter_map(|name| Some(name.strip_suffix(".npy")?.into())).collect();
    let some = names.into_iter().take(MOST_LISTED);
    some.filter_map(|name| {
        let (bytes, _) = member(zip, &name, HEADER).ok()??;
        Some((name.chars().flat_map(char::escape_debug).collect(), npy::read_head(&bytes).ok()?))
    })
    .collect()
}

/// Unpacked bytes of an array, the first `most` of them, and whether that is all; none if the archive has no such
/// array.
fn member(zip: &mut Archive, name: &str, most: u64) -> Result<Option<(Vec<u8>, bool)>> {
    let damaged =
        |what: String| Error::new(Kind::Data, format!("array {name} of the archive is damaged: {what}"));
    let Some(index) = zip.index_for_name(&format!("{name}.npy")) else { return Ok(None) };
    let entry = zip.by_index(index).map_err(|e| damaged(e.to_string()))?;
    let mut bytes = Vec::new();
    entry.take(most + 1).read_to_end(&mut bytes).map_err(|e| damaged(e.to_string()))?;
    let is_whole = bytes.len() as u64 <= most;
    Ok(Some((bytes, is_whole)))
}

/// Writes `mu`, `sigma` and where they come from. The file is whole or not there.
///
/// # Errors
/// `Kind::Io` where it cannot be written.
pub fn write_statistics(path: &Path, gaussian: &Gaussian, origin: &Origin) -> Result<()> {
    let dim = gaussian.dim();
    let mu = Array { shape: vec![dim], values: gaussian.mean().to_vec(), width: 8 };
    let sigma = Array { shape: vec![dim, dim], values: gaussian.covariance(), width: 8 };
    let origin = serde_json::to_string(origin).map_err(|e| Error::usage(format!("no conditions: {e}")))?;
    let arrays = [
        ("mu", npy::write_floats(&mu)),
        ("sigma", npy::write_floats(&sigma)),
        (ORIGIN, npy::write_text(&origin)),
    ];
    let temporary = path.with_extension("npz.tmp");
    let file = crate::plain_file::create(&temporary)?;
    let write = || -> std::io::Result<()> {
        let mut zip = ZipWriter::new(file);
        for (name, bytes) in &arrays {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            zip.start_file(format!("{name}.npy"), options)?;
            zip.write_all(bytes)?;
        }
        zip.finish()?.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().map_err(|e| Error::io(path, "write", &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            features: "pixel".into(),
            input: "bytes".into(),
            weights: None,
            count: 4,
            images: "abc".into(),
            shape: [3, 16],
        }
    }

    #[test]
    fn statistics_come_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.npz");
        let gaussian = Gaussian::of(&[1.0, 2.0, 3.0, 5.0, 0.5, 0.25, 7.0, 1.0], 2).expect("a Gaussian");
        write_statistics(&file, &gaussian, &origin()).expect("written");
        let Statistics { gaussian: again, origin: said, cautions } = read_statistics(&file).expect("read");
        assert_eq!((again.mean(), again.covariance()), (gaussian.mean(), gaussian.covariance()));
        assert_eq!((again.count, said, cautions.len()), (Some(4), Some(origin()), 0));
    }

    #[test]
    fn damaged_files_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.npz");
        let gaussian = Gaussian::of(&[1.0, 2.0, 3.0, 5.0], 2).expect("a Gaussian");
        write_statistics(&file, &gaussian, &origin()).expect("written");
        let whole = std::fs::read(&file).expect("bytes");
        for len in [0, 10, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&file, &whole[..len]).expect("written");
            assert!(read_statistics(&file).is_err(), "{len} bytes were accepted");
        }
        // Two vectors of another length in the place of the covariance.
        let mut zip = ZipWriter::new(File::create(&file).expect("a file"));
        for name in ["mu", "sigma"] {
            zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).expect("an entry");
            let array = Array { shape: vec![2], values: vec![1.0, 2.0], width: 8 };
            zip.write_all(&npy::write_floats(&array)).expect("written");
        }
        zip.finish().expect("written");
        let error = read_statistics(&file).expect_err("refused").to_string();
        assert!(error.contains("[2]") && error.contains("a.npz"), "{error}");
        assert!(read_statistics(&folder.path().join("none.npz")).is_err());
    }

    #[test]
    fn archives_of_other_things_say_what_they_hold() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.npz");
        let write = |arrays: &[(&str, Vec<u8>)]| {
            let mut zip = ZipWriter::new(File::create(&file).expect("a file"));
            for (name, bytes) in arrays {
                zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).expect("an entry");
                zip.write_all(bytes).expect("written");
            }
            zip.finish().expect("written");
        };
        let floats = |shape: &[usize]| {
            let count = shape.iter().product();
            npy::write_floats(&Array { shape: shape.to_vec(), values: vec![1.0; count], width: 8 })
        };
        write(&[("arr_0", floats(&[3, 4]))]);
        let error = read_statistics(&file).expect_err("refused").to_string();
        assert!(error.contains("arr_0 (f8, [3, 4])") && error.contains("a.npz"), "{error}");
        write(&[("mu", floats(&[2])), ("other", floats(&[2]))]);
        let error = read_statistics(&file).expect_err("refused").to_string();
        assert!(error.contains("no array sigma"), "{error}");
        write(&[("mu", floats(&[MOST_DIM + 3000])), ("sigma", floats(&[1]))]);
        let error = read_statistics(&file).expect_err("refused").to_string();
        assert!(error.contains("too large") && error.contains("11192"), "{error}");
        write(&[("mu", floats(&[MOST_DIM + 1])), ("sigma", floats(&[1]))]);
        let error = read_statistics(&file).expect_err("refused").to_string();
        assert!(error.contains("too large") && error.contains("8193"), "{error}");
        // Other names, and vectors as rows and columns.
        write(&[("mean", floats(&[1, 2])), ("cov", floats(&[2, 2]))]);
        assert_eq!(read_statistics(&file).expect("read").gaussian.mean(), [1.0, 1.0]);
        write(&[("mu", floats(&[2, 1])), ("sigma", floats(&[1, 2, 2]))]);
        assert_eq!(read_statistics(&file).expect("read").gaussian.covariance(), [1.0; 4]);
    }
}
