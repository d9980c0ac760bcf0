//! What a stage of a run trains.

use serde::{Deserialize, Serialize};

use super::Method;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Teacher,
    Sid,
    Sign,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Stage::Teacher => "teacher",
            Stage::Sid => "sid",
            Stage::Sign => "sign",
        }
    }
}

impl From<Method> for Stage {
    fn from(method: Method) -> Self {
        match method {
            Method::Sid => Stage::Sid,
            Method::Sign => Stage::Sign,
        }
    }
}
