//! Scalar expressions: their subqueries' tables, and whether every function is on the list.

use hoop_model::Action;
use sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, HavingBound, InTarget, JsonPath, JsonPathElem, ListAggOnOverflow,
    Subscript, UnaryOperator, Value, WindowType,
};

use crate::{functions, names, survey::Survey};

impl Survey<'_> {
    pub(crate) fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    pub(crate) fn expr(&mut self, mut expr: &Expr) {
        self.nested(|survey| {
            // `a + b + c…` is as deep on its left as it is long.
            while let Expr::BinaryOp { left, op, right } = expr {
                survey.operator(op);
                survey.expr(right);
                expr = left;
            }
            survey.expr_here(expr);
        });
    }

    fn expr_here(&mut self, expr: &Expr) {
        match expr {
            Expr::Identifier(_) | Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => {}
            Expr::CompoundIdentifier(parts) => {
                if parts
                    .last()
                    .is_some_and(|part| part.quote_style.is_none() && part.value.eq_ignore_ascii_case("nextval"))
                {
                    self.raise(Action::Write);
                    self.reason("advances a sequence");
                }
            }
            Expr::CompoundFieldAccess { root, access_chain } => {
                self.expr(root);
                for access in access_chain {
                    match access {
                        AccessExpr::Dot(expr) => self.expr(expr),
                        AccessExpr::Subscript(Subscript::Index { index }) => self.expr(index),
                        AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                            self.exprs([lower_bound, upper_bound, stride].into_iter().flatten());
                        }
                    }
                }
            }
            Expr::JsonAccess { value, path: JsonPath { path } } => {
                self.expr(value);
                for element in path {
                    match element {
                        JsonPathElem::Dot { .. } => {}
                        JsonPathElem::Bracket { key } | JsonPathElem::ColonBracket { key } => self.expr(key),
                    }
                }
            }
            Expr::IsFalse(expr)
            | Expr::IsNotFalse(expr)
            | Expr::IsTrue(expr)
            | Expr::IsNotTrue(expr)
            | Expr::IsNull(expr)
            | Expr::IsNotNull(expr)
            | Expr::IsUnknown(expr)
            | Expr::IsNotUnknown(expr)
            | Expr::Nested(expr)
            | Expr::OuterJoin(expr)
            | Expr::Prior(expr)
            | Expr::Collate { expr, collation: _ }
            | Expr::Extract { field: _, syntax: _, expr }
            | Expr::Ceil { expr, field: _ }
            | Expr::Floor { expr, field: _ } => self.expr(expr),
            Expr::Cast { kind: _, expr, data_type: _, format } => {
                self.expr(expr);
                self.absent(format.is_some(), "CAST … FORMAT");
            }
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            Expr::In { expr, target, negated: _, global } => {
                self.expr(expr);
                self.absent(*global, "GLOBAL IN");
                match target {
                    InTarget::List(list) => self.exprs(list),
                    InTarget::Subquery(query) => self.query(query),
                    InTarget::Unnest(_) | InTarget::Table { .. } => self.unknown("this form of IN is not modelled"),
                }
            }
            Expr::Between { expr, negated: _, low, high } => {
                self.expr(expr);
                self.expr(low);
                self.expr(high);
            }
            Expr::Like { negated: _, any: _, expr, pattern, escape_char }
            | Expr::ILike { negated: _, any: _, expr, pattern, escape_char } => {
                self.expr(expr);
                self.expr(pattern);
                self.boxed(escape_char.as_deref());
            }
            Expr::RLike { negated: _, expr, pattern, regexp: _ } => {
                self.expr(expr);
                self.expr(pattern);
            }
            Expr::AnyOp { left, compare_op, right, is_some: _ } | Expr::AllOp { left, compare_op, right } => {
                self.operator(compare_op);
                self.expr(left);
                self.expr(right);
            }
            Expr::UnaryOp { op, expr } => {
                let known = matches!(op, UnaryOperator::Plus | UnaryOperator::Minus | UnaryOperator::Not);
                self.absent(!known, "an operator");
                self.expr(expr);
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.expr(timestamp);
                self.expr(time_zone);
            }
            Expr::Position { expr, r#in } => {
                self.expr(expr);
                self.expr(r#in);
            }
            Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                self.expr(expr);
                self.boxed(substring_from.as_deref());
                self.boxed(substring_for.as_deref());
            }
            Expr::Trim { trim_where: _, trim_what, expr, trim_characters } => {
                self.expr(expr);
                self.boxed(trim_what.as_deref());
                self.exprs(trim_characters.iter().flatten());
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                self.expr(expr);
                self.expr(overlay_what);
                self.expr(overlay_from);
                self.boxed(overlay_for.as_deref());
            }
            Expr::Value(value) => self.value(&value.value),
            Expr::TypedString(typed) => self.value(&typed.value.value),
            Expr::Interval(interval) => self.expr(&interval.value),
            Expr::Function(function) => self.function(function),
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                self.boxed(operand.as_deref());
                for CaseWhen { condition, result } in conditions {
                    self.expr(condition);
                    self.expr(result);
                }
                self.boxed(else_result.as_deref());
            }
            Expr::Exists { subquery, negated: _ } => self.query(subquery),
            Expr::Subquery(query) => self.query(query),
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => self.exprs(sets.iter().flatten()),
            Expr::Tuple(exprs) => self.exprs(exprs),
            Expr::Array(array) => self.exprs(&array.elem),
            Expr::Dictionary(fields) => self.exprs(fields.iter().map(|field| field.value.as_ref())),
            Expr::Lambda(lambda) => self.expr(&lambda.body),
            Expr::BinaryOp { .. }
            | Expr::IsJson { .. }
            | Expr::IsNormalized { .. }
            | Expr::SimilarTo { .. }
            | Expr::Convert { .. }
            | Expr::Prefixed { .. }
            | Expr::Struct { .. }
            | Expr::Named { .. }
            | Expr::Map(_)
            | Expr::MatchAgainst { .. }
            | Expr::MemberOf(_) => self.unknown("an expression of this kind is not modelled"),
        }
    }

    fn boxed(&mut self, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn operator(&mut self, op: &BinaryOperator) {
        use BinaryOperator as Op;
        let known = matches!(
            op,
            Op::Plus
                | Op::Minus
                | Op::Multiply
                | Op::Divide
                | Op::Modulo
                | Op::StringConcat
                | Op::Gt
                | Op::Lt
                | Op::GtEq
                | Op::LtEq
                | Op::Eq
                | Op::NotEq
                | Op::And
                | Op::Or
        );
        self.absent(!known, "an operator");
    }

    fn value(&mut self, value: &Value) {
        let known = match value {
            Value::Number(..)
            | Value::SingleQuotedString(_)
            | Value::HexStringLiteral(_)
            | Value::Boolean(_)
            | Value::Null => true,
            Value::DollarQuotedString(text) => text.tag.is_none(),
            Value::Placeholder(name) => name.starts_with(['?', ':', '$']),
            _ => false,
        };
        self.absent(!known, "a literal of this kind");
    }

    pub(crate) fn function(&mut self, function: &Function) {
        let Function { name, uses_odbc_syntax: _, parameters, args, within_group, filter, null_treatment: _, over } =
            function;
        match functions::plain_name(name).as_deref() {
            Some(function) if functions::is_pure(function) => {}
            Some(function) => {
                self.unknown(format!("calls {}, which is not on the list of pure functions", names::shown(function)));
            }
            None => self
                .unknown("calls a function by a qualified or quoted name, which is not on the list of pure functions"),
        }
        self.absent(*parameters != FunctionArguments::None, "a second list of arguments");
        match args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => self.query(query),
            FunctionArguments::List(FunctionArgumentList { duplicate_treatment: _, args, clauses }) => {
                self.function_args(args);
                for clause in clauses {
                    self.argument_clause(clause);
                }
            }
        }
        self.order_by_exprs(within_group);
        self.boxed(filter.as_deref());
        if let Some(WindowType::WindowSpec(spec)) = over {
            self.window(spec);
        }
    }

    pub(crate) fn function_args(&mut self, args: &[FunctionArg]) {
        for arg in args {
            let arg = match arg {
                FunctionArg::Named { name: _, arg, operator: _ } | FunctionArg::Unnamed(arg) => arg,
                FunctionArg::ExprNamed { name, arg, operator: _ } => {
                    self.expr(name);
                    arg
                }
            };
            match arg {
                FunctionArgExpr::Expr(expr) => self.expr(expr),
                FunctionArgExpr::QualifiedWildcard(_) | FunctionArgExpr::Wildcard => {}
                FunctionArgExpr::WildcardWithOptions(options) => self.wildcard(options),
            }
        }
    }

    fn argument_clause(&mut self, clause: &FunctionArgumentClause) {
        match clause {
            FunctionArgumentClause::IgnoreOrRespectNulls(_) => {}
            FunctionArgumentClause::OrderBy(exprs) => self.order_by_exprs(exprs),
            FunctionArgumentClause::Limit(expr)
            | FunctionArgumentClause::Where(expr)
            | FunctionArgumentClause::Having(HavingBound(_, expr)) => self.expr(expr),
            FunctionArgumentClause::OnOverflow(ListAggOnOverflow::Error) => {}
            FunctionArgumentClause::OnOverflow(ListAggOnOverflow::Truncate { filler, with_count: _ }) => {
                self.boxed(filler.as_deref());
            }
            FunctionArgumentClause::Separator(_)
            | FunctionArgumentClause::JsonNullClause(_)
            | FunctionArgumentClause::JsonReturningClause(_) => self.unknown("a clause in a call is not modelled"),
        }
    }
}
