//! For whom, and of which upstream, an answer is masked.

use std::{ops::Deref, sync::Arc};

use crate::{Applied, Compiled, Declared, Mode, Numbers, PlaceName, hiding::Hiding, name::Name};

/// What holds at one place.
#[derive(Clone, Default)]
pub(crate) struct Ruling {
    pub hiding: Hiding,
    pub declared: Declared,
    pub entities: Vec<Applied>,
    /// A column of numbers stays one, whatever the rules make of it otherwise.
    pub keeps_numbers: bool,
}

impl Ruling {
    /// Whether a column of numbers becomes one of text: where it is known to hold card numbers, so that its type is the
    /// same in all of a result.
    pub(crate) fn is_text_instead(&self, name: Name) -> bool {
        let known = name == Name::Card || self.declared == Declared::Card;
        known && !self.keeps_numbers && (self.hiding.numbers == Numbers::Text || self.hiding.mode == Mode::Tokenize)
    }

    /// Whether some values go without a trace.
    pub(crate) fn hides_whole(&self) -> bool {
        self.hiding.mode == Mode::Null && !self.hiding.shown
            || self.entities.iter().any(|applied| applied.mode == Mode::Null)
    }
}

/// A ruling: mostly the same for all places.
pub(crate) enum Held<'v> {
    Here(&'v Arc<Ruling>),
    Own(Arc<Ruling>),
}

impl Held<'_> {
    pub(crate) fn to_arc(&self) -> Arc<Ruling> {
        match self {
            Self::Here(ruling) => Arc::clone(ruling),
            Self::Own(ruling) => Arc::clone(ruling),
        }
    }
}

impl Deref for Held<'_> {
    type Target = Ruling;

    fn deref(&self) -> &Ruling {
        match self {
            Self::Here(ruling) => ruling,
            Self::Own(ruling) => ruling,
        }
    }
}

/// Whether card numbers are hidden. Authentication data is, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Cards {
    #[default]
    Hidden,
    Shown,
    /// In what is left of a result that began with them shown.
    HiddenAgain,
}

/// Rules, for members of some groups, in the results of one tool.
#[derive(Clone)]
pub(crate) struct View {
    rules: Compiled,
    groups: Arc<[String]>,
    tool: Option<Arc<str>>,
    /// What holds where places do not matter.
    base: Arc<Ruling>,
    /// For a record: nothing is refused or left out, all that would be is hidden.
    is_record: bool,
    cards: Cards,
    /// Nothing but card data is looked for, everywhere alike.
    is_plain: bool,
}

impl Default for View {
    fn default() -> Self {
        Self::new(Compiled::default())
    }
}

impl View {
    pub(crate) fn new(rules: Compiled) -> Self {
        let base = Arc::default();
        Self {
            rules,
            groups: Arc::default(),
            tool: None,
            base,
            is_record: false,
            cards: Cards::Hidden,
            is_plain: false,
        }
        .with_base()
    }

    pub(crate) fn of_groups(&self, groups: impl IntoIterator<Item = String>) -> Self {
        match self.rules.by_group() {
            true => Self { groups: groups.into_iter().collect(), ..self.clone() }.with_base(),
            false => self.clone(),
        }
    }

    pub(crate) fn of_record(&self) -> Self {
        Self { is_record: true, cards: Cards::Hidden, ..self.clone() }.with_base()
    }

    pub(crate) fn with_cards(&self, cards: Cards) -> Self {
        Self { cards, ..self.clone() }.with_base()
    }

    pub(crate) fn cards(&self) -> Cards {
        self.cards
    }

    pub(crate) fn of_tool(&self, tool: &str) -> Self {
        Self { tool: Some(tool.into()), ..self.clone() }
    }

    fn with_base(mut self) -> Self {
        self.base = Arc::new(self.at(&PlaceName::Unknown));
        self.is_plain = !self.rules.by_place() && self.base.entities.is_empty();
        self
    }

    pub(crate) fn rules(&self) -> &Compiled {
        &self.rules
    }

    /// What holds at a column, or wherever `name` says.
    pub(crate) fn at(&self, name: &PlaceName<'_>) -> Ruling {
        let mut effective = self.rules.at(name, &self.groups);
        if self.is_record {
            let modes = effective.entities.iter_mut().map(|applied| &mut applied.mode);
            modes.chain([&mut effective.pan_mode]).for_each(|mode| {
                if matches!(mode, Mode::Null | Mode::Block) {
                    *mode = Mode::Full;
                }
            });
        }
        let hiding = Hiding {
            mode: effective.pan_mode,
            numbers: self.rules.numbers(),
            key: self.rules.key().cloned(),
            shown: self.cards == Cards::Shown,
        };
        let keeps_numbers = self.cards != Cards::Hidden;
        Ruling { hiding, declared: effective.declared, entities: effective.entities, keeps_numbers }
    }

    /// What holds at a place in a document.
    pub(crate) fn at_path(&self, path: &str) -> Held<'_> {
        if self.is_plain || !self.rules.by_place() {
            return Held::Here(&self.base);
        }
        let tool = self.tool.as_deref().unwrap_or_default();
        Held::Own(Arc::new(self.at(&PlaceName::Json { tool, path })))
    }

    /// Whether nothing but card data is looked for, everywhere alike.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    pub(crate) fn base(&self) -> &Arc<Ruling> {
        &self.base
    }
}
