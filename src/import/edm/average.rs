//! Whether a name says that weights are an average over training: what is wanted of a file that has both.

/// Words for an average.
const AVERAGE: [&str; 8] = ["ema", "emas", "average", "averaged", "averages", "avg", "swa", "shadow"];
/// Words for what is averaged.
const RAW: [&str; 4] = ["online", "raw", "live", "source"];
/// Words that turn the next one round.
const NOT: [&str; 4] = ["no", "non", "not", "without"];

/// Whether `path`, names from the outermost to the innermost with dots between them, is of an average. The
/// innermost name that says so counts: an average's own program may keep what it averages beside it.
pub fn is_average(path: &str) -> bool {
    let decides = |name: &str| {
        let words = words(name);
        let is_any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let is_negated =
            words.windows(2).any(|pair| NOT.contains(&&*pair[0]) && AVERAGE.contains(&&*pair[1]));
        match (is_any(&RAW) || is_negated, is_any(&AVERAGE)) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    };
    path.rsplit('.').find_map(decides).unwrap_or(false)
}

/// Whether `path` is of an optimiser's moments, which have the network's names and are no weights.
pub fn is_moments(path: &str) -> bool {
    const MOMENTS: [&str; 4] = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer"];
    path.split('.').any(|name| MOMENTS.contains(&name))
}

/// Words of a name in small letters: `netEMA_2` is "net", "ema", and `EMAModel` "ema", "model".
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let is = |i: Option<usize>, of: fn(char) -> bool| i.and_then(|i| chars.get(i)).is_some_and(|c| of(*c));
    let mut words = vec![String::new()];
    for (i, char) in chars.iter().enumerate() {
        let follows_small = is(i.checked_sub(1), char::is_lowercase);
        let ends_capitals = is(i.checked_sub(1), char::is_uppercase) && is(Some(i + 1), char::is_lowercase);
        if !char.is_alphabetic() || char.is_uppercase() && (follows_small || ends_capitals) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (char.is_alphabetic(), words.last_mut()) {
            word.extend(char.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_training_programs() {
        for name in [
            "ema",
            "G_ema",
            "model_ema",
            "ema_model",
            "state_dict_ema",
            "ema_state_dict",
            "params_ema",
            "netEMA",
            "modelEma",
            "callbacks.EMACallback",
            "ema_0.9999",
            "averaged_model",
            "shadow_params",
            "ema.ema_model",
            "state_dict.net_ema",
            "ema.module",
        ] {
            assert!(is_average(name), "{name}");
        }
        for name in
            ["net", "model", "state_dict", "ema.online_model", "no_ema", "schema", "embedding", "cinema", ""]
        {
            assert!(!is_average(name), "{name}");
        }
        assert!(is_moments("optimizer.state.exp_avg") && !is_moments("ema.avg"));
    }
}
