use serde_json::Value;

use crate::{
    Column, ColumnKind, Compiled, Findings, Key, MaskError, Masked, ProofFailure, Released, Rowset, RowsetChunk,
    RuleError, Rules, Sink, carrier, name, prove,
    view::{Cards, View},
};

/// What stands for a text that could not be read.
const UNREADABLE: &str = "[hidden: it could not be read]";

/// Hides card numbers and authentication data, and what an operator's rules name. Cheap to clone. Every method counts
/// what it hid in `findings`.
///
/// What is for the client who asked is [`Released`], and shows card numbers where [`Self::revealing`] was asked for. What
/// is for records, people and streams is [`Masked`], of every masker.
#[derive(Clone)]
pub struct Masker {
    view: View,
    record: View,
}

impl Default for Masker {
    fn default() -> Self {
        Self::of(View::default())
    }
}

impl Masker {
    /// A masker that goes by `rules`; `key` is what tokens and encrypted numbers are made with.
    ///
    /// # Errors
    /// The first thing that is wrong with the rules.
    pub fn new(rules: &Rules, key: Option<Key>) -> Result<Self, RuleError> {
        Ok(Self::of(View::new(Compiled::new(rules, key)?)))
    }

    fn of(view: View) -> Self {
        Self { record: view.of_record(), view }
    }

    pub fn rules(&self) -> &Compiled {
        self.view.rules()
    }

    /// The same for a member of `groups`.
    #[must_use]
    pub fn for_groups(&self, groups: impl IntoIterator<Item = String>) -> Self {
        Self::of(self.view.of_groups(groups))
    }

    /// The same for the results of an MCP tool.
    #[must_use]
    pub fn for_tool(&self, tool: &str) -> Self {
        Self::of(self.view.of_tool(tool))
    }

    /// The same for who may see card numbers: in what is [`Released`] they stay, counted as [`crate::Rule::Revealed`].
    /// Authentication data goes all the same, and so do numbers in the names of keys and columns.
    #[must_use]
    pub fn revealing(&self) -> Self {
        Self::of(self.view.with_cards(Cards::Shown))
    }

    /// The same for the rest of a result that began with [`Self::revealing`]: card numbers are hidden again, and columns
    /// of numbers stay what its beginning said they are.
    #[must_use]
    pub fn after_revealing(&self) -> Self {
        Self::of(self.view.with_cards(Cards::HiddenAgain))
    }

    /// With every card number hidden.
    pub(crate) fn hiding(&self) -> View {
        self.view.with_cards(Cards::Hidden)
    }

    fn release<T>(&self, value: T) -> Released<T> {
        Released::seal(value, self.view.cards() == Cards::Shown)
    }

    /// Text for a record or a message of our own; documents, events and tables in it are read as such. What rules do not
    /// let pass at all is hidden whole.
    pub fn text(&self, text: &str, findings: &mut Findings) -> Masked<String> {
        let masked = carrier::lines::body(text, &self.record, findings);
        Masked::seal(masked.unwrap_or_else(|_| UNREADABLE.to_owned()))
    }

    /// A text body of an upstream, as bytes.
    ///
    /// # Errors
    /// [`MaskError::NotText`] if it is not UTF-8; [`MaskError::Blocked`] by rule.
    pub fn bytes_text(&self, bytes: &[u8], findings: &mut Findings) -> Result<Released<Vec<u8>>, MaskError> {
        let text = std::str::from_utf8(bytes).map_err(|_| MaskError::NotText)?;
        Ok(self.release(carrier::lines::body(text, &self.view, findings)?.into_bytes()))
    }

    /// A JSON document: keys, strings, numbers, and JSON inside strings. A number stays a number of as many digits.
    ///
    /// # Errors
    /// [`MaskError::TooDeep`] beyond 128 levels.
    pub fn json(&self, mut value: Value, findings: &mut Findings) -> Result<Released<Value>, MaskError> {
        carrier::json::tree::document(&mut value, &self.view, findings)?;
        Ok(self.release(value))
    }

    /// A statement as people and the trail see it, and behind it the values bound to it. Where it names a verification
    /// code, a PIN or track data, every literal that could be one is hidden, and every bound value.
    pub fn statement(&self, sql: &str, bound: Option<&Value>, findings: &mut Findings) -> Masked<String> {
        let masked = carrier::command::statement(sql, bound, &self.record, findings);
        Masked::seal(masked.unwrap_or_else(|_| UNREADABLE.to_owned()))
    }

    /// A call's arguments as people and the trail see them: by their keys, and where a text among them (a statement)
    /// names a verification code, a PIN or track data, every value that could be one.
    ///
    /// # Errors
    /// [`MaskError::TooDeep`] beyond 128 levels.
    pub fn arguments(&self, mut value: Value, findings: &mut Findings) -> Result<Masked<Value>, MaskError> {
        carrier::command::arguments(&mut value, &self.record, findings)?;
        Ok(Masked::seal(value))
    }

