//! `edits.csv`: a line a file, written as soon as the file is done.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::Record;
use super::record::Likeness;
use crate::error::{Error, Result};
use crate::plain_file;
use crate::words::csv::cell;

/// Names of the columns. `reference` says what PSNR and SSIM compare with: `clean`, the picture before it
/// was spoiled, or `input`.
const COLUMNS: [&str; 14] = [
    "file",
    "result",
    "mode",
    "width",
    "height",
    "reference",
    "psnr_before_db",
    "psnr_db",
    "ssim_before",
    "ssim",
    "moved_rms",
    "idempotence_rms",
    "problem",
    "what_to_do",
];

#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    file: File,
}

impl Table {
    /// Begins a table at `path`, in place of an older one.
    pub fn create(path: &Path) -> Result<Self> {
        let file = plain_file::create(path)?;
        let mut table = Self { path: path.to_path_buf(), file };
        table.write(&COLUMNS.map(String::from))?;
        Ok(table)
    }

    pub fn add(&mut self, file: &Path, edited: &Result<Record>) -> Result<()> {
        let mut cells = match edited {
            Ok(record) => cells(record),
            Err(error) => {
                let mut cells = vec![String::new(); COLUMNS.len() - 3];
                cells.extend([error.what.clone(), error.remedy.clone().unwrap_or_default()]);
                cells
            }
        };
        cells.insert(0, file.display().to_string());
        self.write(&cells)
    }

    fn write(&mut self, cells: &[String]) -> Result<()> {
        let line: Vec<_> = cells.iter().map(|text| cell(text)).collect();
        writeln!(self.file, "{}", line.join(",")).map_err(|e| Error::io(&self.path, "write", &e))
    }
}

/// All cells but the file's.
fn cells(record: &Record) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:.5}"));
    let (before, after) = (record.before, record.after);
    vec![
        record.result.display().to_string(),
        record.way.to_string(),
        record.width.to_string(),
        record.height.to_string(),
        (if before.is_some() { "clean" } else { "input" }).to_string(),
        number(before.map(|b: Likeness| b.psnr)),
        number(Some(after.psnr)),
        number(before.map(|b| b.ssim)),
        number(Some(after.ssim)),
        number(Some(record.moved_rms)),
        number(Some(record.idempotence_rms)),
        String::new(),
        String::new(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Way;

    #[test]
    fn lines_have_a_cell_for_every_column() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("edits.csv");
        let after = Likeness { psnr: f64::INFINITY, ssim: 1.0 };
        let record = Record {
            result: "out/a.png".into(),
            way: Way::Inpaint,
            width: 8,
            height: 9,
            before: None,
            after,
            moved_rms: 0.25,
            idempotence_rms: 0.0,
        };
        let spoiled = Record { before: Some(Likeness { psnr: 10.0, ssim: 0.5 }), ..record.clone() };
        let mut table = Table::create(&path).expect("a table");
        table.add(Path::new("a,b.png"), &Ok(record)).expect("a line");
        table.add(Path::new("c.png"), &Ok(spoiled)).expect("a line");
        table.add(Path::new("d.png"), &Err(Error::usage("it says \"no\"").hint("ask"))).expect("a line");
        let written = std::fs::read_to_string(&path).expect("a file");
        let lines: Vec<&str> = written.lines().collect();
        assert_eq!(lines[0], COLUMNS.join(","));
        assert_eq!(
            lines[1..],
            [
                "\"a,b.png\",out/a.png,inpaint,8,9,input,,inf,,1.00000,0.25000,0.00000,,",
                "c.png,out/a.png,inpaint,8,9,clean,10.00000,inf,0.50000,1.00000,0.25000,0.00000,,",
                "d.png,,,,,,,,,,,,\"it says \"\"no\"\"\",ask",
            ]
        );
    }
}
