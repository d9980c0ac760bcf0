//! What the window costs: the time of a frame when nothing happens, while a run trains beside it and with a
//! curve of a million steps, and what its frames take from the training.
//!
//! `cargo run --release --example window_cost -- [RECIPE] [SECS] [FRAMES_PER_SEC]`, by default the recipe
//! `demo`, 20 seconds for each measurement and 10 frames a second, as often as a window that nobody touches
//! is painted. Frames are drawn into memory by the graphics card, or by the software that stands in for it.

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use eframe::egui_wgpu::RendererOptions;
use egui_kittest::Harness;
use egui_kittest::wgpu::WgpuTestRenderer;
use signet::app::Studio;
use signet::error::{Error, Kind, Result};
use signet::gpu::DeviceSpec;
use signet::recipe;
use signet::run::link::Link;
use signet::run::message::{Command, Left, Message, Progress, Stage};
use signet::run::{self, Limits, Meant, Options};

/// Size of the window, points.
const SIZE: [f32; 2] = [1320.0, 860.0];

/// Steps of the long curve.
const STEPS: u64 = 1_000_000;

/// Frames that one measurement without a run takes.
const FRAMES: usize = 60;

/// Times that training with and without frames take turns.
const TURNS: usize = 4;

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn measure() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_else(|| "demo".into());
    let secs = number(args.next(), 20.0)?;
    let pace = Duration::from_secs_f64(1.0 / number(args.next(), 10.0)?);
    println!("| window of {} × {} points | logic, ms | with drawing, ms |", SIZE[0], SIZE[1]);
    println!("|---|---|---|");

    let (voice, messages) = channel();
    let mut quiet = Window::open(messages);
    quiet.say(&voice, 1);
    println!("| nothing happens | {} |", quiet.frames(FRAMES));
    quiet.say(&voice, STEPS);
    println!("| a curve of {STEPS} steps | {} |", quiet.frames(FRAMES));
    drop(quiet);
    train(&name, Duration::from_secs_f64(secs), pace)
}

fn number(text: Option<String>, default: f64) -> Result<f64> {
    let Some(text) = text else { return Ok(default) };
    text.parse()
        .ok()
        .filter(|number: &f64| *number > 0.0 && number.is_finite())
        .ok_or_else(|| Error::usage(format!("{text} is not a number above 0")).hint("give say: demo 20 10"))
}

/// Frames beside a run, in turns with none.
fn train(name: &str, turn: Duration, pace: Duration) -> Result<()> {
    let mut recipe = recipe::preset(name).ok_or_else(|| {
        Error::usage(format!("there is no recipe called `{name}`"))
            .hint(format!("choose one of {}", recipe::names().join(", ")))
    })?;
    // Grids and measures would fall into one turn and not into the other.
    (recipe.report.sample_every_kimg, recipe.report.metric_every_kimg) = (f64::MAX, f64::MAX);
    let out = std::env::temp_dir().join(format!("signet-window-cost-{}", std::process::id()));
    let options = Options {
        out: out.clone(),
        fresh: true,
        resume: None,
        device: DeviceSpec::Auto,
        untested_device: true,
        limits: Limits::default(),
        meant: Meant::default(),
        stays: false,
    };
    let (link, trainer) = run::start(recipe, options, signet::report::write_beside)?;
    let (voice, messages) = channel();
    let mut window = Window::open(messages);
    let mut run = Run { link, voice };
    run.warm_up(turn)?;
    let (mut beside, mut alone, mut costs) = (0.0, 0.0, Costs::default());
    for _ in 0..TURNS {
        alone += run.steps(turn, &mut |left| thread::sleep(left))?;
        let mut due = Instant::now();
        beside += run.steps(turn, &mut |left| {
            let early = due.saturating_duration_since(Instant::now());
            if early.is_zero() {
                due += pace;
                costs.add(window.frame());
            } else {
                thread::sleep(early.min(left));
            }
        })?;
    }
    let rate = |steps: f64| steps / (TURNS as f64 * turn.as_secs_f64());
    println!("| `{name}` trains | {costs} |");
    println!(
        "\n{:.2} steps/s without frames, {:.2} with {:.1} a second: {:.3}",
        rate(alone),
        rate(beside),
        1.0 / pace.as_secs_f64(),
        beside / alone
    );
    // A trainer that has ended by itself has left already.
    let _ = run.link.commands.send(Command::Stop);
    while run.link.messages.recv().is_ok() {}
    trainer.join().map_err(|_| Error::new(Kind::Device, "the trainer's thread did not end well"))?;
    std::fs::remove_dir_all(&out).map_err(|source| Error::io(&out, "remove the folder", &source))
}

