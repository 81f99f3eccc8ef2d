//! `INSERT`, `UPDATE`, `DELETE`, `MERGE`: a write to its targets that reads its sources.

use hoop_model::Action;
use sqlparser::ast::{
    Assignment, Delete, FromTable, Insert, Merge, MergeAction, MergeClause, MergeInsertExpr, MergeInsertKind,
    MergeUpdateExpr, MergeUpdateKind, MultiTableInsertIntoClause, MultiTableInsertValue, TableFactor, TableObject,
    TableWithJoins, Update, UpdateTableFromKind,
};

use crate::survey::Survey;

impl Survey<'_> {
    pub(crate) fn insert(&mut self, insert: &Insert) {
        self.raise(Action::Write);
        let Insert {
            insert_token: _,
            optimizer_hints: _,
            or,
            ignore,
            into: _,
            table,
            table_alias: _,
            columns: _,
            by_name,
            overwrite: _,
            source,
            assignments,
            partitioned,
            after_columns,
            overriding,
            has_table_keyword: _,
            on,
            returning,
            output,
            replace_into,
            priority,
            insert_alias,
            settings,
            format_clause,
            multi_table_insert_type,
            multi_table_into_clauses,
            multi_table_when_clauses,
            multi_table_else_clause,
        } = insert;
        if multi_table_insert_type.is_none() {
            match table {
                TableObject::TableName(name) => self.changed(name),
                TableObject::TableFunction(_) | TableObject::TableQuery(_) => {
                    self.unknown("inserts into something that is no table")
                }
            }
        }
        self.insert_targets(multi_table_into_clauses);
        for when in multi_table_when_clauses {
            self.expr(&when.condition);
            self.insert_targets(&when.into_clauses);
        }
        self.insert_targets(multi_table_else_clause.as_deref().unwrap_or_default());
        if let Some(source) = source {
            self.query(source);
        }
        self.assignments(assignments);
        self.absent(
            or.is_some()
                || *ignore
                || *by_name
                || partitioned.is_some()
                || !after_columns.is_empty()
                || overriding.is_some()
                || on.is_some()
                || returning.is_some()
                || output.is_some()
                || *replace_into
                || priority.is_some()
                || insert_alias.is_some()
                || settings.is_some()
                || format_clause.is_some(),
            "a clause of INSERT",
        );
    }

    fn insert_targets(&mut self, clauses: &[MultiTableInsertIntoClause]) {
        for MultiTableInsertIntoClause { table_name, columns: _, values } in clauses {
            self.changed(table_name);
            for value in values.iter().flat_map(|values| &values.values) {
                match value {
                    MultiTableInsertValue::Expr(expr) => self.expr(expr),
                    MultiTableInsertValue::Default => {}
                }
            }
        }
    }

    pub(crate) fn update(&mut self, update: &Update) {
        self.raise(Action::Write);
        let Update {
            update_token: _,
            optimizer_hints: _,
            table,
            on_cluster,
            assignments,
            from,
            selection,
            returning,
            output,
            or,
            order_by,
            limit,
            settings,
        } = update;
        self.changed_table(table);
        if let Some(UpdateTableFromKind::BeforeSet(tables) | UpdateTableFromKind::AfterSet(tables)) = from {
            for table in tables {
                self.table_with_joins(table);
            }
        }
        self.assignments(assignments);
        self.exprs(selection);
        self.absent(
            on_cluster.is_some()
                || returning.is_some()
                || output.is_some()
                || or.is_some()
                || !order_by.is_empty()
                || limit.is_some()
                || settings.is_some(),
            "a clause of UPDATE",
        );
    }

    pub(crate) fn delete(&mut self, delete: &Delete) {
        self.raise(Action::Write);
        let Delete {
            delete_token: _,
            optimizer_hints: _,
            tables,
            from,
            on_cluster,
            using,
            selection,
            returning,
            output,
            order_by,
            limit,
            settings,
        } = delete;
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = from;
        for table in from {
            self.changed_table(table);
        }
        for table in using.iter().flatten() {
            self.table_with_joins(table);
        }
        self.exprs(selection);
        self.absent(
            !tables.is_empty()
                || on_cluster.is_some()
                || returning.is_some()
                || output.is_some()
                || !order_by.is_empty()
                || limit.is_some()
                || settings.is_some(),
            "a clause of DELETE",
        );
    }

    pub(crate) fn merge(&mut self, merge: &Merge) {
        self.raise(Action::Write);
        let Merge { merge_token: _, optimizer_hints: _, into: _, table, source, on, clauses, output } = merge;
        self.changed_factor(table);
        self.table_factor(source);
        self.expr(on);
        for MergeClause { when_token: _, clause_kind: _, predicate, action } in clauses {
            self.exprs(predicate);
            match action {
                MergeAction::Insert(MergeInsertExpr {
                    insert_token: _,
                    columns: _,
                    kind_token: _,
                    kind,
                    insert_predicate,
                }) => {
                    match kind {
                        MergeInsertKind::Values(values) => self.values(values),
                        MergeInsertKind::Row | MergeInsertKind::Wildcard => {
                            self.unknown("this form of MERGE is not modelled")
                        }
                    }
                    self.exprs(insert_predicate);
                }
                MergeAction::Update(MergeUpdateExpr { update_token: _, kind, update_predicate, delete_predicate }) => {
                    match kind {
                        MergeUpdateKind::Set(assignments) => self.assignments(assignments),
                        MergeUpdateKind::Wildcard => self.unknown("this form of MERGE is not modelled"),
                    }
                    self.exprs(update_predicate);
                    self.exprs(delete_predicate);
                }
                MergeAction::Delete { .. } => {}
                MergeAction::DoNothing { .. } => self.unknown("this form of MERGE is not modelled"),
            }
        }
        self.absent(output.is_some(), "OUTPUT");
    }

    fn changed_table(&mut self, table: &TableWithJoins) {
        let TableWithJoins { relation, joins } = table;
        self.changed_factor(relation);
        self.joins(joins);
    }

    /// The relation that is changed is a table, whatever CTE has its name.
    fn changed_factor(&mut self, factor: &TableFactor) {
        match factor {
            TableFactor::Table { name, args: None, .. } => self.changed(name),
            _ => self.unknown("changes something that is no table"),
        }
        let ctes = std::mem::take(&mut self.ctes);
        self.table_factor(factor);
        self.ctes = ctes;
    }

    fn assignments(&mut self, assignments: &[Assignment]) {
        self.exprs(assignments.iter().map(|assignment| &assignment.value));
    }
}
