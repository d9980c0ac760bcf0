//! Rows under each other.

/// Between two columns.
const GAP: &str = "  ";

/// Rows of cells, each column as wide as its widest cell; lines have their ends. Rows may be short.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide = |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().map(|row| wide(row, column)).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))))
            .collect();
        format!("{}\n", cells.join(GAP).trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows =
            [["é", "1.5", "of"], ["long name", "12.25", "x"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(table(&rows), "é          1.5    of\nlong name  12.25  x\n");
        assert_eq!(table(&[vec!["a".into()], vec!["b".into(), "c".into()]]), "a\nb  c\n");
        assert_eq!(table(&[]), "");
    }
}
