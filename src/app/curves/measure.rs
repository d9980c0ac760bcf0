//! What is measured: a name with its conditions, the group that it is looked at in, and the axis that it
//! may share.

use std::borrow::Cow;

use crate::run::WALL_SPEED;
use crate::train::GRADIENT_NORM;

/// The name under which the pace stands among the losses of `stats.jsonl`.
pub const IMAGES_PER_SEC: &str = "images_per_sec";

/// A measured quantity. Under other conditions the same name is another quantity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Measure {
    pub name: Cow<'static, str>,
    /// What it was measured under; empty for losses and the pace.
    pub conditions: String,
}

/// Quantities that are looked at together, in the order of the chooser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    Losses,
    Gradients,
    Idempotence,
    Distances,
    Samples,
    Editing,
    Speed,
    Other,
}

impl Group {
    pub const ALL: [Self; 8] = [
        Self::Losses,
        Self::Gradients,
        Self::Idempotence,
        Self::Distances,
        Self::Samples,
        Self::Editing,
        Self::Speed,
        Self::Other,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Losses => "losses",
            Self::Gradients => "gradients",
            Self::Idempotence => "idempotence",
            Self::Distances => "distances",
            Self::Samples => "samples",
            Self::Editing => "editing",
            Self::Speed => "speed",
            Self::Other => "other",
        }
    }
}

impl Measure {
    pub fn of_step(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), conditions: String::new() }
    }

    pub fn group(&self) -> Group {
        let name = &*self.name;
        let begins = |heads: &[&str]| heads.iter().any(|head| name.starts_with(head));
        match name {
            IMAGES_PER_SEC | WALL_SPEED => Group::Speed,
            GRADIENT_NORM => Group::Gradients,
            // Losses are the mean of what was trained on: nothing else needs no conditions.
            _ if self.conditions.is_empty() => Group::Losses,
            "std_ratio" | "grain_ratio" | "saturation" | "modes" | "inlier" => Group::Samples,
            "energy" | "tv" => Group::Distances,
            _ if begins(&["edit_", "multistep_"]) => Group::Editing,
            _ if begins(&["rec_", "idem_", "drift_", "fixed_"]) => Group::Idempotence,
            _ if begins(&["fd", "fid", "kid", "frechet"]) => Group::Distances,
            _ => Group::Other,
        }
    }

    /// The quantity of the vertical axis: what has the same can be drawn on one.
    pub fn axis(&self) -> &str {
        let name = &*self.name;
        match self.group() {
            Group::Losses => "losses",
            Group::Gradients => "gradient norm",
            Group::Speed => "images/s",
            Group::Editing => "share",
            Group::Idempotence if name.ends_with("_rms") => "rms",
            Group::Idempotence => "share",
            // A Fréchet distance and a kernel distance have nothing in common but their name.
            Group::Distances | Group::Samples | Group::Other => name,
        }
    }

    /// Whether it is a share, from 0 to 1: these share an axis however small they are.
    pub fn is_share(&self) -> bool {
        self.axis() == "share"
    }

    /// Whether it has a value for every step (or every few): only then an average tells more than the values.
    pub fn is_of_steps(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether the two may not share an axis: numbers of one name are compared, and under different
    /// conditions they cannot be.
    pub fn clashes(&self, other: &Self) -> bool {
        self.name == other.name && self.conditions != other.conditions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &'static str, conditions: &str) -> Measure {
        Measure { name: name.into(), conditions: conditions.to_owned() }
    }

    #[test]
    fn a_quantity_belongs_to_the_group_of_its_name() {
        for (name, group, axis) in [
            ("rec_rms", Group::Idempotence, "rms"),
            ("idem_rms", Group::Idempotence, "rms"),
            ("fixed_data", Group::Idempotence, "share"),
            ("fd_pixel", Group::Distances, "fd_pixel"),
            ("kid_pixel", Group::Distances, "kid_pixel"),
            ("fid", Group::Distances, "fid"),
            ("energy", Group::Distances, "energy"),
            ("edit_mask_right_mode", Group::Editing, "share"),
            ("multistep_inlier", Group::Editing, "share"),
            ("std_ratio", Group::Samples, "std_ratio"),
            ("beauty", Group::Other, "beauty"),
        ] {
            let measure = metric(name, "of 10 samples");
            assert_eq!((measure.group(), measure.axis()), (group, axis), "{name}");
        }
        for (name, group) in [
            ("rec", Group::Losses),
            ("grad_norm", Group::Gradients),
            (IMAGES_PER_SEC, Group::Speed),
            (WALL_SPEED, Group::Speed),
        ] {
            assert_eq!(Measure::of_step(name).group(), group, "{name}");
        }
    }

    #[test]
    fn only_one_name_under_two_conditions_clashes() {
        assert!(metric("fid", "n=10").clashes(&metric("fid", "n=20")));
        assert!(!metric("fid", "n=10").clashes(&metric("fid", "n=10")));
        assert!(!metric("rec_rms", "of data").clashes(&metric("idem_rms", "of samples")));
    }
}
