//! Names of classes.

/// Gives a class without a name its number, so that the number of classes is known from all labels
/// there are and not from those that a limit leaves.
pub fn name_all(class_names: &mut Vec<String>, labels: impl Iterator<Item = u32>) {
    let classes = labels.max().map_or(0, |top| top as usize + 1);
    (class_names.len()..classes).for_each(|class| class_names.push(class.to_string()));
}
