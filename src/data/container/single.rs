//! A few files that stand alone: one that was named, and those that belong to it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Container;

/// Files by path, under their own names. What is beside them is not looked at.
pub struct Single {
    names: Vec<String>,
    paths: Vec<PathBuf>,
}

impl Single {
    /// The file `path` and those `beside` it.
    pub fn new(path: &Path, beside: Vec<PathBuf>) -> Self {
        let mut paths = vec![path.to_path_buf()];
        paths.extend(beside);
        paths.sort();
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { names: paths.iter().map(name).collect(), paths }
    }
}

impl Container for Single {
    fn format(&self) -> &'static str {
        "file"
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn with(&mut self, i: usize, reader: &mut dyn FnMut(&mut dyn Read)) -> Result<(), String> {
        reader(&mut File::open(&self.paths[i]).map_err(|error| error.to_string())?);
        Ok(())
    }
}
