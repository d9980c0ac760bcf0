//! The window under test, and the made-up trainer at its other end.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use eframe::egui::{DroppedFile, DroppedFileHandle, RawInput, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::{ImageFormat, Rgb, RgbImage, RgbaImage};

use signet::app::{Dialog, Studio};
use signet::error::{Error, Kind};
use signet::run::link::Link;
use signet::run::message::{
    Averaging, Class, Command, Diagnosed, EditRequest, Edited, Ending, Left, Made, MakeRequest, Making,
    Message, PANELS, Pictures, Progress, Projection, Stage, Tunable,
};

/// Longest wait for anything: software rendering on a busy machine is slow.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Size of the window, points.
const SIZE: [f32; 2] = [1320.0, 860.0];

/// Kimg of one training step: 16 images.
const STEP_KIMG: f64 = 0.016;

/// Of which the made-up trainer can make nothing.
pub const BAD_SEED: u32 = 666;

/// What the trainer says after all else, in the log.
const LAST_WORD: &str = "the data set has 4 096 pictures of 16 × 16 pixels";

/// What the test and the made-up trainer both know.
#[derive(Default)]
struct Shared {
    heard: Mutex<Vec<Command>>,
    refusal: Mutex<Option<String>>,
    holds_stop: AtomicBool,
    holds_edits: AtomicBool,
    holds_raw: AtomicBool,
    holds_making: AtomicBool,
}

/// The window with its trainer.
pub struct Scene {
    pub window: Harness<'static, Studio>,
    voice: Option<Sender<Message>>,
    shared: Arc<Shared>,
    run_dir: tempfile::TempDir,
    hung_up: Arc<AtomicBool>,
}

impl Scene {
    pub fn open() -> Self {
        Self::open_asking(Dialog::with(|_| Ok(Vec::new())))
    }

    /// A window whose dialogs are answered by `dialog`: a test has no desktop.
    pub fn open_asking(dialog: Dialog) -> Self {
        Self::open_on(SIZE, 1.0, dialog)
    }

    /// A window of so many points, on a desktop of this scale.
    pub fn open_sized(size: [f32; 2], scale: f32) -> Self {
        Self::open_on(size, scale, Dialog::with(|_| Ok(Vec::new())))
    }

    fn open_on(size: [f32; 2], scale: f32, dialog: Dialog) -> Self {
        require_adapter();
        let (voice, messages) = channel();
        let (commands, orders) = channel();
        let shared = Arc::new(Shared::default());
        let hung_up = Arc::new(AtomicBool::new(false));
        let run_dir = tempfile::tempdir().expect("a temporary folder");
        let trainer = {
            let (voice, shared, hung_up) = (voice.clone(), Arc::clone(&shared), Arc::clone(&hung_up));
            let run_dir = run_dir.path().to_path_buf();
            move || {
                loop {
                    match orders.recv_timeout(Duration::from_millis(5)) {
                        Ok(command) => answer(&voice, &shared, &run_dir, command),
                        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                        Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
                    }
                    if hung_up.load(Ordering::Relaxed) {
                        return;
                    }
                }
            }
        };
        std::thread::spawn(trainer);
        let builder = Harness::builder().with_size(size).with_pixels_per_point(scale);
        let window = builder.wgpu().build_eframe(|cc| {
            let studio = Studio::new(cc, Link { messages, commands: commands.into() })
                .expect("threads for the window");
            studio.asking_by(dialog)
        });
        Self { window, voice: Some(voice), shared, run_dir, hung_up }
    }

    pub fn run_dir(&self) -> PathBuf {
        self.run_dir.path().to_path_buf()
    }

    pub fn say(&self, message: Message) {
        let voice = self.voice.as_ref().expect("the trainer has not hung up");
        voice.send(message).expect("a window that listens");
    }

    /// A run in the middle of its student's stage.
    pub fn train(&self) {
        self.train_in(&self.run_dir());
    }

