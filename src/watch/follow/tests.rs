use std::sync::mpsc::channel;
use std::thread;

use super::super::made_up::MadeUp;
use super::*;
use crate::run::RunFolder;
use crate::run::message::Ending;

/// Longest wait for a message: the folder is looked at every second.
const PATIENCE: Duration = Duration::from_secs(30);

/// What follows a run, and who it talks to.
struct Scene {
    made: MadeUp,
    heard: Receiver<Message>,
    orders: Sender<Command>,
    follower: thread::JoinHandle<Option<GoOn>>,
}

impl Scene {
    fn of(made: MadeUp) -> Self {
        let ((says, heard), (orders, hears)) = (channel(), channel());
        let dir = made.path().to_path_buf();
        let follower = thread::spawn(move || follow(&dir, &says, &hears));
        Self { made, heard, orders, follower }
    }

    /// The next message that `wanted` takes; what comes before it is passed over.
    fn wait<T>(&self, what: &str, wanted: impl Fn(&Message) -> Option<T>) -> T {
        let began = std::time::Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let message =
                self.heard.recv_timeout(left).unwrap_or_else(|_| panic!("waited in vain for {what}"));
            if let Some(found) = wanted(&message) {
                return found;
            }
        }
    }

    fn end(self) -> Option<GoOn> {
        self.follower.join().expect("it ends well")
    }
}

fn held(made: &MadeUp) -> std::fs::File {
    RunFolder { path: made.path().into() }.lock().expect("free")
}

/// A run in its teacher's stage, with a grid of one picture.
fn training() -> MadeUp {
    let made = MadeUp::empty();
    made.say(&made.started());
    made.line("teacher", 1, 1.0, r#""left_secs":900,"denoise":0.5,"images_per_sec":100.0"#);
    made.file("samples-teacher-000000.png", &png());
    made
}

fn png() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(8, 8, |x, y| image::Rgb([x as u8 * 30, y as u8 * 30, 9]));
    // As grids are: each pixel fourfold.
    let side = 8 * crate::data::pixels::GRID_SCALE;
    let large = image::imageops::resize(&picture, side, side, image::imageops::FilterType::Nearest);
    let mut png = std::io::Cursor::new(Vec::new());
    large.write_to(&mut png, image::ImageFormat::Png).expect("a picture");
    png.into_inner()
}

