//! Tables and texts for people. Off a terminal a table is TSV; what others wrote never moves the cursor, and never
//! looks like something else.

use super::hidden::is_hidden;

/// A table: aligned on a terminal, tab-separated elsewhere.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    render(header, rows, super::stdout_is_terminal())
}

/// A table in columns wherever it goes: within running text.
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

/// Text from elsewhere on one line. A line's end is marked, since what follows may be more than a comment; characters
/// that a terminal would not show are named.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' => plain.push('⏎'),
            '\t' => plain.push(' '),
            c if is_hidden(c) => plain.extend(c.escape_unicode()),
            c => plain.push(c),
        }
    }
    plain
}

/// The same, line by line.
pub fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// How many characters of a text [`plain`] has to name.
pub fn named(text: &str) -> usize {
    text.lines().flat_map(str::chars).filter(|c| *c != '\t' && is_hidden(*c)).count()
}

/// What must not be overlooked.
pub fn alarming(text: &str) -> String {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    format!("{red}{text}{red:#}")
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
        assert_eq!(render(&["NAME", "TEXT"], &rows, false), "NAME\tTEXT\na\t\\u{1b}[31mred\\u{7}");
    }

    #[test]
    fn a_text_that_reads_as_another_is_shown_as_it_is() {
        for (hidden, shown) in [
            // Direction: the terminal would show the end before the middle.
            ("'user\u{202e} '--\u{2066}", r"'user\u{202e} '--\u{2066}"),
            ("\u{202a}\u{202d}\u{2069}\u{200f}\u{61c}", r"\u{202a}\u{202d}\u{2069}\u{200f}\u{61c}"),
            // Width: two names that look like one.
            ("pay\u{200b}ments", r"pay\u{200b}ments"),
            ("a\u{ad}b\u{feff}c\u{200d}\u{2060}", r"a\u{ad}b\u{feff}c\u{200d}\u{2060}"),
            // Lines that are not where they seem to be.
            ("--a\u{2028}DROP\u{2029}", r"--a\u{2028}DROP\u{2029}"),
            ("SELECT 1\rDROP\u{85}\u{8}", r"SELECT 1\u{d}DROP\u{85}\u{8}"),
            // Blanks that are none, fillers, tags, selectors.
            ("a\u{a0}b\u{3000}\u{3164}\u{115f}", r"a\u{a0}b\u{3000}\u{3164}\u{115f}"),
            ("\u{e0041}\u{fe0f}\u{180e}\u{fff9}", r"\u{e0041}\u{fe0f}\u{180e}\u{fff9}"),
        ] {
            assert_eq!(plain(hidden), shown);
            assert_eq!(named(hidden), shown.matches(r"\u{").count(), "{shown}");
        }
        assert_eq!(plain("-- tidy\nDROP TABLE a"), "-- tidy⏎DROP TABLE a");
        assert_eq!(plain_lines("-- tidy\r\nDROP\rTABLE a"), "-- tidy\nDROP\\u{d}TABLE a");
        let honest = "SELECT größe, '日本語', '💳' FROM \"Ünïcode\"\tWHERE é = 'عربي'";
        assert_eq!((plain(honest), named(honest)), (honest.replace('\t', " "), 0));
    }

    #[test]
    fn a_terminal_table_is_aligned() {
        let rows = vec![vec!["warehouse".to_owned(), "x".to_owned()], vec!["pay".to_owned(), "y".to_owned()]];
        let text = render(&["NAME", "T"], &rows, true);
        assert!(text.ends_with("warehouse  x\npay        y\n"), "{text}");
    }
}
