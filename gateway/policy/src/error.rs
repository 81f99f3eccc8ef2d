use std::fmt;

/// Everything found wrong with a policy text and its table groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// Never empty; in the order of the text.
    pub problems: Vec<Problem>,
}

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line and column (in characters), counted from 1; `None` for what is outside the text.
    pub at: Option<(usize, usize)>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    pub(crate) fn outside(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { at: None, what: what.into(), remedy: remedy.into() }
    }

    /// A problem at a byte of the text.
    pub(crate) fn at(text: &str, byte: usize, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { at: Some((line, column)), what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.at {
            write!(f, "line {line}, column {column}: ")?;
        }
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(f, "{gap}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}
