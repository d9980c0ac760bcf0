//! Statistics of a set as files: numpy's `.npz` with `mu` and `sigma`, as EDM's and pytorch-fid's references.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Gaussian;
use super::npy::{self, Array};
use crate::error::{Error, Kind, Result};

/// Longest feature vector that is read: its covariance is 512 MiB.
const MOST_DIM: usize = 8192;
/// Bytes that are more than enough for an array's header, and for words.
const HEADER: u64 = 20_000;
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

/// Mean, covariance, and where they come from if the file says so (other programs' do not).
///
/// # Errors
/// `Kind::Data` for a file that is no such archive, is cut off, or whose arrays do not fit each other.
pub fn read_statistics(path: &Path) -> Result<(Gaussian, Option<Origin>)> {
    let file = File::open(path).map_err(|e| Error::io(path, "open", &e))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|e| {
        Error::data(path, format!("this is no .npz: {e}"))
            .hint("give an archive of numpy with arrays mu and sigma")
    })?;
    let mut array = |name: &str, most: u64| -> Result<Array> {
        let bytes = member(&mut zip, name, most)?.ok_or_else(|| {
            Error::new(Kind::Data, format!("the archive has no array {name}"))
                .hint("a reference for Fréchet distances has arrays mu and sigma")
        })?;
        npy::read_floats(&bytes).map_err(|e| Error::new(e.kind, format!("array {name}: {}", e.what)))
    };
    let mu = array("mu", (MOST_DIM * 8) as u64 + HEADER).map_err(|e| e.at(path))?;
    let dim = mu.values.len();
    let sigma = array("sigma", (dim * dim * 8) as u64 + HEADER).map_err(|e| e.at(path))?;
    if mu.shape != [dim] || sigma.shape != [dim, dim] || dim == 0 || dim > MOST_DIM {
        let what = format!("mu of shape {:?} does not go with sigma of shape {:?}", mu.shape, sigma.shape);
        return Err(Error::data(path, what));
    }
    let mirrored = |i: usize| {
        (0..i).all(|j| {
            let (a, b) = (sigma.values[i * dim + j], sigma.values[j * dim + i]);
            (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-6)
        })
    };
    if !(0..dim).all(mirrored) {
        return Err(Error::data(path, "sigma is not symmetric: it is no covariance"));
    }
    let covariance = faer::Mat::from_fn(dim, dim, |i, j| sigma.values[i * dim + j]);
    let origin = match member(&mut zip, ORIGIN, HEADER).map_err(|e| e.at(path))? {
        None => None,
        Some(bytes) => {
            let text = npy::read_text(&bytes).map_err(|e| e.at(path))?;
            let unknown =
                |e| Error::data(path, format!("its array {ORIGIN} does not say where it comes from: {e}"));
            Some(serde_json::from_str::<Origin>(&text).map_err(unknown)?)
        }
    };
    let gaussian =
        Gaussian::new(origin.as_ref().map(|o| o.count), mu.values, covariance).map_err(|e| e.at(path))?;
    Ok((gaussian, origin))
}

/// Unpacked bytes of an array, if the archive has it.
fn member(zip: &mut ZipArchive<BufReader<File>>, name: &str, most: u64) -> Result<Option<Vec<u8>>> {
    let damaged =
        |what: String| Error::new(Kind::Data, format!("array {name} of the archive is damaged: {what}"));
    let Some(index) = zip.index_for_name(&format!("{name}.npy")) else { return Ok(None) };
    let entry = zip.by_index(index).map_err(|e| damaged(e.to_string()))?;
    let mut bytes = Vec::new();
    entry.take(most + 1).read_to_end(&mut bytes).map_err(|e| damaged(e.to_string()))?;
    if bytes.len() as u64 > most {
        return Err(damaged(format!("more than {most} bytes")));
    }
    Ok(Some(bytes))
}

/// Writes `mu`, `sigma` and where they come from. The file is whole or not there.
///
/// # Errors
/// `Kind::Io` where it cannot be written.
pub fn write_statistics(path: &Path, gaussian: &Gaussian, origin: &Origin) -> Result<()> {
    let dim = gaussian.dim();
    let mu = Array { shape: vec![dim], values: gaussian.mean().to_vec() };
    let sigma = Array { shape: vec![dim, dim], values: gaussian.covariance() };
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
        let (again, said) = read_statistics(&file).expect("read");
        assert_eq!((again.mean(), again.covariance()), (gaussian.mean(), gaussian.covariance()));
        assert_eq!((again.count, said), (Some(4), Some(origin())));
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
            let array = Array { shape: vec![2], values: vec![1.0, 2.0] };
            zip.write_all(&npy::write_floats(&array)).expect("written");
        }
        zip.finish().expect("written");
        let error = read_statistics(&file).expect_err("refused").to_string();
        assert!(error.contains("[2]") && error.contains("a.npz"), "{error}");
        assert!(read_statistics(&folder.path().join("none.npz")).is_err());
    }
}
