//! Which of a file's networks is meant.

use super::network::Network;
use crate::error::{Error, Kind, Result};
use crate::import::shown::shown;

/// Names under which training programs keep networks, the one that is wanted most first.
const PREFERRED: [&str; 10] = [
    "ema",
    "G_ema",
    "model_ema",
    "ema_model",
    "net",
    "G",
    "state_dict",
    "model_state_dict",
    "model",
    "network",
];

/// The network that `name` asks for; without one, the average if there is any: averages come before what was
/// averaged.
///
/// # Errors
/// `Kind::Checkpoint` if there is none, `Kind::Usage` if it is not among them or several could be meant.
pub fn choose<'n, 'a>(networks: &'n [Network<'a>], name: Option<&str>) -> Result<&'n Network<'a>> {
    let all: Vec<(&str, bool)> = networks.iter().map(|n| (n.name.as_str(), n.is_average)).collect();
    chosen(&all, name).and_then(|at| networks.get(at).ok_or_else(nothing))
}

/// The place of the network among `all`, names and whether they are averages.
///
/// # Errors
/// As [`choose`].
pub fn chosen(all: &[(&str, bool)], name: Option<&str>) -> Result<usize> {
    let listed = all.iter().map(|(name, _)| shown(name)).collect::<Vec<_>>().join(", ");
    if let Some(name) = name {
        return all.iter().position(|(own, _)| *own == name).ok_or_else(|| {
            Error::usage(format!("there is no network `{}` in the file", shown(name)))
                .hint(format!("it has: {listed}; without --network it is the average, where there is one"))
        });
    }
    let rank = |name: &str| {
        let innermost = name.rsplit('.').next().unwrap_or(name);
        PREFERRED.iter().position(|preferred| *preferred == innermost).unwrap_or(PREFERRED.len())
    };
    let has_average = all.iter().any(|(_, is_average)| *is_average);
    let meant = all.iter().enumerate().filter(|(_, (_, is_average))| *is_average == has_average);
    let mut meant: Vec<(usize, &str)> = meant.map(|(place, (name, _))| (place, *name)).collect();
    meant.sort_by_key(|(_, name)| rank(name));
    match meant.as_slice() {
        [] => Err(nothing()),
        [(place, _)] => Ok(*place),
        [(place, first), (_, second), ..] if rank(first) < rank(second) => Ok(*place),
        _ => {
            let what = if has_average {
                "the file has several averages of weights"
            } else {
                "the file has several networks, and none is called the average"
            };
            Err(Error::usage(what).hint(format!("name one with --network: {listed}")))
        }
    }
}

fn nothing() -> Error {
    Error::new(Kind::Checkpoint, "there is no network in the file")
        .hint("give a network snapshot, a training state, or a state dict of one of EDM's networks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_come_first_and_doubt_is_told() {
        let of = |all: &[(&str, bool)]| chosen(all, None).map_err(|e| e.to_string());
        assert_eq!(of(&[("state_dict", false), ("state_dict_ema", true)]), Ok(1));
        assert_eq!(of(&[("model", false), ("ema.online_model", false), ("ema.ema_model", true)]), Ok(2));
        assert_eq!(of(&[("fake_score", false), ("G", false), ("G_ema", true)]), Ok(2));
        assert_eq!(of(&[("state_dict.teacher", false), ("state_dict.net", false)]), Ok(1));
        assert_eq!(of(&[("ema", true), ("swa", true)]), Ok(0));
        assert_eq!(of(&[("weights", false)]), Ok(0));
        for several in [
            &[("ema_0.999", true), ("ema_0.9999", true)][..],
            &[("a", false), ("b", false)],
            &[("model", false), ("module.model", false)],
        ] {
            let error = of(several).expect_err("chosen");
            assert!(error.contains("--network") && error.contains(several[1].0), "{error}");
        }
        assert_eq!(chosen(&[("a", false), ("b", true)], Some("a")).ok(), Some(0));
        assert!(chosen(&[("a", false)], Some("c")).is_err_and(|e| e.to_string().contains("it has: a")));
        assert!(of(&[]).is_err_and(|e| e.contains("no network")));
    }
}
