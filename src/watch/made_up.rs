//! Run folders for tests, written as a run writes them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::recipe::{self, Stage};
use crate::run::message::{Ending, Message};
use crate::run::{CHANGES_FILE, Change, REALS_FILE, RECIPE_FILE, STATS_FILE, SUMMARY_FILE, log::Log};

pub struct MadeUp {
    folder: tempfile::TempDir,
}

impl MadeUp {
    /// A folder with the demo's recipe alone.
    pub fn empty() -> Self {
        let made_up = Self { folder: tempfile::tempdir().expect("a folder") };
        let recipe = recipe::preset("demo").expect("a recipe");
        made_up.file(RECIPE_FILE, recipe::to_toml(&recipe).expect("TOML").as_bytes());
        made_up
    }

    /// A run of two stages that has ended, with pictures, a checkpoint and a warning.
    pub fn whole() -> Self {
        let run = Self::empty();
        run.say(&run.started());
        for i in 1..=40 {
            let loss = 1.0 / f64::from(i);
            run.line("teacher", i, f64::from(i), &format!(r#""denoise":{loss},"images_per_sec":200.0"#));
        }
        run.line("teacher", 40, 40.0, r#""fd_pixel":7.5,"conditions":"512 samples""#);
        for i in 1..=20 {
            run.line("sign", 40 + i, f64::from(i) / 10.0, r#""rec":0.25,"idem":null,"images_per_sec":100.0"#);
        }
        run.line("sign", 60, 2.0, r#""fd_pixel":0.5,"conditions":"512 <samples>""#);
        for step in 1..=4_u64 {
            run.change(step, step as f64 / 10.0, (step + 1) as f64 / 10.0);
        }
        run.say(&Message::Warning("saturation is <high>".into()));
        let mut png = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(8, 8, image::Rgb([200, 100, 0]));
        picture.write_to(&mut png, image::ImageFormat::Png).expect("a picture");
        let samples = ["samples-teacher-000000.png", "samples-teacher-000040.png", "samples-sign-000002.png"];
        [REALS_FILE].iter().chain(&samples).for_each(|name| run.file(name, png.get_ref()));
        run.file("checkpoints/step-00000060-sign/manifest.json", br#"{"data_hash":"cafe"}"#);
        run.file(
            "best.json",
            br#"{"stage":"sign","total_steps":60,"kimg":2.0,"metric":"fd_pixel","value":0.5,"conditions":"512","checkpoint":"best/step-00000060-sign"}"#,
        );
        run.file(
            SUMMARY_FILE,
            br#"{"recipe":"demo","ending":"finished","data":{"name":"shapes & co","images":64,"hash":"cafe"}}"#,
        );
        run.say(&Message::Done { why: Ending::Finished, run_dir: run.path().into() });
        run
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn started(&self) -> Message {
        Message::Started {
            run_dir: self.path().into(),
            recipe: "demo".into(),
            device: "a <device>".into(),
            resolution: 16,
            resumed_from: None,
        }
    }

    pub fn say(&self, message: &Message) {
        Log::of(self.path()).hear(message);
    }

    pub fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(&path)).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    /// The student's learning rate is changed after `step`.
    fn change(&self, step: u64, old: f64, new: f64) {
        let name = "student.learning_rate".into();
        let (images, elapsed_secs) = (step * 8, step as f64 * 2.0);
        let change = Change { stage: Stage::Sign, step, images, elapsed_secs, name, old, new };
        let line = serde_json::to_string(&change).expect("JSON");
        let file = OpenOptions::new().create(true).append(true).open(self.path().join(CHANGES_FILE));
        writeln!(file.expect("a file"), "{line}").expect("a line");
    }

    /// A line of `stats.jsonl`; `numbers` are members of its object. A step takes 2 seconds.
    pub fn line(&self, stage: &str, total_steps: u32, kimg: f64, numbers: &str) {
        let secs = total_steps * 2;
        self.append(&format!(
            "{{\"stage\":\"{stage}\",\"step\":1,\"total_steps\":{total_steps},\"kimg\":{kimg},\"elapsed_secs\":{secs},{numbers}}}\n"
        ));
    }

    pub fn append(&self, text: &str) {
        let file = OpenOptions::new().create(true).append(true).open(self.stats());
        file.expect("a file").write_all(text.as_bytes()).expect("written");
    }

    pub fn stats(&self) -> PathBuf {
        self.path().join(STATS_FILE)
    }

    pub fn remove(self) {
        self.folder.close().expect("removed");
    }
}
