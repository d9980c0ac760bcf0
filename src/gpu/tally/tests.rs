use std::thread::sleep;

use super::*;

const NAP: Duration = Duration::from_millis(2);
const SOME: Cost = Cost { flops: 5, bytes: 7 };

fn names(entries: &[Entry]) -> Vec<(&str, u64)> {
    entries.iter().map(|entry| (entry.name, entry.calls)).collect()
}

#[test]
fn costs_are_bytes_of_single_precision() {
    assert_eq!(Cost::new(3, 2), Cost { flops: 3, bytes: 8 });
    assert_eq!(Cost::each(10, 3, 2), Cost { flops: 30, bytes: 80 });
}

#[test]
fn calls_of_one_name_add_up() {
    let (result, entries) = during(|| {
        time("b", SOME, || sleep(NAP));
        time("a", Cost::UNKNOWN, || ());
        time("b", SOME, || sleep(NAP));
        7
    });
    assert_eq!((result, names(&entries)), (7, vec![("b", 2), ("a", 1)]));
    assert_eq!(entries[0].cost, Cost { flops: 10, bytes: 14 });
    assert!(entries[0].time >= 2 * NAP, "{entries:?}");
}

/// No time is counted twice: what is inside belongs to the operation inside, over two floors too.
#[test]
fn an_operation_has_the_time_that_is_left_by_those_inside() {
    let began = Instant::now();
    let (_, entries) = during(|| {
        time("outer", SOME, || {
            time("middle", SOME, || time("inner", SOME, || sleep(NAP)));
            sleep(NAP);
            time("inner", SOME, || sleep(NAP));
        });
        time("after", SOME, || sleep(NAP));
    });
    let whole = began.elapsed();
    assert_eq!(names(&entries), [("inner", 2), ("middle", 1), ("outer", 1), ("after", 1)]);
    let times: Vec<Duration> = entries.iter().map(|entry| entry.time).collect();
    assert!(times[0] >= 2 * NAP && times[2] >= NAP && times[3] >= NAP, "{times:?}");
    assert!(times.iter().sum::<Duration>() <= whole, "{times:?} of {whole:?}");
}

#[test]
fn a_clock_runs_to_the_end_of_its_scope() {
    let (_, entries) = during(|| {
        let _clock = clock("scope", SOME);
        sleep(NAP);
    });
    assert!(entries[0].time >= NAP, "{entries:?}");
}

#[test]
fn nothing_is_counted_unasked() {
    time("before", SOME, || ());
    // One that began unasked stays uncounted.
    let early = clock("early", SOME);
    let (_, entries) = during(|| drop(early));
    assert!(entries.is_empty(), "{entries:?}");
    // One that outlives the question, too.
    let (late, entries) = during(|| clock("late", SOME));
    assert!(entries.is_empty(), "{entries:?}");
    drop(late);
}

#[test]
fn each_thread_counts_its_own() {
    let ((), entries) = during(|| {
        let other = std::thread::scope(|scope| {
            let asked = scope.spawn(|| during(|| time("there, asked", SOME, || ())).1);
            scope.spawn(|| time("there, unasked", SOME, || ()));
            asked.join().expect("it ends")
        });
        assert_eq!(names(&other), [("there, asked", 1)]);
        time("here", SOME, || ());
    });
    assert_eq!(names(&entries), [("here", 1)]);
}

#[test]
fn who_asks_inside_takes_nothing_but_his_own_away() {
    let ((), outer) = during(|| {
        time("first", SOME, || {
            let ((), inner) = during(|| time("second", SOME, || ()));
            assert_eq!(names(&inner), [("second", 1)]);
        });
    });
    assert_eq!(names(&outer), [("first", 1)]);
}

#[test]
fn a_panic_ends_the_counting() {
    let doomed = || {
        if SOME.flops > 0 {
            panic!("on purpose")
        }
    };
    let caught = std::panic::catch_unwind(|| during(|| time("doomed", SOME, doomed)));
    assert!(caught.is_err());
    assert!(HERE.with_borrow(Option::is_none));
}
