pub fn names() -> Vec<&'static str> {
    vec![]
}
pub fn preset(_name: &str) -> Option<super::Recipe> {
    None
}
