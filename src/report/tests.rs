use super::*;
use crate::watch::made_up::MadeUp;

fn report(made: &MadeUp) -> String {
    let file = made.path().join(FILE);
    write(made.path(), &file).expect("a report");
    std::fs::read_to_string(file).expect("a page")
}

/// Every element that is opened is closed, in order.
fn balanced(page: &str) {
    const EMPTY: [&str; 5] = ["meta", "img", "path", "circle", "!doctype"];
    let mut open = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.split([' ', '\n']).next().unwrap_or_default().trim_end_matches('/');
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
            None if EMPTY.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn a_whole_run_is_on_the_page() {
    let page = report(&MadeUp::whole());
    balanced(&page);
    for part in [
        "finished",
        "shapes &amp; co, 64 images, hash cafe",
        "a &lt;device&gt;",
        "16×16 pixels",
        "best/step-00000060-sign",
        "512 &lt;samples&gt;",
        "saturation is &lt;high&gt;",
        "Changed while it trained",
        "student.learning_rate changed from 0.1 to 0.2 after step 1 of sign",
        "samples of teacher after 40 kimg",
        "samples of sign after 2 kimg",
        "training images",
        "sign/fd_pixel",
        "kimg (logarithmic values)",
        "model_channels",
        "prefers-color-scheme: dark",
    ] {
        assert!(page.contains(part), "{part} is not in the report");
    }
    assert_eq!(page.matches("src=\"data:image/png;base64,iVBOR").count(), 4);
    // It needs nothing from elsewhere, and nothing in it runs.
    for part in ["http", "<script", "<link", "@import", "url(", "NaN"] {
        assert!(!page.contains(part), "{part} is in the report");
    }
}

#[test]
fn a_run_without_numbers_and_pictures_has_a_report() {
    let made = MadeUp::empty();
    let page = report(&made);
    balanced(&page);
    for part in ["no numbers yet", "Nothing has been measured yet", "No samples have been made yet", "demo"] {
        assert!(page.contains(part), "{part} is not in the report");
    }
    assert!(!page.contains("<svg"));

    std::fs::remove_file(made.path().join(RECIPE_FILE)).expect("removed");
    made.append("not a line\n");
    let page = report(&made);
    balanced(&page);
    assert!(page.contains("recipe.toml is not there") && page.contains("1 lines of stats.jsonl"), "{page}");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_in_words() {
    let made = MadeUp::whole();
    let error = write(made.path(), &made.path().join("missing").join("x.html")).expect_err("no folder");
    assert!(error.to_string().contains("the report is not written"), "{error}");
}

/// What a stranger's folder has in the place of pictures and texts.
#[cfg(unix)]
#[test]
fn nothing_of_elsewhere_is_on_the_page() {
    let (made, elsewhere) = (MadeUp::whole(), tempfile::tempdir().expect("a folder"));
    let secret = elsewhere.path().join("secret.png");
    std::fs::copy(made.path().join("reals.png"), &secret).expect("copied");
    for name in ["samples-sign-000002.png", RECIPE_FILE] {
        std::fs::remove_file(made.path().join(name)).expect("removed");
        std::os::unix::fs::symlink(&secret, made.path().join(name)).expect("a link");
    }
    made.file("samples-sign-000003.png", b"no picture");
    let large = std::fs::File::create(made.path().join("samples-sign-000004.png")).expect("a file");
    large.set_len(1 << 40).expect("room for a hole");
    let page = report(&made);
    balanced(&page);
    assert_eq!(page.matches("src=\"data:image/png;base64,iVBOR").count(), 3);
    for part in ["this is a link, not a file", "is no PNG", "more than 8 MiB"] {
        assert!(page.contains(part), "{part} is not in the report");
    }
}
