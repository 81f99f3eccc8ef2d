//! Tables and texts for people. Off a terminal a table is TSV; what others wrote never reaches the terminal as
//! control characters.

/// A table: aligned on a terminal, tab-separated elsewhere.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    render(header, rows, super::stdout_is_terminal())
}

/// A table in columns wherever it goes: within running text.
#[cfg(feature = "dev")]
pub fn aligned(header: &[&str], rows: &[Vec<String>]) -> String {
    render(header, rows, true)
}

fn render(header: &[&str], rows: &[Vec<String>], aligned: bool) -> String {
    let mut lines: Vec<Vec<String>> = vec![header.iter().map(|cell| (*cell).to_owned()).collect()];
    lines.extend(rows.iter().map(|row| row.iter().map(|cell| plain(cell)).collect()));
    if !aligned {
        return lines.iter().map(|line| line.join("\t")).collect::<Vec<_>>().join("\n");
    }
    let columns = header.len();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let bold = anstyle::Style::new().bold();
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let text = cells.collect::<Vec<_>>().join("  ");
        let text = text.trim_end();
        if index == 0 {
            out.push_str(&format!("{bold}{text}{bold:#}\n"));
        } else {
            out.push_str(text);
            out.push('\n');
        }
    }
    out
}

/// Text from elsewhere with control characters shown as spaces, so that it cannot move the cursor or colour the screen.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// At most `width` characters, the cut marked.
pub fn short(text: &str, width: usize) -> String {
    let text = plain(text);
    if text.chars().count() <= width {
        return text;
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piped_table_is_tab_separated_and_inert() {
        let rows = vec![vec!["a".to_owned(), "\u{1b}[31mred\u{7}".to_owned()]];
        assert_eq!(render(&["NAME", "TEXT"], &rows, false), "NAME\tTEXT\na\t [31mred ");
    }

    #[test]
    fn a_terminal_table_is_aligned() {
        let rows = vec![vec!["warehouse".to_owned(), "x".to_owned()], vec!["pay".to_owned(), "y".to_owned()]];
        let text = render(&["NAME", "T"], &rows, true);
        assert!(text.ends_with("warehouse  x\npay        y\n"), "{text}");
    }
}
