//! What settings do, for `--help`.

use super::identity::{defaults, find};
use super::setting::Setting;
use super::tables::{setting, settings};

/// What the setting called `name` does.
///
/// # Panics
/// Where there is none: a flag that sets nothing is a mistake of ours.
pub fn help(name: &str) -> &'static str {
    setting(name).unwrap_or_else(|| panic!("no setting is called {name}")).help()
}

/// All settings, a paragraph each: name, default, what it does and what it may be.
pub fn table() -> String {
    let defaults = defaults().unwrap_or_default();
    let paragraph = |setting: &Setting| {
        let default = find(&defaults, setting.name).map(|value| format!(" = {value}")).unwrap_or_default();
        let range = setting.range.words().map(|words| format!(" ({words})")).unwrap_or_default();
        let tunable = if setting.tunable.is_some() { " May change while it trains." } else { "" };
        format!("  {}{default}{range}\n          {}{tunable}\n", setting.name, setting.help())
    };
    settings().map(paragraph).collect()
}
