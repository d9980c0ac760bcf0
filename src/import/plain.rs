//! Settings in a pickle as JSON.

use serde_json::{Map, Number, Value as Json};

use super::pickle::limits::{MAX_PLAIN_DEPTH, MAX_PLAIN_VALUES};
use super::pickle::{Global, Object, Ref, Tree, Value};
use crate::error::{Error, Kind, Result};

/// A value made of dictionaries, lists, numbers and texts. What is none of these becomes null, and
/// so do infinities, which JSON does not have.
///
/// # Errors
/// `Kind::Checkpoint` where it is deeper or larger than settings are.
pub fn json(tree: &Tree<'_>, at: Ref) -> Result<Json> {
    let mut left = MAX_PLAIN_VALUES;
    convert(tree, at, MAX_PLAIN_DEPTH, &mut left)
}

fn convert(tree: &Tree<'_>, at: Ref, depth: usize, left: &mut usize) -> Result<Json> {
    let spent = left.checked_sub(1).zip(depth.checked_sub(1));
    let (now_left, depth) = spent.ok_or_else(|| {
        let what = format!(
            "the network's settings are more than {MAX_PLAIN_VALUES} values or {MAX_PLAIN_DEPTH} levels deep"
        );
        Error::new(Kind::Checkpoint, what)
    })?;
    *left = now_left;
    Ok(match tree.get(at) {
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        Value::Float(value) => number(*value),
        Value::Str(text) => Json::from(*text),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            let items = items.iter().map(|item| convert(tree, *item, depth, left));
            Json::Array(items.collect::<Result<_>>()?)
        }
        Value::Dict(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                if let Some(key) = tree.text(*key) {
                    map.insert(key.to_string(), convert(tree, *value, depth, left)?);
                }
            }
            Json::Object(map)
        }
        Value::Object(object) if object.class == Global::NumpyScalar => scalar(tree, object),
        _ => Json::Null,
    })
}

fn number(value: f64) -> Json {
    Number::from_f64(value).map_or(Json::Null, Json::Number)
}

/// `scalar(dtype("f8"), bytes)`.
fn scalar(tree: &Tree<'_>, object: &Object) -> Json {
    let [dtype, bytes, ..] = tree.args(object) else { return Json::Null };
    let name = tree.object(*dtype).and_then(|d| tree.args(d).first()).and_then(|name| tree.text(*name));
    let bytes = tree.bytes(*bytes).unwrap_or_default();
    match (
        name.map(|n| n.trim_start_matches(['<', '=', '|'])),
        bytes.as_chunks::<8>(),
        bytes.as_chunks::<4>(),
    ) {
        (Some("f8"), ([wide], []), _) => number(f64::from_le_bytes(*wide)),
        (Some("i8"), ([wide], []), _) => Json::from(i64::from_le_bytes(*wide)),
        (Some("f4"), _, ([narrow], [])) => number(f64::from(f32::from_le_bytes(*narrow))),
        (Some("i4"), _, ([narrow], [])) => Json::from(i32::from_le_bytes(*narrow)),
        _ => Json::Null,
    }
}
