use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::*;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.at(name), text).expect("a file");
        self.at(name)
    }
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

#[test]
fn a_file_is_read_as_far_as_its_kind_goes() {
    let place = Place::new();
    let path = place.file("a", "12345");
    assert_eq!(read(&path, 5).expect("small enough"), b"12345");
    let error = read(&path, 4).expect_err("too large");
    assert!(error.what.contains("more than") && error.remedy.is_some(), "{error}");
    assert_eq!(read_if_there(&place.at("b"), 5), Ok(None));
    assert!(read(&place.at("b"), 5).is_err() && open(place.0.path()).is_err());
    // As long as a disk, with nothing on it.
    fs::File::create(place.at("vast")).and_then(|file| file.set_len(1 << 40)).expect("room for a hole");
    assert!(read(&place.at("vast"), limits::JSON).is_err());
}

#[test]
fn a_file_is_whole_or_as_it_was() {
    let place = Place::new();
    let path = place.file("a", "old");
    let temporary = place.at(&format!("a{TEMPORARY}"));
    let mut begun = Whole::begin(&path).expect("begun");
    begun.write_all(b"half").expect("room");
    assert!(is_file(&temporary));
    drop(begun);
    assert!(text(&path) == "old" && !exists(&temporary));
    write_whole(&path, b"new").expect("written");
    assert!(text(&path) == "new" && !exists(&temporary));
    // What is in the way goes, unless it is somebody's.
    fs::create_dir(&temporary).expect("a folder");
    write_whole(&path, b"newer").expect("written");
    fs::create_dir(&temporary).expect("a folder");
    fs::write(temporary.join("theirs"), "").expect("a file");
    assert!(write_whole(&path, b"newest").is_err_and(|error| error.remedy.is_some()));
    assert!(text(&path) == "newer" && temporary.join("theirs").is_file());
}

#[test]
fn lines_come_one_by_one() {
    let long = vec![b'x'; limits::LINE + 1];
    let file = [&b"one\n\ntwo\n"[..], &long, b"\nthree\n"].concat();
    let mut lines = Lines::new(&file[..]);
    for want in [Line::Whole(b"one\n"), Line::Whole(b"\n"), Line::Whole(b"two\n"), Line::TooLong] {
        assert_eq!(lines.following().expect("memory"), Some(want));
    }
    let mut lines = Lines::new(&b"one"[..]);
    assert_eq!(lines.following().expect("memory"), Some(Line::Torn));
    assert_eq!(lines.following().expect("memory"), None);
}

#[cfg(unix)]
mod odd_files {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    fn pipe(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
    }

    /// Neither a file elsewhere, nor one beside it, nor nothing at all, nor a device.
    #[test]
    fn no_link_is_followed() {
        let (place, elsewhere) = (Place::new(), Place::new());
        let target = elsewhere.file("theirs", "secret");
        for (name, to) in [
            ("out", target.clone()),
            ("beside", place.file("own", "secret")),
            ("nowhere", place.at("none")),
            ("zeros", "/dev/zero".into()),
        ] {
            let link = place.at(name);
            symlink(&to, &link).expect("a link");
            for outcome in [open(&link), for_appending(&link), for_change(&link), for_locking(&link)] {
                let error = outcome.expect_err("a link");
                assert!(error.what.contains("link") && error.remedy.is_some(), "{error}");
            }
            assert!(read_if_there(&link, 9).is_err() && !is_file(&link) && exists(&link));
            write_whole(&link, b"ours").expect("in the link's place");
            assert!(is_file(&link) && text(&link) == "ours");
        }
        assert!(text(&target) == "secret" && text(&place.at("own")) == "secret");
        assert!(!place.at("none").exists());
    }

    /// Also where the name of what is being written is one.
    #[test]
    fn nothing_is_written_through_a_link() {
        let (place, elsewhere) = (Place::new(), Place::new());
        let target = elsewhere.file("theirs", "secret");
        let temporary = place.at(&format!("a{TEMPORARY}"));
        symlink(&target, &temporary).expect("a link");
        write_whole(&place.at("a"), b"ours").expect("written");
        assert!(text(&target) == "secret" && text(&place.at("a")) == "ours");
        symlink(elsewhere.0.path(), place.at("folder")).expect("a link");
        symlink(elsewhere.at("none"), place.at("nowhere")).expect("a link");
        for name in ["folder", "nowhere"] {
            let error = make_folder(&place.at(name)).expect_err("a link");
            assert!(error.what.contains("link") && error.remedy.is_some(), "{error}");
            assert!(!is_folder(&place.at(name)) && check_folder(&place.at(name)).is_err());
        }
        make_folder(&place.at("new")).expect("made");
        make_folder(&place.at("new")).expect("there");
        assert_eq!((check_folder(&place.at("new")), check_folder(&place.at("not"))), (Ok(true), Ok(false)));
    }

    #[test]
    fn nobody_waits_for_a_pipe() {
        let place = Place::new();
        let path = place.at("pipe");
        pipe(&path);
        for outcome in [open(&path), for_appending(&path), for_change(&path), for_locking(&path)] {
            assert!(outcome.is_err_and(|error| error.what.contains("pipe")));
        }
        assert!(open(Path::new("/dev/zero")).is_err());
        write_whole(&path, b"ours").expect("in its place");
        assert_eq!(text(&path), "ours");
    }

    #[test]
    fn files_and_folders_of_the_user_pass() {
        let place = Place::new();
        let file = place.file("a.png", "");
        symlink(&file, place.at("link.png")).expect("a link");
        for path in [place.0.path(), &file, &place.at("none"), &place.at("link.png")] {
            assert_eq!(refuse_special(path), Ok(()));
        }
        assert!(refuse_special(Path::new("/dev/zero")).is_err_and(|error| error.what.contains("device")));
    }
}
