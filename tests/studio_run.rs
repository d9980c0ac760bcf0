//! The whole house at once: the window follows a real run, and a dropped picture comes back projected
//! by the weights that are being trained.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::DroppedFile;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use signet::app::Studio;
use signet::gpu::DeviceSpec;
use signet::recipe;
use signet::run::message::Command;
use signet::run::{self, Limits, Meant, Options};

/// Longest wait for anything: training and software rendering share a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

#[derive(Debug)]
struct MemoryFile(Vec<u8>);

impl DroppedFile for MemoryFile {
    fn path(&self) -> &Path {
        Path::new("boat.png")
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(self.0.clone())
    }
}

fn wait(window: &mut Harness<'static, Studio>, what: &str, done: impl Fn(&Harness<'static, Studio>) -> bool) {
    let start = Instant::now();
    while !done(window) {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        window.step();
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_picture_dropped_on_a_live_run_comes_back_projected() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut recipe = recipe::preset("demo").expect("the demo");
    recipe.data.limit = Some(256);
    recipe.network.model_channels = 8;
    recipe.teacher.kimg = 0.5;
    recipe.student.kimg = 1000.0;
    recipe.student.sign.head_steps = 8;
    recipe.report.sample_every_kimg = 0.1;
    recipe.report.metric_samples = 32;
    let options = Options {
        out: folder.path().to_path_buf(),
        fresh: false,
        resume: None,
        device: DeviceSpec::Cpu,
        untested_device: false,
        limits: Limits { max_kimg: None, max_minutes: Some(30.0) },
        meant: Meant::default(),
        stays: false,
    };
    let (link, trainer) = run::start(recipe, options, signet::report::write_beside).expect("the run starts");
    let commands = link.commands.clone();
    let mut window = Harness::builder()
        .with_size([1320.0, 860.0])
        .wgpu()
        .build_eframe(|cc| Studio::new(cc, link).expect("threads for the window"));

    // The student's samples arrive by themselves while training runs.
    wait(&mut window, "the SIGN stage", |w| w.query_by_label_contains("sign ·").is_some());

    let mut png = std::io::Cursor::new(Vec::new());
    let boat = signet::data::synthetic::paint(0, 0, 32);
    let boat = signet::data::pixels::picture_from_bytes(&boat, 3, 32);
    boat.write_to(&mut png, image::ImageFormat::Png).expect("a PNG");
    window.input_mut().dropped_files.push(Arc::new(MemoryFile(png.into_inner())));
    wait(&mut window, "the projection", |w| w.query_all_by_label_contains("after ").next().is_some());

    window.run_steps(4);
    let picture = window.render().expect("a painted window");
    if let Some(folder) = std::env::var_os("SIGNET_SCREENSHOT_DIR") {
        picture.save(Path::new(&folder).join("live.png")).expect("the screenshot");
    }
    commands.send(Command::Stop).expect("a trainer that listens");
    wait(&mut window, "the end", |_| trainer.is_finished());
    trainer.join().expect("the trainer ends well");
    let checkpoints =
        std::fs::read_dir(folder.path().join("00000-demo-sign/checkpoints")).expect("checkpoints");
    // The teacher's was there before.
    let of_student = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().ends_with("-sign");
    assert!(checkpoints.flatten().any(|entry| of_student(&entry)), "stopping saved nothing");
}
