//! `SHOW`, `DESCRIBE` and `EXPLAIN`.

use hoop_model::Action;
use sqlparser::ast::{
    ShowCreateObject, ShowStatementFilter, ShowStatementFilterPosition, ShowStatementIn, ShowStatementInParentType,
    ShowStatementOptions, Statement,
};

use crate::survey::Survey;

/// Further kinds of object that `SHOW` lists, by their first word.
const LISTED: &[&str] = &[
    "FILE",
    "GRANTS",
    "IMPORTED",
    "LOCKS",
    "PARAMETERS",
    "PIPES",
    "PRIMARY",
    "PROCEDURES",
    "REGIONS",
    "ROLES",
    "SEQUENCES",
    "STAGES",
    "STREAMS",
    "TAGS",
    "TASKS",
    "TRANSACTIONS",
    "UNIQUE",
    "USERS",
    "WAREHOUSES",
];

impl Survey<'_> {
    pub(crate) fn show(&mut self, statement: &Statement) {
        self.raise(Action::Read);
        match statement {
            Statement::ShowFunctions { filter } | Statement::ShowVariables { filter, global: _, session: _ } => {
                self.show_filter(filter.as_ref());
            }
            Statement::ShowVariable { variable } => {
                let listed =
                    variable.first().is_some_and(|word| LISTED.contains(&word.value.to_ascii_uppercase().as_str()));
                self.absent(!listed, "this form of SHOW");
            }
            Statement::ShowCreate { obj_type: ShowCreateObject::Table | ShowCreateObject::View, obj_name } => {
                self.source(obj_name);
            }
            Statement::ShowColumns { extended: _, full: _, show_options } => self.show_options(show_options, true),
            Statement::ShowDatabases { terse: _, history: _, show_options }
            | Statement::ShowSchemas { terse: _, history: _, show_options }
            | Statement::ShowTables { terse: _, history: _, extended: _, full: _, external: _, show_options }
            | Statement::ShowViews { terse: _, materialized: _, show_options } => {
                self.show_options(show_options, false)
            }
            Statement::ShowObjects(objects) => self.show_options(&objects.show_options, false),
            _ => self.unknown("this form of SHOW is not modelled"),
        }
    }

    fn show_options(&mut self, options: &ShowStatementOptions, of_table: bool) {
        let ShowStatementOptions { show_in, starts_with: _, limit, limit_from: _, filter_position } = options;
        if let Some(ShowStatementIn { clause: _, parent_type, parent_name: Some(name) }) = show_in {
            match parent_type {
                Some(ShowStatementInParentType::Table | ShowStatementInParentType::View) => self.source(name),
                None if of_table => self.source(name),
                _ => {}
            }
        }
        self.exprs(limit);
        if let Some(ShowStatementFilterPosition::Infix(filter) | ShowStatementFilterPosition::Suffix(filter)) =
            filter_position
        {
            self.show_filter(Some(filter));
        }
    }

    fn show_filter(&mut self, filter: Option<&ShowStatementFilter>) {
        match filter {
            Some(ShowStatementFilter::Where(expr)) => self.expr(expr),
            Some(ShowStatementFilter::Like(_) | ShowStatementFilter::ILike(_) | ShowStatementFilter::NoKeyword(_))
            | None => {}
        }
    }

    /// `EXPLAIN` counts as what it explains: a server that does not know the word must not run more than was allowed.
    pub(crate) fn describe(&mut self, statement: &Statement) {
        self.raise(Action::Read);
        match statement {
            Statement::ExplainTable { describe_alias: _, hive_format, has_table_keyword: _, table_name } => {
                self.absent(hive_format.is_some(), "this form of DESCRIBE");
                self.source(table_name);
            }
            Statement::Explain {
                describe_alias: _,
                analyze,
                verbose,
                query_plan,
                estimate,
                statement,
                format,
                options,
            } => {
                self.absent(*analyze, "EXPLAIN ANALYZE");
                self.absent(
                    *verbose || *query_plan || *estimate || format.is_some() || options.is_some(),
                    "this form of EXPLAIN",
                );
                match statement.as_ref() {
                    Statement::Query(_)
                    | Statement::Insert(_)
                    | Statement::Update(_)
                    | Statement::Delete(_)
                    | Statement::Merge(_)
                    | Statement::CreateTable(_)
                    | Statement::CreateView(_) => self.statement(statement),
                    _ => self.unknown("explains a statement that is not modelled"),
                }
            }
            _ => self.unknown("this form of DESCRIBE is not modelled"),
        }
    }
}
