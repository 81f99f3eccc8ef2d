/// Why something could not be masked. It is not passed on then. No text here holds data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    #[error("the JSON is nested more than {limit} levels deep, JSON inside strings counted, so it was not read")]
    TooDeep { limit: usize },
    #[error("the body says it is text and is not UTF-8, so it was not read")]
    NotText,
    #[error("the response is to another request than the one that was asked")]
    OtherId,
    #[error("a request of the upstream's has an id that holds card data, so no answer could find back to it")]
    IdMasked,
    #[error("the rows are no JSON lists of texts and nulls")]
    Rows,
    #[error("row {row} has {cells} cells where {columns} columns were declared")]
    RowWidth { row: usize, cells: usize, columns: usize },
    #[error("the Arrow stream could not be read or written: {reason}")]
    Arrow { reason: &'static str },
    #[error("column {column} has the Arrow type {data_type}, which this masker cannot look into")]
    ArrowType { column: usize, data_type: String },
    #[error("{at} holds a card number, and the masking rules let none of it pass there in any form")]
    Blocked { at: String },
}