/// A run whose messages are counted on their way to the window.
struct Run {
    link: Link,
    voice: Sender<Message>,
}

impl Run {
    /// Waits for the first step, then trains for `time`.
    fn warm_up(&mut self, time: Duration) -> Result<()> {
        loop {
            match self.link.messages.recv().map_err(|_| ended())? {
                Message::Step { .. } => break,
                Message::Failed(error) => return Err(error),
                other => drop(self.voice.send(other)),
            }
        }
        self.steps(time, &mut |left| thread::sleep(left)).map(drop)
    }

    /// Training steps in `time`, while `meanwhile` is done again and again with at most so much time left.
    fn steps(&mut self, time: Duration, meanwhile: &mut dyn FnMut(Duration)) -> Result<f64> {
        /// Longest time that messages wait.
        const LONGEST: Duration = Duration::from_millis(100);
        let (clock, mut steps) = (Instant::now(), 0);
        self.link.messages.try_iter().for_each(drop);
        while let Some(left) = time.checked_sub(clock.elapsed()) {
            meanwhile(left.min(LONGEST));
            for message in self.link.messages.try_iter() {
                match &message {
                    Message::Step { .. } => steps += 1,
                    Message::Failed(error) => return Err(error.clone()),
                    Message::Done { .. } => return Err(ended()),
                    _ => {}
                }
                // The window is open as long as this.
                let _ = self.voice.send(message);
            }
        }
        Ok(f64::from(steps))
    }
}

fn ended() -> Error {
    Error::new(Kind::Usage, "the run ended before the measurement did")
        .hint("choose a longer recipe, or fewer seconds")
}

/// The window, drawn into memory.
struct Window {
    harness: Harness<'static, Studio>,
    /// Where commands go that nobody hears.
    _orders: Receiver<Command>,
}

impl Window {
    fn open(messages: Receiver<Message>) -> Self {
        let (commands, orders) = channel();
        let link = Link { messages, commands: commands.into() };
        // As a real window is painted; tests filter textures by a slower way that no driver changes.
        let painter = WgpuTestRenderer::with_render_options(RendererOptions::default());
        let harness = Harness::builder()
            .with_size(SIZE)
            .renderer(painter)
            .build_eframe(|cc| Studio::new(cc, link).expect("threads for the window"));
        Self { harness, _orders: orders }
    }

    /// Hears of `steps` steps.
    fn say(&mut self, voice: &Sender<Message>, steps: u64) {
        for step in 1..=steps {
            let kimg = step as f64 * 0.016;
            let at = Progress { stage: Stage::Sign, step, kimg, stage_kimg: 16e3, elapsed_secs: kimg };
            let wave = (step as f32 * 1e-4).sin();
            let losses = vec![("rec", 1.5 + wave), ("flow", 2.0 - wave), ("idem", 0.1 + 0.05 * wave)];
            // The window is open as long as this.
            let _ = voice.send(Message::Step { at, losses, images_per_sec: 400.0, left: Left::alone(60.0) });
        }
        // All that was said has been heard after some frames, and fonts and plots have settled.
        thread::sleep(Duration::from_secs(1));
        self.frames(8);
    }

    fn frames(&mut self, count: usize) -> Costs {
        let mut costs = Costs::default();
        (0..count).for_each(|_| costs.add(self.frame()));
        costs
    }

    /// Seconds of a frame: its logic, and all of it with the drawing.
    fn frame(&mut self) -> [f64; 2] {
        let clock = Instant::now();
        self.harness.step();
        let logic = clock.elapsed().as_secs_f64();
        self.harness.render().expect("a painted window");
        [logic, clock.elapsed().as_secs_f64()]
    }
}

/// What frames cost, in seconds.
#[derive(Default)]
struct Costs([Vec<f64>; 2]);

impl Costs {
    fn add(&mut self, frame: [f64; 2]) {
        self.0.iter_mut().zip(frame).for_each(|(all, one)| all.push(one));
    }
}

/// Median and 95th percentile, milliseconds, in two cells of a table.
impl std::fmt::Display for Costs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (cell, all) in self.0.iter().enumerate() {
            let mut sorted = all.clone();
            sorted.sort_by(f64::total_cmp);
            let at =
                |share: f64| sorted.get((share * sorted.len() as f64) as usize).map_or(f64::NAN, |s| s * 1e3);
            let gap = if cell > 0 { " | " } else { "" };
            write!(f, "{gap}{:.1} (95 %: {:.1})", at(0.5), at(0.95))?;
        }
        Ok(())
    }
}
