use super::Recipe;
use crate::error::Result;
pub fn from_toml(_: &str) -> Result<Recipe> {
    todo!()
}
pub fn read(_: &std::path::Path) -> Result<Recipe> {
    todo!()
}
pub fn to_toml(_: &Recipe) -> String {
    todo!()
}
