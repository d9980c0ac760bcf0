//! Which benchmarks a user's words mean.

use std::collections::BTreeSet;

use super::benchmark::Benchmark;
use crate::error::{Error, Result};

/// Those of which any word is the name or some of its parts, in order; without words, all but the large ones,
/// which are chosen only by words that name their network.
///
/// # Errors
/// `Kind::Usage` for a word that selects nothing.
pub fn choose(all: Vec<Benchmark>, words: &[String]) -> Result<Vec<Benchmark>> {
    if let Some(word) = words.iter().find(|word| !all.iter().any(|b| selects(word, b))) {
        let parts: BTreeSet<&str> = all.iter().flat_map(|b| b.name.split('/')).collect();
        let parts: Vec<&str> = parts.into_iter().collect();
        return Err(Error::usage(format!("--only {word}: nothing that can be measured here is called so"))
            .hint(format!("names look like steps/sid/tiny; their parts are {}", parts.join(", "))));
    }
    let wanted = |benchmark: &Benchmark| match words {
        [] => !benchmark.large,
        words => words.iter().any(|word| selects(word, benchmark)),
    };
    Ok(all.into_iter().filter(wanted).collect())
}

fn selects(word: &str, benchmark: &Benchmark) -> bool {
    let mut name = benchmark.name.split('/');
    let in_order = word.split('/').all(|part| name.any(|own| own == part));
    in_order && (!benchmark.large || word.rsplit('/').next() == benchmark.name.rsplit('/').next())
}

#[cfg(test)]
mod tests {
    use super::super::catalogue;
    use super::*;
    use crate::gpu::Backend;

    fn chosen(words: &[&str]) -> Result<Vec<String>> {
        let words: Vec<String> = words.iter().map(|w| w.to_string()).collect();
        let chosen = choose(catalogue::all(Backend::Cpu, None), &words)?;
        Ok(chosen.into_iter().map(|b| b.name).collect())
    }

    #[test]
    fn names_and_parts_of_names_select() {
        assert_eq!(chosen(&["steps/sid/tiny"]), Ok(vec!["steps/sid/tiny".into()]));
        let steps = chosen(&["steps", "sampling/heun/tiny"]).expect("both exist");
        assert!(steps.contains(&"steps/edm/small".into()) && steps.contains(&"sampling/heun/tiny".into()));
        assert!(!steps.iter().any(|n| n.starts_with("kernels") || n == "sampling/one-step/tiny"));
        assert_eq!(chosen(&["steps/tiny"]).expect("three methods").len(), 3);
        assert!(chosen(&["kernels"]).expect("kernels").iter().all(|n| n.starts_with("kernels/")));
    }

    #[test]
    fn large_networks_have_to_be_named() {
        let has = |words: &[&str], name: &str| chosen(words).expect("they exist").contains(&name.to_string());
        for words in [&[][..], &["steps"], &["steps/edm"]] {
            assert!(has(words, "steps/edm/small32") && !has(words, "steps/edm/cifar"), "{words:?}");
        }
        assert!(has(&["cifar"], "steps/edm/cifar") && !has(&["cifar"], "steps/edm/cifar-cond"));
        assert!(has(&["edm/ffhq64"], "steps/edm/ffhq64") && !has(&["edm/ffhq64"], "steps/sid/ffhq64"));
    }

    #[test]
    fn a_word_that_means_nothing_is_refused_with_those_that_do() {
        for word in ["", "stepz", "tiny/steps", "/", "steps/", "steps/sid/tiny/tiny"] {
            let error = chosen(&["kernels", word]).expect_err(word);
            assert!(error.exit_code() == 2 && error.to_string().contains("small32"), "{error}");
        }
    }

    #[test]
    fn every_name_stands_once() {
        let names: Vec<String> = catalogue::all(Backend::Wgpu, None).into_iter().map(|b| b.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }
}