    /// A message of an upstream to the client that asked for `asked`, a request's id: the response to it, or a request
    /// or notification of the upstream's own. The client's id comes back as the client sent it.
    ///
    /// # Errors
    /// [`MaskError::OtherId`] for a response to anything else; [`MaskError::IdMasked`] for a request whose id would come
    /// out masked, since no answer could find back; [`MaskError::TooDeep`] beyond 128 levels.
    pub fn reply(
        &self,
        mut message: Value,
        asked: Option<&Value>,
        findings: &mut Findings,
    ) -> Result<Released<Value>, MaskError> {
        let id = message.get("id").cloned();
        let answers = message.get("method").is_none();
        if answers && (id.is_none() || id.as_ref() != asked) {
            return Err(MaskError::OtherId);
        }
        carrier::json::tree::document(&mut message, &self.view, findings)?;
        match message.get_mut("id") {
            Some(place) if answers => *place = id.unwrap_or_default(),
            masked if masked.as_deref() != id.as_ref() => return Err(MaskError::IdMasked),
            _ => {}
        }
        Ok(self.release(message))
    }

    /// Rows of a Snowflake result, their cells spelled as text. A cell keeps parsing as its column's type.
    ///
    /// # Errors
    /// [`MaskError::RowWidth`] if a row is not as wide as `columns`.
    pub fn rowset(
        &self,
        mut rows: Rowset,
        columns: &[Column],
        findings: &mut Findings,
    ) -> Result<Released<Rowset>, MaskError> {
        carrier::rowset::mask(&mut rows, columns, &self.view, findings)?;
        Ok(self.release(rows))
    }

    /// Reads the body of a result chunk in JSON: rows without the outer brackets. What [`Self::rowset`] hides is hidden.
    pub fn rowset_chunk(&self, columns: &[Column]) -> RowsetChunk {
        RowsetChunk::new(columns, &self.view)
    }

    /// An Arrow IPC stream, written anew, and its count of rows. Schema and types stay; empty stays empty. Without
    /// `columns`, Snowflake's field metadata says what the columns are.
    ///
    /// # Errors
    /// [`MaskError::Arrow`] if it cannot be read, [`MaskError::ArrowType`] for types that cannot be looked into.
    pub fn arrow_stream(
        &self,
        ipc: &[u8],
        columns: Option<&[Column]>,
        findings: &mut Findings,
    ) -> Result<(Released<Vec<u8>>, u64), MaskError> {
        let mut masked = Released::within(Vec::with_capacity(ipc.len()));
        let rows = self.arrow_chunk(|| ipc, &mut masked, columns, findings)?;
        Ok((masked, rows))
    }

    /// [`Self::arrow_stream`] into `sink`, of what `open` reads: to its end, and once more if its fields hold nulls which they
    /// declare free of them. Its count of rows. After an error what the sink took is void.
    ///
    /// # Errors
    /// As [`Self::arrow_stream`]; [`MaskError::Arrow`] also if reading fails.
    pub fn arrow_chunk<R: std::io::Read>(
        &self,
        open: impl Fn() -> R,
        sink: &mut impl Sink,
        columns: Option<&[Column]>,
        findings: &mut Findings,
    ) -> Result<u64, MaskError> {
        carrier::arrow::mask(open, sink, columns, &self.view, findings)
    }

    /// Masks an Arrow IPC stream batch by batch, so that no more than a batch is held, and counts its rows. No number is
    /// shown in it, whoever asks. Snowflake's field metadata says what the columns are. On an error nothing of the batch
    /// at hand has been written.
    ///
    /// # Errors
    /// As [`Self::arrow_stream`]; [`MaskError::Arrow`] also if it cannot be written.
    pub fn arrow_through(
        &self,
        from: impl std::io::Read,
        to: impl std::io::Write,
        findings: &mut Findings,
    ) -> Result<u64, MaskError> {
        carrier::arrow::through(from, to, &self.hiding(), findings)
    }

    /// What a column's values become: of a numeric one that is known to hold card numbers it may be text, by rule.
    pub fn kind_of(&self, column: &Column) -> ColumnKind {
        let ruling = self.view.at(&column.place());
        match column.kind {
            ColumnKind::Number { .. } if ruling.is_text_instead(name::of(&column.name)) => ColumnKind::Text,
            kind => kind,
        }
    }

    /// Masks built-in samples over every carrier. A gateway whose masker fails this must not serve.
    ///
    /// # Errors
    /// Names the carrier and the sample that came through.
    pub fn prove(&self) -> Result<(), ProofFailure> {
        prove::prove(self)
    }
}
