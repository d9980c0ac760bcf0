//! Which of SIGN's terms buys what: each alone and together, on the toy world of 64 little pictures, over
//! several seeds, as a table of means and spreads.
//!
//! `cargo run --release --example ablation -- [DIR] [SEEDS] [ROWS] [KIMG]`, say `ablation 0,1,2 sid,default`;
//! ROWS may be `all`, and KIMG is how many thousand images each student sees, if not the recipe's 1536. A row
//! takes minutes; what is in DIR already (default `ablation`) is not trained again, so that the same command
//! goes on.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;
use signet::error::{Error, Result};
use signet::gpu::DeviceSpec;
use signet::recipe::{self, Head, Recipe, Sign};
use signet::run::message::{Ending, Message};
use signet::run::{self, Limits, Meant, Options};

/// A row by name, and what it changes of the recipe's weights.
type Row = (&'static str, fn(Sign) -> Sign);

const ROWS: [Row; 15] = [
    ("rec+idem", |sign| as_published(sign)),
    ("flow", |sign| Sign { flow: 1.0, ..as_published(sign) }),
    ("dmd", |sign| Sign { dmd: 1.0, ..as_published(sign) }),
    ("reg", |sign| Sign { reg: 1.0, ..as_published(sign) }),
    ("all-six", all_six),
    ("sid", |sign| Sign { sid: 1.0, ..as_published(sign) }),
    ("sid-noisy", |sign| Sign { sid: 1.0, noisy_share: 0.5, ..as_published(sign) }),
    ("sid+flow", sid_and_flow),
    ("sid+flow-to-5", |sign| Sign { flow_sigma_max: 5.0, ..sid_and_flow(sign) }),
    ("sid+flow-to-5-in-8", |sign| Sign { flow_sigma_max: 5.0, flow_steps: 8, ..sid_and_flow(sign) }),
    // The same, and the head reads no more than 5.
    ("default", |sign| sign),
    ("default+noisy", |sign| Sign { noisy_share: 0.5, ..sign }),
    ("default+reg-along", |sign| Sign { reg: 0.5, reg_along: 1.0, reg_sigma_max: 1.2, ..sign }),
    ("const:all-six", |sign| Sign { head: Head::Const, ..all_six(sign) }),
    ("gate:default", |sign| Sign { head: Head::Gate, ..sign }),
];

/// What a row is judged by, as `summary.json` names it.
const COLUMNS: [&str; 10] = [
    "energy",
    "fd_pixel",
    "modes",
    "inlier",
    "rec_rms",
    "idem_rms",
    "edit_noise_right_mode",
    "edit_noise_blind_right_mode",
    "edit_mask_right_mode",
    "multistep_inlier",
];

/// Reconstruction and idempotence alone, with all noise levels in 18 steps.
fn as_published(sign: Sign) -> Sign {
    Sign {
        head_sigma_max: 80.0,
        rec: 1.0,
        idem: 1.0,
        flow: 0.0,
        dmd: 0.0,
        sid: 0.0,
        reg: 0.0,
        flow_steps: 18,
        flow_sigma_max: 80.0,
        ..sign
    }
}

fn all_six(sign: Sign) -> Sign {
    Sign { flow: 1.0, dmd: 1.0, reg: 1.0, ..as_published(sign) }
}

fn sid_and_flow(sign: Sign) -> Sign {
    Sign { sid: 1.0, flow: 1.0, ..as_published(sign) }
}

fn main() -> ExitCode {
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn compare() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let out = PathBuf::from(args.next().unwrap_or_else(|| "ablation".into()));
    let seeds = args.next().unwrap_or_else(|| "0,1,2".into());
    let seeds: Vec<u32> = seeds.split(',').map(seed).collect::<Result<_>>()?;
    let rows = match args.next() {
        Some(names) if names != "all" => names.split(',').map(row).collect::<Result<Vec<&Row>>>()?,
        _ => ROWS.iter().collect(),
    };
    let kimg = args.next().map(|text| kimg(&text)).transpose()?;
    println!("| terms | {} |", COLUMNS.join(" | "));
    println!("|---|{}", "---|".repeat(COLUMNS.len()));
    for (name, weights) in rows {
        let results = seeds.iter().map(|seed| trained(&out, *seed, kimg, name, *weights));
        let results = results.collect::<Result<Vec<Value>>>()?;
        let cell = |column: &&str| spread(results.iter().filter_map(|last| last[*column].as_f64()).collect());
        println!("| {name} | {} |", COLUMNS.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
    Ok(())
}

fn row(name: &str) -> Result<&'static Row> {
    ROWS.iter().find(|row| row.0 == name).ok_or_else(|| {
        let names: Vec<&str> = ROWS.iter().map(|row| row.0).collect();
        Error::usage(format!("there is no row {name}")).hint(format!("the rows are {}", names.join(" ")))
    })
}

fn seed(text: &str) -> Result<u32> {
    text.trim().parse().map_err(|_| Error::usage(format!("{text} is not a seed")).hint("give say 0,1,2"))
}

fn kimg(text: &str) -> Result<f64> {
    text.parse().ok().filter(|kimg: &f64| *kimg > 0.0 && kimg.is_finite()).ok_or_else(|| {
        Error::usage(format!("{text} is not a number of images")).hint("give thousands of images, say 512")
    })
}

/// The last numbers of the student of one row and seed.
fn trained(out: &Path, seed: u32, kimg: Option<f64>, name: &str, weights: fn(Sign) -> Sign) -> Result<Value> {
    let mut recipe = recipe::preset("img64-sign").ok_or_else(|| Error::usage("no recipe img64-sign"))?;
    recipe.seed = seed;
    let student_kimg = std::mem::replace(&mut recipe.student.kimg, 0.0);
    let teacher = train(&recipe, &out.join(format!("teacher-{seed}")))?;
    recipe.teacher.path = Some(teacher);
    recipe.student.kimg = kimg.unwrap_or(student_kimg);
    recipe.student.sign = weights(recipe.student.sign);
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let folder = train(&recipe, &out.join(format!("{plain}-{seed}")))?;
    let summary = folder.join("summary.json");
    let text = std::fs::read_to_string(&summary).map_err(|e| Error::io(&summary, "read", &e))?;
    let summary: Value = serde_json::from_str(&text)
        .map_err(|e| Error::data(&summary, format!("the summary cannot be read: {e}")))?;
    Ok(summary["last"]["sign"].clone())
}

/// Trains to the end, or goes on, and gives the run's folder.
fn train(recipe: &Recipe, out: &Path) -> Result<PathBuf> {
    let options = Options {
        out: out.to_path_buf(),
        fresh: false,
        resume: None,
        device: DeviceSpec::Cpu,
        untested_device: false,
        limits: Limits::default(),
        meant: Meant::default(),
        stays: false,
    };
    let (link, thread) = run::start(recipe.clone(), options, signet::report::write_beside)?;
    let mut ended = None;
    for message in link.messages {
        match message {
            Message::Done { why: Ending::Finished, run_dir } => ended = Some(Ok(run_dir)),
            Message::Failed(error) => ended = Some(Err(error)),
            _ => {}
        }
    }
    let lost = || Error::usage("a run ended before its recipe");
    thread.join().map_err(|_| lost())?;
    ended.unwrap_or_else(|| Err(lost()))
}

/// Mean, and how far the values lie from it at most.
fn spread(values: Vec<f64>) -> String {
    if values.is_empty() {
        return "-".into();
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let far = values.iter().map(|v| (v - mean).abs()).fold(0.0, f64::max);
    format!("{mean:.4} ± {far:.4}")
}
