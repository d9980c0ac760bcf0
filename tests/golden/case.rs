//! One reference case: its JSON, its tensors, its tolerances.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use signet::model::Layout;

pub struct Case {
    pub json: Value,
    pub folder: PathBuf,
    /// How many times the case's tolerance an error may be: 1 on the CPU, more on GPUs, whose
    /// exponentials and roots are coarser.
    slack: f64,
    tensors: BTreeMap<String, (Vec<usize>, Vec<f64>)>,
}

/// How a case came out.
#[derive(Default)]
pub struct Report {
    pub compared: usize,
    /// Largest error as a share of its tolerance.
    pub worst: f64,
    /// Largest error of a tensor in the l2 norm, as a share of the tensor.
    pub worst_relative: f64,
    pub failures: Vec<String>,
}

impl Report {
    /// A case that could not even be tried.
    pub fn failed(why: String) -> Self {
        Self { failures: vec![why], ..Self::default() }
    }

    /// Counts one comparison that either holds or fails with a reason.
    pub fn check(&mut self, holds: bool, why: impl FnOnce() -> String) {
        self.compared += 1;
        if !holds {
            self.failures.push(why());
        }
    }

    /// Compares numbers that must be the same.
    pub fn exactly(&mut self, key: &str, got: &[f64], want: &[f64]) {
        let differing = got.iter().zip(want).filter(|(g, w)| g != w).count();
        self.check(got.len() == want.len() && differing == 0, || {
            format!("{key}: {differing} of {} numbers differ ({} given)", want.len(), got.len())
        });
    }
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
        Self { json: value, folder: json.parent().expect("a folder").to_path_buf(), slack, tensors }
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

    pub fn shape(&self, key: &str) -> &[usize] {
        &self.tensors.get(key).unwrap_or_else(|| panic!("the case has no tensor {key}")).0
    }

    pub fn numbers(&self, key: &str) -> &[f64] {
        &self.tensors.get(key).unwrap_or_else(|| panic!("the case has no tensor {key}")).1
    }

    pub fn floats(&self, key: &str) -> Vec<f32> {
        self.numbers(key).iter().map(|v| *v as f32).collect()
    }

    pub fn tensor<const D: usize>(&self, key: &str, device: &Device) -> Tensor<D> {
        let shape = &self.tensors.get(key).unwrap_or_else(|| panic!("the case has no tensor {key}")).0;
        let shape: [usize; D] = std::array::from_fn(|i| shape[i]);
        Tensor::from_data(TensorData::new(self.floats(key), shape), device)
    }

    /// Parameters below `prefix`, by their own names.
    pub fn params(&self, prefix: &str) -> BTreeMap<String, Vec<f32>> {
        let names = self.names().filter_map(|n| n.strip_prefix(prefix));
        names.map(|n| (n.to_string(), self.floats(&format!("{prefix}{n}")))).collect()
    }

    /// Compares `got` with tensor `key` (taking every `stride`-th number where the case stores a
    /// sample) under the rule of the case: largest and relative l2 error within their tolerances.
    pub fn compare(&self, report: &mut Report, key: &str, got: &[f64]) {
        let expect = &self.json["expect"][key];
        let want = self.numbers(key);
        let got: Vec<f64> = match expect["stride"].as_u64() {
            Some(stride) => got.iter().step_by(stride as usize).copied().collect(),
            None => got.to_vec(),
        };
        report.compared += 1;
        if got.len() != want.len() {
            report.failures.push(format!("{key} has {} numbers, expected {}", got.len(), want.len()));
            return;
        }
        let tolerance =
            |name: &str| self.slack * expect[name].as_f64().unwrap_or_else(|| panic!("{key} has no {name}"));
        let (tol_abs, tol_rel) = (tolerance("tol_abs"), tolerance("tol_rel_l2"));
        let mut largest = 0.0f64;
        for (g, w) in got.iter().zip(want) {
            let error = (g - w).abs();
            largest = if error.is_nan() { f64::INFINITY } else { largest.max(error) };
        }
        let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
        let relative = norm(&mut got.iter().zip(want).map(|(g, w)| g - w));
        let size = norm(&mut want.iter().copied());
        let allowed = tol_rel * size + 1e-12;
        if size > 0.0 {
            report.worst_relative = report.worst_relative.max(relative / size);
        }
        report.worst = report.worst.max(largest / tol_abs).max(relative / allowed);
        if largest > tol_abs || relative > allowed || !largest.is_finite() {
            report.failures.push(format!(
                "{key}: largest error {largest:.3e} (allowed {tol_abs:.3e}), l2 {relative:.3e} (allowed {allowed:.3e})"
            ));
        }
    }

    pub fn compare_tensor<const D: usize>(&self, report: &mut Report, key: &str, got: Tensor<D>) {
        let data = got.into_data().try_to_vec::<f32>().expect("f32 numbers");
        let wide: Vec<f64> = data.into_iter().map(f64::from).collect();
        self.compare(report, key, &wide);
    }
}

impl Case {
    /// Compares the gradients of all parameters of a layout, given in its flat blocks, with the tensors
    /// that `key_of` a parameter's name names: whole, or sampled. A parameter that nothing reaches has no
    /// reference gradient: ours must be zero.
    pub fn compare_gradients(
        &self,
        report: &mut Report,
        layout: &Layout,
        flat: &[Tensor<1>],
        key_of: impl Fn(&str) -> String,
    ) {
        for param in layout.params() {
            let gradient: Tensor<1> = flat[param.block].clone().narrow(0, param.offset, param.len());
            let whole = key_of(&param.name);
            let sampled = format!("sampled.{whole}");
            match [whole, sampled].into_iter().find(|key| self.has(key)) {
                Some(key) => self.compare_tensor(report, &key, gradient),
                None => {
                    let size: f32 = gradient.abs().max().into_scalar();
                    report.check(size == 0.0, || format!("no reference gradient for {}", param.name));
                }
            }
        }
    }

    /// The case keeps the loss of every pixel under `key`; `got` are ours, summed per sample.
    pub fn compare_sums(&self, report: &mut Report, key: &str, got: &[f32]) {
        let want = self.numbers(key);
        report.check(!got.is_empty() && want.len().is_multiple_of(got.len()), || {
            format!("{key}: {} samples for {} numbers", got.len(), want.len())
        });
        for (i, (got, want)) in
            got.iter().zip(want.chunks((want.len() / got.len().max(1)).max(1))).enumerate()
        {
            let (sum, scale): (f64, f64) = (want.iter().sum(), want.iter().map(|v| v.abs()).sum());
            report.check((f64::from(*got) - sum).abs() <= 1e-5 * scale.max(1e-6), || {
                format!("{key}[{i}] is {got}, expected {sum}")
            });
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.failures.is_empty() { "pass" } else { "FAIL" };
        write!(
            f,
            "{verdict}  {:>4} compared, worst relative error {:.1e}, {:.3} of its tolerance",
            self.compared, self.worst_relative, self.worst
        )
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