#[test]
fn a_run_is_told_as_its_trainer_would_tell_it() {
    let made = training();
    let lock = held(&made);
    let scene = Scene::of(made);
    let device = scene.wait("the beginning", |m| match m {
        Message::Started { device, .. } => Some(device.clone()),
        _ => None,
    });
    assert_eq!(device, "a <device>");
    // The lock is this very process's: nobody is asked by a signal.
    let who =
        scene.wait("who trains", |m| if let Message::Followed(who) = m { Some(who.clone()) } else { None });
    assert!(who.why_deaf().is_some());
    let recipe =
        scene.wait("the recipe", |m| if let Message::Recipe(text) = m { Some(text.clone()) } else { None });
    assert!(recipe.contains("name = \"demo\""), "{recipe}");
    let (at, left) = scene.wait("a step", |m| match m {
        Message::Step { at, left, .. } => Some((*at, *left)),
        _ => None,
    });
    assert_eq!((at.stage, at.kimg, left.stage, left.stages), (Stage::Teacher, 1.0, 1, 2));
    assert!((850.0..=900.0).contains(&left.secs), "{left:?}");

    scene.made.line("teacher", 2, 2.0, r#""denoise":0.4,"images_per_sec":120.0"#);
    scene.made.line("teacher", 2, 2.0, r#""fd_pixel":7.0,"conditions":"512 samples""#);
    scene.made.file("samples-teacher-000002.png", &png());
    scene.made.file("checkpoints/step-00000002-teacher/manifest.json", b"{}");
    scene.made.say(&Message::Warning("mind the step".into()));
    let speed = scene.wait("a later step", |m| match m {
        Message::Step { at, images_per_sec, .. } if at.kimg == 2.0 => Some(*images_per_sec),
        _ => None,
    });
    assert_eq!(speed, 120.0);
    let metric = scene.wait("a metric", |m| match m {
        Message::Metric { name, value, .. } => Some((name.to_string(), *value)),
        _ => None,
    });
    assert_eq!(metric, ("fd_pixel".to_string(), 7.0));
    scene.wait("a checkpoint", |m| matches!(m, Message::Checkpoint { .. }).then_some(()));
    let drawn = scene.wait("the new grid alone", |m| match m {
        Message::Samples { at, pictures, path: Some(path), .. } => {
            Some((at.kimg, pictures.len(), path.clone()))
        }
        _ => None,
    });
    assert_eq!((drawn.0, drawn.1), (2.0, 1));
    assert!(drawn.2.ends_with("samples-teacher-000002.png"));
    let warning =
        scene.wait("a warning", |m| if let Message::Warning(w) = m { Some(w.clone()) } else { None });
    assert_eq!(warning, "mind the step");
    scene.made.say(&Message::Paused);
    scene.wait("the pause", |m| matches!(m, Message::Paused).then_some(()));
    scene.made.say(&Message::Resumed);
    scene.wait("the pause's end", |m| matches!(m, Message::Resumed).then_some(()));

    // A trainer lets go first, and says why then.
    drop(lock);
    thread::sleep(Duration::from_millis(50));
    scene.made.say(&Message::Done { why: Ending::Stopped, run_dir: scene.made.path().into() });
    let left =
        scene.wait("the end", |m| if let Message::Departed(how) = m { Some(how.clone()) } else { None });
    assert_eq!(left, Departure::Ended(Ending::Stopped));
    scene.orders.send(Command::GoOn).expect("somebody listens");
    assert_eq!(scene.end(), Some(GoOn::AsItIs));
}

#[test]
fn a_process_that_is_gone_without_a_word_is_told_and_the_next_one_is_followed() {
    let made = training();
    let lock = held(&made);
    let scene = Scene::of(made);
    scene.wait("who trains", |m| matches!(m, Message::Followed(_)).then_some(()));
    drop(lock);
    let left =
        scene.wait("the end", |m| if let Message::Departed(how) = m { Some(how.clone()) } else { None });
    assert_eq!(left, Departure::Silent);
    let lock = held(&scene.made);
    scene.wait("who trains now", |m| matches!(m, Message::Followed(_)).then_some(()));
    scene.made.say(&Message::Failed(Error::usage("no room")));
    drop(lock);
    let left =
        scene.wait("the end", |m| if let Message::Departed(how) = m { Some(how.clone()) } else { None });
    assert!(matches!(left, Departure::Failed(why) if why.contains("no room")));
    scene.orders.send(Command::TrainLonger { kimg: 99.0 }).expect("somebody listens");
    assert_eq!(scene.end(), Some(GoOn::Longer { kimg: 99.0 }));
}

#[test]
fn a_face_that_leaves_ends_the_following_and_nothing_else() {
    for order in [Some(Command::Leave), Some(Command::Stop), None] {
        let made = training();
        let lock = held(&made);
        let scene = Scene::of(made);
        scene.wait("who trains", |m| matches!(m, Message::Followed(_)).then_some(()));
        // It cannot do this, and says so.
        scene.orders.send(Command::StopElsewhere).expect("somebody listens");
        scene.wait("why not", |m| matches!(m, Message::Warning(why) if why.contains("Ctrl-C")).then_some(()));
        if let Some(order) = order {
            scene.orders.send(order).expect("somebody listens");
        }
        let Scene { made, orders, follower, heard } = scene;
        drop(orders);
        assert_eq!(follower.join().expect("it ends well"), None);
        assert!(is_held(made.path()), "the run trains on");
        drop((lock, heard));
    }
}
