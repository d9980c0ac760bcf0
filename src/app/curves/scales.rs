//! Which curves are of one size: on an axis that is made for large ones, small ones are a line at its bottom.

use std::collections::BTreeMap;

use super::series::Series;

/// The largest curve of an axis is at most so many times the smallest.
const SPAN: f64 = 10.0;

/// The curves of one quantity, sorted into groups of about one size.
pub struct Scales<'a> {
    /// The group of each stage's measure, whichever run it is of: one curve of two runs is to be compared.
    groups: BTreeMap<Key<'a>, usize>,
}

/// The axis that a curve may share, its stage and its name.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key(series: &Series) -> Key<'_> {
    (series.measure.axis(), &series.stage, &series.measure.name)
}

impl<'a> Scales<'a> {
    pub fn of(all: impl Iterator<Item = &'a Series>) -> Self {
        let mut sizes: BTreeMap<Key<'a>, f64> = BTreeMap::new();
        for series in all.filter(|series| !series.measure.is_share()) {
            if let Some(size) = series.magnitude() {
                let known = sizes.entry(key(series)).or_insert(size);
                *known = known.max(size);
            }
        }
        let mut sorted: Vec<(Key<'a>, f64)> = sizes.into_iter().collect();
        sorted.sort_by(|(a, x), (b, y)| a.0.cmp(b.0).then(x.total_cmp(y)));
        let (mut groups, mut group, mut smallest) = (BTreeMap::new(), 0, None);
        for (key, size) in sorted {
            if smallest.is_none_or(|(axis, least)| axis != key.0 || size > least * SPAN) {
                (group, smallest) = (group + 1, Some((key.0, size)));
            }
            groups.insert(key, group);
        }
        Self { groups }
    }

    /// Whether two curves of one quantity can share an axis. One whose size is not known goes with any.
    pub fn share(&self, a: &Series, b: &Series) -> bool {
        let group = |series: &Series| self.groups.get(&key(series)).copied();
        group(a).zip(group(b)).is_none_or(|(a, b)| a == b)
    }
}
