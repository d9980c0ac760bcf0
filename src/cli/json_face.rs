//! The run as JSON lines on standard output, for scripts.

use serde_json::{Map, Value, json};

use super::output::Output;
use crate::error::{Error, Kind, Result};
use crate::run::link::Link;
use crate::run::message::{Ending, Message};

/// Prints messages until the run ends.
pub fn follow(link: &Link) -> Result<Ending> {
    let mut output = Output::new(&link.commands);
    for message in &link.messages {
        if let Some(line) = line(&message) {
            output.json(&line.to_string());
        }
        match message {
            Message::Done { why, .. } => return Ok(why),
            Message::Failed(error) => return Err(error),
            _ => {}
        }
    }
    Err(Error::new(Kind::Device, "the trainer ended without a word"))
}

/// A message as one JSON object; pictures are named by their path alone.
fn line(message: &Message) -> Option<Value> {
    Some(match message {
        Message::Started { run_dir, recipe, device, resolution, resumed_from } => json!({
            "event": "started", "run_dir": run_dir, "recipe": recipe, "device": device,
            "resolution": resolution, "resumed_from": resumed_from,
        }),
        Message::Preparing { what, done, total, eta_secs } => {
            json!({ "event": "preparing", "what": what, "done": done, "total": total, "eta_secs": eta_secs })
        }
        Message::StageStarted { stage, parameters } => {
            json!({ "event": "stage", "stage": stage, "parameters": parameters })
        }
        Message::Step { at, losses, images_per_sec, left } => {
            let losses: Map<String, Value> =
                losses.iter().map(|(n, v)| ((*n).to_string(), json!(v))).collect();
            placed(
                at,
                json!({
                    "event": "step", "losses": losses, "images_per_sec": images_per_sec,
                    "eta_secs": left.stage_secs, "left_secs": left.secs, "left_is_about": left.is_about,
                    "stage_number": left.stage, "stages": left.stages,
                }),
            )
        }
        Message::Samples { at, path, .. } => placed(at, json!({ "event": "samples", "path": path })),
        Message::Metric { at, name, value, conditions, .. } => {
            placed(at, json!({ "event": "metric", "name": name, "value": value, "conditions": conditions }))
        }
        Message::Checkpoint { at, path } => placed(at, json!({ "event": "checkpoint", "path": path })),
        Message::Changed(change) => placed(change, json!({ "event": "changed" })),
        Message::BadSteps(bad) => json!({
            "event": "bad-steps", "stage": bad.stage, "step": bad.step, "count": bad.count,
            "text": bad.words(),
        }),
        Message::Rescaled(new) => json!({
            "event": "loss-scale", "stage": new.stage, "step": new.step, "network": new.network,
            "scale": new.scale, "overflowed": new.overflowed, "text": new.words(),
        }),
        Message::Warning(text) => json!({ "event": "warning", "text": text }),
        Message::Note(text) => json!({ "event": "note", "text": text }),
        Message::Paused => json!({ "event": "paused" }),
        Message::Resumed => json!({ "event": "resumed" }),
        Message::Done { why, run_dir } => json!({ "event": "done", "why": why, "run_dir": run_dir }),
        Message::Failed(error) => json!({ "event": "failed", "error": error.to_string() }),
        // Who follows a run by its folder has `signet watch --json`.
        Message::Followed(_)
        | Message::Departed(_)
        | Message::Recipe(_)
        | Message::Diagnosis(_)
        | Message::Reals(_)
        | Message::Tunables(_)
        | Message::Editing { .. }
        | Message::TeacherSamples { .. }
        | Message::Edited(_)
        | Message::Classes(_)
        | Message::Making(_) => return None,
    })
}

/// The object with what says where the run stood in it.
fn placed(at: &impl serde::Serialize, mut object: Value) -> Value {
    if let (Value::Object(object), Ok(Value::Object(at))) = (&mut object, serde_json::to_value(at)) {
        object.extend(at);
    }
    object
}
