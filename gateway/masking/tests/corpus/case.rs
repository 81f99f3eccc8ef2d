//! One labelled case.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Plain,
    Hard,
    Sad,
    Decoy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Text,
    Json,
    Sse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Pan,
    /// What follows the PAN on a track: expiry, service code, discretionary data.
    Track,
    /// A verification code or a PIN.
    Code,
    /// An encrypted PIN as hex.
    PinBlock,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Secret {
    pub kind: Kind,
    /// ASCII, without separators.
    pub digits: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    pub id: String,
    pub category: &'static str,
    pub class: Class,
    pub format: Format,
    pub text: String,
    pub secrets: Vec<Secret>,
    /// What must come through unchanged.
    pub keep: Vec<String>,
}

impl Case {
    pub fn new(class: Class, category: &'static str, format: Format, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { id: String::new(), category, class, format, text, secrets: Vec::new(), keep: Vec::new() }
    }

    pub fn plain(category: &'static str, format: Format, text: impl Into<String>) -> Self {
        Self::new(Class::Plain, category, format, text)
    }

    pub fn hard(category: &'static str, format: Format, text: impl Into<String>) -> Self {
        Self::new(Class::Hard, category, format, text)
    }

    pub fn sad(category: &'static str, format: Format, text: impl Into<String>) -> Self {
        Self::new(Class::Sad, category, format, text)
    }

    /// Nothing in it may change.
    pub fn decoy(category: &'static str, format: Format, text: impl Into<String>) -> Self {
        let case = Self::new(Class::Decoy, category, format, text);
        let whole = case.text.clone();
        case.keeps(whole)
    }

    pub fn hides(self, pan: &str) -> Self {
        self.secret(Kind::Pan, pan)
    }

    pub fn secret(mut self, kind: Kind, digits: &str) -> Self {
        self.secrets.push(Secret { kind, digits: digits.to_owned() });
        self
    }

    pub fn keeps(mut self, text: impl Into<String>) -> Self {
        self.keep.push(text.into());
        self
    }

    /// What stands around the `{}` of the template that the text was made from.
    pub fn keeps_around(mut self, template: &str) -> Self {
        self.keep.extend(template.split("{}").filter(|part| !part.trim().is_empty()).map(str::to_owned));
        self
    }
}
