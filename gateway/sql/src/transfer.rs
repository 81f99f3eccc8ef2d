//! Rows that move between tables and files.

use hoop_model::Action;
use sqlparser::ast::{
    CopyIntoSnowflakeKind, ObjectName, ObjectNamePart, Statement, helpers::stmt_data_loading::StageLoadSelectItemKind,
};

use crate::survey::Survey;

/// A stage (`@s`) or a URL in quotes; neither is a table.
fn is_location(name: &ObjectName) -> bool {
    matches!(name.0.first(), Some(ObjectNamePart::Identifier(ident))
        if (ident.quote_style.is_none() && ident.value.starts_with('@'))
            || (ident.quote_style == Some('\'') && ident.value.contains("://")))
}

impl Survey<'_> {
    pub(crate) fn transfer(&mut self, statement: &Statement) {
        match statement {
            Statement::CopyIntoSnowflake {
                kind,
                into,
                into_columns: _,
                from_obj,
                from_obj_alias: _,
                stage_params: _,
                from_transformations,
                from_query,
                files: _,
                pattern: _,
                file_format: _,
                copy_options: _,
                validation_mode: _,
                partition,
            } => {
                match kind {
                    CopyIntoSnowflakeKind::Table => {
                        self.raise(Action::Write);
                        self.changed(into);
                    }
                    CopyIntoSnowflakeKind::Location => {
                        self.raise(Action::Export);
                        self.reason("copies rows to a location outside the tables");
                    }
                }
                if let Some(from) = from_obj.as_ref().filter(|from| !is_location(from)) {
                    self.source(from);
                }
                for item in from_transformations.iter().flatten() {
                    if let StageLoadSelectItemKind::SelectItem(item) = item {
                        self.select_items(std::slice::from_ref(item));
                    }
                }
                if let Some(query) = from_query {
                    self.query(query);
                }
                if let Some(partition) = partition {
                    self.expr(partition);
                }
            }
            Statement::Put { .. } => {
                self.raise(Action::Export);
                self.reason("opens a stage to the client");
            }
            Statement::Unload { query, query_text, .. } => {
                self.raise(Action::Export);
                self.absent(query_text.is_some(), "UNLOAD of a text");
                if let Some(query) = query {
                    self.query(query);
                }
            }
            Statement::ExportData(export) => {
                self.raise(Action::Export);
                self.query(&export.query);
            }
            Statement::Directory { source, .. } => {
                self.raise(Action::Export);
                self.query(source);
            }
            _ => self.unknown("a statement of this kind is not modelled"),
        }
    }
}
