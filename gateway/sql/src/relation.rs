//! What stands in `FROM`: tables, subqueries, table functions, pivots.

use sqlparser::ast::{
    Expr, ExprWithAlias, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Join, JoinConstraint,
    JoinOperator, ObjectName, PivotValueSource, TableFactor, TableFunctionArgs, TableSample, TableSampleKind,
    TableVersion, TableWithJoins, Value,
};

use crate::{functions, names, survey::Survey};

impl Survey<'_> {
    pub(crate) fn table_with_joins(&mut self, table: &TableWithJoins) {
        let TableWithJoins { relation, joins } = table;
        self.table_factor(relation);
        self.joins(joins);
    }

    pub(crate) fn joins(&mut self, joins: &[Join]) {
        for Join { relation, global, join_operator } in joins {
            self.absent(*global, "GLOBAL JOIN");
            self.table_factor(relation);
            match join_operator {
                JoinOperator::Join(on)
                | JoinOperator::Inner(on)
                | JoinOperator::Left(on)
                | JoinOperator::LeftOuter(on)
                | JoinOperator::Right(on)
                | JoinOperator::RightOuter(on)
                | JoinOperator::FullOuter(on)
                | JoinOperator::CrossJoin(on) => self.join_constraint(on),
                JoinOperator::AsOf { match_condition, constraint } => {
                    self.expr(match_condition);
                    self.join_constraint(constraint);
                }
                _ => self.unknown("this kind of JOIN is not modelled"),
            }
        }
    }

    fn join_constraint(&mut self, constraint: &JoinConstraint) {
        match constraint {
            JoinConstraint::On(expr) => self.expr(expr),
            JoinConstraint::Using(_) | JoinConstraint::Natural | JoinConstraint::None => {}
            JoinConstraint::UsingAlias(..) => self.unknown("USING with an alias is not modelled"),
        }
    }

    pub(crate) fn table_factor(&mut self, factor: &TableFactor) {
        self.nested(|survey| survey.table_factor_here(factor));
    }

    fn table_factor_here(&mut self, factor: &TableFactor) {
        match factor {
            TableFactor::Table {
                name,
                alias: _,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_directives,
                inheritance,
            } => {
                match args {
                    Some(TableFunctionArgs { args, settings }) => {
                        self.absent(settings.is_some(), "SETTINGS");
                        self.table_function(name, args);
                    }
                    None => self.source(name),
                }
                if let Some(version) = version {
                    self.version(version);
                }
                self.sample(sample.as_ref());
                self.absent(
                    !with_hints.is_empty()
                        || *with_ordinality
                        || !partitions.is_empty()
                        || json_path.is_some()
                        || !index_directives.is_empty()
                        || inheritance.is_some(),
                    "a clause after a table",
                );
            }
            TableFactor::Derived { lateral: _, subquery, alias: _, sample } => {
                self.query(subquery);
                self.sample(sample.as_ref());
            }
            TableFactor::TableFunction { expr, alias: _ } => self.table_of(expr),
            TableFactor::Function { lateral: _, name, args, with_ordinality, alias: _ } => {
                self.absent(*with_ordinality, "WITH ORDINALITY");
                self.table_function(name, args);
            }
            TableFactor::NestedJoin { table_with_joins, alias: _ } => self.table_with_joins(table_with_joins),
            TableFactor::Pivot {
                table,
                aggregate_functions,
                value_column,
                value_source,
                default_on_null,
                alias: _,
            } => {
                self.table_factor(table);
                self.aliased(aggregate_functions);
                self.exprs(value_column);
                match value_source {
                    PivotValueSource::List(values) => self.aliased(values),
                    PivotValueSource::Any(order_by) => self.order_by_exprs(order_by),
                    PivotValueSource::Subquery(query) => self.query(query),
                }
                self.exprs(default_on_null);
            }
            TableFactor::Unpivot { table, value, name: _, columns, null_inclusion: _, alias: _ } => {
                self.table_factor(table);
                self.expr(value);
                self.aliased(columns);
            }
            TableFactor::MatchRecognize {
                table,
                partition_by,
                order_by,
                measures,
                rows_per_match: _,
                after_match_skip: _,
                pattern: _,
                symbols,
                alias: _,
            } => {
                self.table_factor(table);
                self.exprs(partition_by);
                self.order_by_exprs(order_by);
                self.exprs(measures.iter().map(|measure| &measure.expr));
                self.exprs(symbols.iter().map(|symbol| &symbol.definition));
            }
            TableFactor::UNNEST { .. }
            | TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::UnpivotExpr { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::SemanticView { .. } => self.unknown("this kind of relation is not modelled"),
        }
    }

    /// `TABLE(…)`: a name given as a literal, or a table function. A variable or bind names nothing that can be seen.
    fn table_of(&mut self, expr: &Expr) {
        match expr {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) => self.named_by_literal(text),
                _ => self.unknown("TABLE(…) takes its name from a variable or bind"),
            },
            Expr::Function(function) if function.over.is_none() && function.filter.is_none() => match &function.args {
                FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses })
                    if clauses.is_empty() && function.parameters == FunctionArguments::None =>
                {
                    self.table_function(&function.name, args);
                }
                _ => self.unknown("this form of TABLE(…) is not modelled"),
            },
            _ => self.unknown("TABLE(…) takes its name from an expression"),
        }
    }

    fn table_function(&mut self, name: &ObjectName, args: &[FunctionArg]) {
        match functions::plain_name(name).as_deref() {
            Some("RESULT_SCAN") => match args {
                [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value)))] => match &value.value {
                    Value::SingleQuotedString(id) => self.scans_result(id),
                    _ => self.unknown("RESULT_SCAN of a variable or bind"),
                },
                _ => self.unknown("RESULT_SCAN of an expression"),
            },
            Some(function) if functions::is_pure_table_function(function) => self.function_args(args),
            Some(function) => {
                self.unknown(format!(
                    "reads from the table function {}, which is not on the list",
                    names::shown(function)
                ));
                self.function_args(args);
            }
            None => {
                self.unknown("reads from a table function that is not on the list");
                self.function_args(args);
            }
        }
    }

    fn version(&mut self, version: &TableVersion) {
        match version {
            TableVersion::ForSystemTimeAsOf(expr)
            | TableVersion::TimestampAsOf(expr)
            | TableVersion::VersionAsOf(expr) => {
                self.expr(expr);
            }
            TableVersion::Function(expr) => self.time_travel(expr),
            TableVersion::Changes { changes, at, end } => {
                self.time_travel(changes);
                self.time_travel(at);
                if let Some(end) = end {
                    self.time_travel(end);
                }
            }
        }
    }

    /// `AT(…)`, `BEFORE(…)`, `CHANGES(…)` and `END(…)` parse as calls.
    fn time_travel(&mut self, expr: &Expr) {
        match expr {
            Expr::Function(function)
                if matches!(
                    functions::plain_name(&function.name).as_deref(),
                    Some("AT" | "BEFORE" | "CHANGES" | "END")
                ) =>
            {
                match &function.args {
                    FunctionArguments::List(list) => self.function_args(&list.args),
                    _ => self.unknown("this form of time travel is not modelled"),
                }
            }
            _ => self.unknown("this form of time travel is not modelled"),
        }
    }

    fn sample(&mut self, sample: Option<&TableSampleKind>) {
        let Some(TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) = sample else {
            return;
        };
        let TableSample { modifier: _, name: _, quantity, seed: _, bucket, offset } = sample.as_ref();
        self.exprs(quantity.iter().map(|quantity| &quantity.value));
        self.absent(bucket.is_some() || offset.is_some(), "this form of SAMPLE");
    }

    fn aliased(&mut self, exprs: &[ExprWithAlias]) {
        self.exprs(exprs.iter().map(|aliased| &aliased.expr));
    }
}
