//! Data sets in EDM's zip format.

use signet::{data, recipe};

use crate::case::Case;
use crate::report::Report;

pub fn run(case: &Case) -> Report {
    let file = case.json["extra_files"][0].as_str().expect("the zip's name");
    let size = case.usize("resolution");
    let source = recipe::Data { path: Some(case.folder.join(file)), size, ..recipe::Data::default() };
    let (set, found) = data::open(&source, 0, &mut |_, _| Ok(())).expect("a readable data set");
    let mut report = Report::default();
    let count = case.usize("num_images");
    report.check(set.len() == count, || format!("{} images instead of {count}", set.len()));
    if set.len() != count {
        return report;
    }
    // The case appends the mirrored images, which are a matter of the loader here.
    let want = case.numbers("out.images");
    let labels = if case.has("out.labels") { case.numbers("out.labels") } else { &[] };
    let classes = case.config()["label_dim"].as_u64().unwrap_or(0) as usize;
    let pixels = case.usize("channels") * size * size;
    ["out.images", "out.labels"].iter().for_each(|key| report.looks_at(key));
    for i in 0..set.len() {
        let got = set.image_u8(i).iter().map(|v| f64::from(*v));
        let same = got.eq(want[i * pixels..(i + 1) * pixels].iter().copied());
        report.check(same, || format!("image {i} differs ({found})"));
        let one_hot = labels.get(i * classes..(i + 1) * classes).unwrap_or(&[]);
        let want = one_hot.iter().position(|v| *v == 1.0);
        let got = set.labels.as_ref().map(|l| l[i] as usize);
        report.check(got == want, || format!("label {i} is {got:?}, expected {want:?}"));
    }
    report
}