    /// The same in a folder that is only spoken of.
    pub fn train_in(&self, run_dir: &Path) {
        self.say(Message::Started {
            run_dir: run_dir.to_path_buf(),
            recipe: "demo".to_owned(),
            device: "a made-up device".to_owned(),
            resolution: 16,
            resumed_from: None,
        });
        self.say(Message::Recipe("name = \"demo\"\nseed = 0\n".into()));
        self.say(Message::Reals(pictures(4.0)));
        for (stage, end, losses) in [
            (Stage::Teacher, 20.0, &[("denoise", 0.9_f32, 0.12_f32)][..]),
            (Stage::Sign, 18.0, &[("fake", 0.5, 0.2), ("rec", 0.35, 0.05), ("flow", 0.7, 0.3)][..]),
        ] {
            self.say(Message::StageStarted { stage, parameters: 1_300_000 });
            let steps = (end / STEP_KIMG) as u64;
            for step in 1..=steps {
                let at = progress(stage, step as f64 * STEP_KIMG);
                let losses = losses.iter().enumerate().map(|(i, &(name, from, to))| {
                    let fall = (-(at.kimg as f32) / 3.0).exp();
                    let noise = ((step * 7919 + i as u64 * 104_729) % 1000) as f32 / 1000.0 - 0.5;
                    (name, (to + (from - to) * fall) * (1.0 + 0.25 * noise))
                });
                let losses = losses.collect();
                self.say(Message::Step { at, losses, images_per_sec: 412.0, left: Left::alone(102.0) });
                if stage == Stage::Sign && step % 125 == 0 {
                    let pictures = pictures(at.kimg / end);
                    self.say(Message::Samples {
                        at,
                        averaging: Averaging::Ema,
                        pictures,
                        path: Some("samples.png".into()),
                    });
                }
            }
            let at = progress(stage, end);
            self.say(Message::Checkpoint { at, path: run_dir.join(format!("checkpoints/step-{steps}")) });
        }
        self.say(Message::Note(LAST_WORD.to_owned()));
    }

    /// Lets frames pass until the window has heard all of [`Self::train`].
    pub fn wait_trained(&mut self) {
        self.wait("the run's last word", |window| {
            window.query_all_by_label_contains(LAST_WORD).next().is_some()
        });
    }

    /// Lets frames pass until `done`; the test fails with `what` if that takes too long.
    pub fn wait(&mut self, what: &str, done: impl Fn(&Harness<'static, Studio>) -> bool) {
        let start = Instant::now();
        loop {
            self.window.step();
            if done(&self.window) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Lets frames pass until the trainer has heard what it should.
    pub fn wait_heard(&mut self, what: &str, done: impl Fn(&[Command]) -> bool) {
        let shared = Arc::clone(&self.shared);
        self.wait(what, |_| done(&shared.heard.lock().expect("no test panics with the lock")));
    }

    pub fn heard(&self) -> Vec<Command> {
        self.shared.heard.lock().expect("no test panics with the lock").clone()
    }

    /// Presses a button and waits until its command has arrived.
    pub fn press(&mut self, label: &str) {
        let before = self.heard().len();
        self.window.get_by_label(label).click();
        self.wait_heard(label, |heard| heard.len() > before);
    }

    pub fn refuse_edits(&self, words: &str) {
        *self.shared.refusal.lock().expect("no test panics with the lock") = Some(words.to_owned());
    }

    pub fn accept_edits(&self) {
        *self.shared.refusal.lock().expect("no test panics with the lock") = None;
    }

    /// From now on the trainer does not answer a stop by itself.
    pub fn hold_stop(&self) {
        self.shared.holds_stop.store(true, Ordering::Relaxed);
    }

    /// From now on the trainer does not answer edits.
    pub fn hold_edits(&self) {
        self.shared.holds_edits.store(true, Ordering::Relaxed);
    }

    /// From now on the trainer says that it has begun with new pictures, and no more.
    pub fn hold_making(&self) {
        self.shared.holds_making.store(true, Ordering::Relaxed);
    }

    /// From now on the trainer does not draw the raw weights.
    pub fn hold_raw(&self) {
        self.shared.holds_raw.store(true, Ordering::Relaxed);
    }

    /// The trainer's thread ends without a last message.
    pub fn hang_up(&mut self) {
        self.voice = None;
        self.hung_up.store(true, Ordering::Relaxed);
    }

    /// Presses the window's close button; returns what the window then asks of the window system.
    pub fn ask_to_close(&mut self) -> Vec<ViewportCommand> {
        let root = self.window.input_mut().viewports.entry(ViewportId::ROOT).or_default();
        root.events.push(ViewportEvent::Close);
        self.window.step();
        self.window.output().viewport_output[&ViewportId::ROOT].commands.clone()
    }

    /// Paints the window; keeps the picture in the folder `SIGNET_SCREENSHOT_DIR`, if that is set.
    pub fn screenshot(&mut self, name: &str) -> RgbaImage {
        screenshot(&mut self.window, name)
    }
}

/// Paints a window; keeps the picture in the folder `SIGNET_SCREENSHOT_DIR`, if that is set.
pub fn screenshot<App>(window: &mut Harness<'static, App>, name: &str) -> RgbaImage {
    // Fonts, plots and panels settle over a few frames.
    window.run_steps(4);
    let mut picture = window.render().expect("a painted window");
    let [r, g, b, _] = window.ctx.global_style().visuals.panel_fill.to_array();
    lay_on(&mut picture, [r, g, b]);
    if let Some(folder) = std::env::var_os("SIGNET_SCREENSHOT_DIR") {
        let path = PathBuf::from(folder).join(format!("{name}.png"));
        picture.save(&path).unwrap_or_else(|why| panic!("could not write {}: {why}", path.display()));
    }
    picture
}

/// Lays a picture with premultiplied colours on a backdrop, as a real window is painted.
fn lay_on(picture: &mut RgbaImage, backdrop: [u8; 3]) {
    for image::Rgba([colours @ .., alpha]) in picture.pixels_mut() {
        for (colour, behind) in colours.iter_mut().zip(backdrop) {
            let through = f32::from(behind) * (1.0 - f32::from(*alpha) / 255.0);
            *colour = colour.saturating_add(through.round() as u8);
        }
        *alpha = 255;
    }
}

/// A file on disk, as most desktops hand them over.
#[derive(Debug)]
struct DiskFile(PathBuf);

impl DroppedFile for DiskFile {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|why| why.to_string())
    }
}

/// Drops what lies at `paths` on a window, all together.
pub fn drop_paths(input: &mut RawInput, paths: &[PathBuf]) {
    input
        .dropped_files
        .extend(paths.iter().map(|path| Arc::new(DiskFile(path.clone())) as DroppedFileHandle));
}

/// Painting needs a graphics driver, if only one in software; a test that cannot paint must not pass.
pub fn require_adapter() {
    static FOUND: OnceLock<bool> = OnceLock::new();
    let found = *FOUND.get_or_init(|| {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        !pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all())).is_empty()
    });
    assert!(
        found,
        "no graphics adapter: install a Vulkan driver; on Debian the package mesa-vulkan-drivers has one in software"
    );
}

