use std::fs::OpenOptions;

use super::*;

fn all(run_dir: &Path) -> Vec<Event> {
    let files = files(&run_dir.join(FOLDER)).expect("a folder");
    assert_eq!(files.len(), 1, "{files:?}");
    let mut reader = BufReader::new(File::open(&files[0]).expect("a file"));
    let mut events = Vec::new();
    while let Some(bytes) = record::next(&mut reader).expect("it can be read") {
        events.push(Event::decode(&bytes).expect("an event"));
    }
    let read = reader.stream_position().expect("a position");
    assert_eq!(read, fs::metadata(&files[0]).expect("a file").len(), "not all of the file is records");
    events
}

/// Steps and tags in their order.
fn tags(events: &[Event]) -> Vec<(u64, String)> {
    let values = |event: &Event| match &event.what {
        What::Values(values) => values.iter().map(|v| (event.step, v.tag.clone())).collect(),
        _ => Vec::new(),
    };
    events.iter().flat_map(values).collect()
}

fn grid() -> Grid {
    Grid { width: 3, height: 2, png: vec![137, 80, 78, 71] }
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut events = Events::open(folder.path(), None).expect("a file");
    events.samples(Stage::Teacher, 0, &grid()).expect("a grid");
    events.scalars(Stage::Teacher, 8, &[("denoise", 0.5), ("images_per_sec", 100.0)]).expect("numbers");
    let read = all(folder.path());
    assert_eq!((&read[0].what, &read[1].what, read.len()), (&What::Version, &What::Start, 4));
    let Grid { width, height, png } = grid();
    let image = Value { tag: "teacher/samples".into(), data: Data::Image { width, height, png } };
    assert_eq!((read[2].step, &read[2].what), (0, &What::Values(vec![image])));
    let What::Values(numbers) = &read[3].what else { panic!("{:?}", read[3]) };
    assert_eq!(numbers[0], Value { tag: "teacher/denoise".into(), data: Data::Scalar(0.5) });
    assert!(read[3].step == 8 && read[3].wall_time > 1.7e9);
}

/// The lines of a process that was killed after the checkpoint of step 20 come again; those before it
/// keep their place and time.
#[test]
fn a_resumed_run_has_no_step_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut events = Events::open(folder.path(), None).expect("a file");
    for step in [10, 20] {
        events.scalars(Stage::Teacher, step, &[("denoise", 0.5)]).expect("numbers");
    }
    events.samples(Stage::Sign, 20, &grid()).expect("a grid");
    events.scalars(Stage::Sign, 30, &[("rec", 0.5)]).expect("numbers");
    let before = all(folder.path());
    // The process was killed in the middle of a record.
    let torn = OpenOptions::new().append(true).open(&events.path).expect("a file");
    { &torn }.write_all(&[12, 0, 0, 0, 0, 0, 0, 0, 1]).expect("written");

    let due = crate::train::Due::NOTHING;
    let resumed = Resumed { stage: Stage::Teacher, step: 20, total_steps: 20, due, has_numbers: true };
    let mut events = Events::open(folder.path(), Some(&resumed)).expect("a file");
    events.samples(Stage::Sign, 20, &grid()).expect("a grid");
    let read = all(folder.path());
    let want = [(10, "teacher/denoise"), (20, "teacher/denoise"), (20, "sign/samples")];
    assert_eq!(tags(&read), want.map(|(step, tag)| (step, tag.to_string())));
    assert_eq!(read[2..4], before[2..4]);

    // From the start: nothing holds any more.
    Events::open(folder.path(), None).expect("a file");
    assert_eq!(tags(&all(folder.path())), []);
}

#[test]
fn a_write_that_failed_half_way_is_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut events = Events::open(folder.path(), None).expect("a file");
    let mut file = OpenOptions::new().append(true).open(&events.path).expect("a file");
    file.write_all(&[1; 500]).expect("written");
    events.scalars(Stage::Sid, 3, &[("sid", f64::NAN)]).expect("numbers");
    assert_eq!(tags(&all(folder.path())), [(3, "sid/sid".to_string())]);
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let foreign = folder.path().join(FOLDER).join("events.out.tfevents.1.host");
    fs::create_dir(folder.path().join(FOLDER)).expect("a folder");
    fs::write(&foreign, b"not ours").expect("a file");
    Events::open(folder.path(), None).expect("a file");
    assert_eq!(all(folder.path()).len(), 2);
    assert_eq!(fs::read(&foreign).expect("it is there"), b"not ours");
}
