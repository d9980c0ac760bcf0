//! One reference case: its JSON and its tensors.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

pub struct Case {
    pub json: Value,
    pub folder: PathBuf,
    /// How many times the case's tolerance an error may be: 1 on the CPU, more on GPUs, whose
    /// exponentials and roots are coarser.
    pub slack: f64,
    tensors: BTreeMap<String, (Vec<usize>, Vec<f64>)>,
    /// Tensors that were asked for.
    read: RefCell<BTreeSet<String>>,
}

impl Case {
    pub fn open(json: &Path, slack: f64) -> Self {
        let text = std::fs::read_to_string(json).expect("the case's JSON is readable");
        let value: Value = serde_json::from_str(&text).expect("the case's JSON parses");
        let mut tensors = BTreeMap::new();
        if let Ok(bytes) = std::fs::read(json.with_extension("safetensors")) {
            let file = SafeTensors::deserialize(&bytes).expect("the case's tensors parse");
            for (name, view) in file.tensors() {
                tensors.insert(name, (view.shape().to_vec(), numbers(view.dtype(), view.data())));
            }
        }
        let folder = json.parent().expect("a folder").to_path_buf();
        Self { json: value, folder, slack, tensors, read: RefCell::default() }
    }

    pub fn id(&self) -> &str {
        self.json["id"].as_str().expect("an id")
    }

    pub fn kind(&self) -> &str {
        self.json["kind"].as_str().expect("a kind")
    }

    pub fn config(&self) -> &Value {
        &self.json["config"]
    }

    pub fn usize(&self, key: &str) -> usize {
        self.config()[key].as_u64().unwrap_or_else(|| panic!("config.{key} is a number")) as usize
    }

    pub fn has(&self, key: &str) -> bool {
        self.tensors.contains_key(key)
    }

    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.tensors.keys()
    }

    fn get(&self, key: &str) -> &(Vec<usize>, Vec<f64>) {
        self.read.borrow_mut().insert(key.to_string());
        self.tensors.get(key).unwrap_or_else(|| panic!("the case has no tensor {key}"))
    }

    pub fn shape(&self, key: &str) -> &[usize] {
        &self.get(key).0
    }

    pub fn numbers(&self, key: &str) -> &[f64] {
        &self.get(key).1
    }

    /// Another case: with other numbers in tensor `key`.
    pub fn change(&mut self, key: &str, change: impl FnOnce(&mut [f64])) {
        change(&mut self.tensors.get_mut(key).expect("a tensor").1);
    }

    /// Another case: without tensor `key`.
    pub fn remove(&mut self, key: &str) {
        self.tensors.remove(key);
    }

    /// Results that the case has tolerances for.
    pub fn results(&self) -> impl Iterator<Item = &String> {
        self.json["expect"].as_object().into_iter().flat_map(|expect| expect.keys())
    }

    /// Labels that nobody asked for: the networks were told something else than the case's.
    pub fn unread_labels(&self) -> Vec<String> {
        let read = self.read.borrow();
        let labels = self.names().filter(|name| name.starts_with("in.") && name.contains("label"));
        labels.filter(|name| !read.contains(*name)).cloned().collect()
    }

    pub fn floats(&self, key: &str) -> Vec<f32> {
        self.numbers(key).iter().map(|v| *v as f32).collect()
    }

    pub fn tensor<const D: usize>(&self, key: &str, device: &Device) -> Tensor<D> {
        let stored = self.shape(key);
        let shape: [usize; D] =
            stored.try_into().unwrap_or_else(|_| panic!("{key} is {stored:?}, not of {D} dimensions"));
        Tensor::from_data(TensorData::new(self.floats(key), shape), device)
    }

    /// Parameters below `prefix`, by their own names.
    pub fn params(&self, prefix: &str) -> BTreeMap<String, Vec<f32>> {
        let names = self.names().filter_map(|n| n.strip_prefix(prefix));
        names.map(|n| (n.to_string(), self.floats(&format!("{prefix}{n}")))).collect()
    }
}

fn numbers(dtype: Dtype, data: &[u8]) -> Vec<f64> {
    match dtype {
        Dtype::F64 => {
            data.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("8 bytes"))).collect()
        }
        Dtype::F32 => data
            .chunks_exact(4)
            .map(|b| f64::from(f32::from_le_bytes(b.try_into().expect("4 bytes"))))
            .collect(),
        Dtype::F16 => data
            .chunks_exact(2)
            .map(|b| burn::tensor::f16::from_le_bytes(b.try_into().expect("2 bytes")).to_f64())
            .collect(),
        Dtype::I64 => {
            data.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().expect("8 bytes")) as f64).collect()
        }
        Dtype::U8 => data.iter().map(|b| f64::from(*b)).collect(),
        other => panic!("the case holds {other:?}"),
    }
}