/// What the trainer says to a command.
fn answer(voice: &Sender<Message>, shared: &Shared, run_dir: &std::path::Path, command: Command) {
    shared.heard.lock().expect("no test panics with the lock").push(command.clone());
    let at = progress(Stage::Sign, 18.0);
    let message = match command {
        Command::Pause => Message::Paused,
        Command::Resume => Message::Resumed,
        Command::SampleNow => {
            Message::Samples { at, averaging: Averaging::Ema, pictures: pictures(1.0), path: None }
        }
        Command::SampleRaw(true) if shared.holds_raw.load(Ordering::Relaxed) => return,
        Command::SampleRaw(true) => {
            Message::Samples { at, averaging: Averaging::Raw, pictures: pictures(0.7), path: None }
        }
        Command::SampleRaw(false) => return,
        Command::ShowTeacher => Message::TeacherSamples { pictures: pictures(1.0), evaluations: 19 },
        Command::SaveNow => Message::Checkpoint { at, path: run_dir.join("checkpoints").join("step-1125") },
        Command::Diagnose => Message::Diagnosis(Arc::new(diagnosis(at))),
        Command::Tune(wish) => Message::Tunables(tunables(wish.value)),
        Command::Make(MakeRequest { ticket, count, .. }) if shared.holds_making.load(Ordering::Relaxed) => {
            Message::Making(Making::Part { ticket, done: count / 3, total: count })
        }
        Command::Make(request) => {
            Message::Making(Making::Done { ticket: request.ticket, outcome: make(&request, at) })
        }
        Command::Stop if shared.holds_stop.load(Ordering::Relaxed) => return,
        Command::CancelEdit(_) | Command::CancelMake(_) => return,
        Command::Leave | Command::TrainLonger { .. } => return,
        Command::StopElsewhere | Command::GoOn => return,
        Command::Stop => Message::Done { why: Ending::Stopped, run_dir: run_dir.to_path_buf() },
        Command::Edit(_) if shared.holds_edits.load(Ordering::Relaxed) => return,
        Command::Edit(request) => {
            let refusal = shared.refusal.lock().expect("no test panics with the lock").clone();
            let (ticket, name) = (request.ticket, request.name.clone());
            let outcome = match refusal {
                Some(words) => Err(Error::new(Kind::Usage, words)),
                None => Ok(invert(&request)),
            };
            Message::Edited(Edited { ticket, name, outcome })
        }
    };
    // A window that is gone hears nothing, and that is fine.
    let _ = voice.send(message);
}

/// A stage whose learning rate is `rate` now.
pub fn tunables(rate: f64) -> Vec<Tunable> {
    vec![Tunable {
        name: "student.learning_rate",
        value: rate,
        in_recipe: 2e-4,
        smallest: 1e-12,
        largest: 1.0,
        what_it_does: "the generator's learning rate",
    }]
}

/// A model whose every application inverts the picture.
fn invert(request: &EditRequest) -> Projection {
    let side = 16;
    let before = image::imageops::resize(&*request.image, side, side, image::imageops::FilterType::Nearest);
    let mut after = vec![];
    let mut picture = before.clone();
    let steps = request.wish.steps.unwrap_or(1);
    for _ in 0..steps {
        image::imageops::invert(&mut picture);
        after.push(picture.clone());
    }
    let moved_rms = (0..steps).map(|k| 1.2 - 0.1 * k as f32).collect();
    Projection { before, after, moved_rms, idempotence_rms: 0.1, model: "sign at 18.0 kimg".to_owned() }
}

/// What each seed makes: the sample of its number. A class is told, where one is asked for.
fn make(request: &MakeRequest, at: Progress) -> Result<Made, Error> {
    let seeds: Vec<u32> = (request.first_seed..).take(request.count).collect();
    if seeds.contains(&BAD_SEED) {
        return Err(Error::new(Kind::Diverged, "what the model makes is not finite").hint("go back"));
    }
    let classes = request.class.map(|class| vec![class; seeds.len()]);
    let pictures = seeds.iter().map(|seed| sample(*seed, 1.0)).collect();
    Ok(Made { pictures, seeds, classes, at })
}

/// The classes of a made-up set.
pub fn classes() -> Arc<[Class]> {
    let class = |(number, name): (u32, &str)| Class { number, name: name.to_owned(), pictures: 50 };
    [(1, "cat"), (4, "a dog with a name that is longer than any menu")].map(class).into()
}

/// Two images at three levels, whose judges agree less the more noise there is.
fn diagnosis(at: Progress) -> Diagnosed {
    let count = 2 * 3 * PANELS.len() as u32;
    Diagnosed {
        at,
        sigmas: vec![0.1, 0.5, 2.5],
        pictures: (0..count).map(|index| sample(index, 1.0)).collect(),
        disagreement: vec![1e-3, 1e-2, 1e-1],
        fake_loss: vec![0.3, 0.4, 0.5],
    }
}

pub fn progress(stage: Stage, kimg: f64) -> Progress {
    let step = (kimg / STEP_KIMG).round() as u64;
    Progress { stage, step, kimg, stage_kimg: 60.0, elapsed_secs: kimg * 2.5 }
}

pub fn pictures(ripeness: f64) -> Pictures {
    (0..36).map(|index| sample(index, ripeness)).collect()
}

/// A soft disc on a ground of its own colour, which emerges from grey noise as `ripeness` goes to 1.
pub fn sample(index: u32, ripeness: f64) -> RgbImage {
    let hue = f64::from(index) * 0.61;
    let (x0, y0) = (8.0 + 2.0 * (hue * 5.0).sin(), 8.0 + 2.0 * (hue * 7.0).cos());
    RgbImage::from_fn(16, 16, |x, y| {
        let far = (f64::from(x) - x0).hypot(f64::from(y) - y0);
        let disc = 1.0 / (1.0 + ((far - 4.5) * 2.0).exp());
        Rgb([0.0, 2.1, 4.2].map(|phase| {
            let ground = 0.25 + 0.15 * (hue * 3.0 + phase).sin();
            let ink = 0.6 + 0.38 * (hue * 11.0 + phase).cos();
            let noise =
                f64::from((x * 73 + y * 151 + index * 37 + (phase * 100.0) as u32) * 97 % 255) / 255.0;
            let clean = ground + (ink - ground) * disc;
            let ripe = ripeness.clamp(0.0, 1.0);
            ((clean * ripe + noise * (1.0 - ripe)) * 255.0) as u8
        }))
    })
}

pub fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).expect("a PNG in memory");
    bytes.into_inner()
}
