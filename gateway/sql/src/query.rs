//! Queries: CTEs, set operations, `SELECT`. Every field is named, so that a new one in the parser fails to compile
//! here instead of being passed over.

use hoop_model::Action;
use sqlparser::ast::{
    ConnectByKind, Cte, Distinct, Fetch, GroupByExpr, GroupByWithModifier, LimitClause, NamedWindowDefinition,
    NamedWindowExpr, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query, Select, SelectFlavor,
    SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Top, TopQuantity, Values, WildcardAdditionalOptions,
    WindowFrameBound, WindowSpec,
};

use crate::{names, survey::Survey};

impl Survey<'_> {
    pub(crate) fn query(&mut self, query: &Query) {
        self.raise(Action::Read);
        self.nested(|survey| {
            let scope = survey.ctes.len();
            survey.query_in_scope(query);
            survey.ctes.truncate(scope);
        });
    }

    fn query_in_scope(&mut self, query: &Query) {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        if let Some(with) = with {
            for cte in &with.cte_tables {
                self.cte(cte, with.recursive);
            }
        }
        self.set_expr(body);
        if let Some(order_by) = order_by {
            self.order_by(order_by);
        }
        match limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                self.exprs(limit);
                self.exprs(offset.iter().map(|offset| &offset.value));
                self.exprs(limit_by);
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => self.exprs([offset, limit]),
            None => {}
        }
        if let Some(Fetch { with_ties: _, percent: _, quantity }) = fetch {
            self.exprs(quantity);
        }
        self.absent(!locks.is_empty(), "a row lock");
        self.absent(for_clause.is_some(), "FOR");
        self.absent(
            settings.is_some() || format_clause.is_some() || !pipe_operators.is_empty(),
            "a clause of this query",
        );
    }

    /// A CTE's own name hides a table only where it cannot mean one: in the later arms of a recursive one.
    fn cte(&mut self, cte: &Cte, recursive: bool) {
        let Cte { alias, query, from, materialized: _, closing_paren_token: _ } = cte;
        self.absent(from.is_some(), "FROM after a common table expression");
        let name = names::cte(&alias.name);
        match (query.as_ref(), &name) {
            (Query { with: None, body, .. }, Some(name))
                if recursive && matches!(body.as_ref(), SetExpr::SetOperation { .. }) =>
            {
                if let SetExpr::SetOperation { left, right, .. } = body.as_ref() {
                    self.set_expr(left);
                    self.ctes.push(name.clone());
                    self.set_expr(right);
                    self.ctes.pop();
                }
                // The rest of the query, its arms once more with the name in scope.
                self.ctes.push(name.clone());
                self.query(query);
                self.ctes.pop();
            }
            _ => self.query(query),
        }
        self.ctes.extend(name);
    }

    pub(crate) fn set_expr(&mut self, mut body: &SetExpr) {
        self.nested(|survey| {
            // The left side of a chain of UNIONs is as deep as the chain is long.
            while let SetExpr::SetOperation { left, op: _, set_quantifier: _, right } = body {
                survey.set_expr(right);
                body = left;
            }
            match body {
                SetExpr::Select(select) => survey.select(select),
                SetExpr::Query(query) => survey.query(query),
                SetExpr::Values(values) => survey.values(values),
                SetExpr::Insert(statement)
                | SetExpr::Update(statement)
                | SetExpr::Delete(statement)
                | SetExpr::Merge(statement) => survey.statement(statement),
                SetExpr::Table(_) => survey.unknown("TABLE as a query is not modelled"),
                SetExpr::SetOperation { .. } => {}
            }
        });
    }

    pub(crate) fn values(&mut self, values: &Values) {
        let Values { explicit_row: _, value_keyword: _, rows } = values;
        for row in rows {
            self.exprs(&row.content);
        }
    }

    fn select(&mut self, select: &Select) {
        let Select {
            select_token: _,
            optimizer_hints: _,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude: _,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        if let Some(Distinct::On(exprs)) = distinct {
            self.exprs(exprs);
        }
        if let Some(Top { with_ties: _, percent: _, quantity: Some(TopQuantity::Expr(expr)) }) = top {
            self.expr(expr);
        }
        self.absent(into.is_some(), "SELECT INTO");
        self.absent(select_modifiers.is_some() || value_table_mode.is_some(), "a modifier of SELECT");
        self.absent(!lateral_views.is_empty() || prewhere.is_some(), "a clause of SELECT");
        self.absent(!cluster_by.is_empty() || !distribute_by.is_empty() || !sort_by.is_empty(), "a clause of SELECT");
        self.absent(*flavor != SelectFlavor::Standard, "FROM before SELECT");
        for table in from {
            self.table_with_joins(table);
        }
        self.select_items(projection);
        self.exprs(selection);
        for clause in connect_by {
            match clause {
                ConnectByKind::ConnectBy { connect_token: _, nocycle: _, relationships } => self.exprs(relationships),
                ConnectByKind::StartWith { start_token: _, condition } => self.expr(condition),
            }
        }
        self.group_by(group_by);
        self.exprs(having);
        for NamedWindowDefinition(_, window) in named_window {
            if let NamedWindowExpr::WindowSpec(spec) = window {
                self.window(spec);
            }
        }
        self.exprs(qualify);
    }

    pub(crate) fn select_items(&mut self, items: &[SelectItem]) {
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expr)
                | SelectItem::ExprWithAlias { expr, alias: _ }
                | SelectItem::ExprWithAliases { expr, aliases: _ } => self.expr(expr),
                SelectItem::QualifiedWildcard(kind, options) => {
                    if let SelectItemQualifiedWildcardKind::Expr(expr) = kind {
                        self.expr(expr);
                    }
                    self.wildcard(options);
                }
                SelectItem::Wildcard(options) => self.wildcard(options),
            }
        }
    }

    pub(crate) fn wildcard(&mut self, options: &WildcardAdditionalOptions) {
        if let Some(replace) = &options.opt_replace {
            self.exprs(replace.items.iter().map(|item| &item.expr));
        }
    }

    fn group_by(&mut self, group_by: &GroupByExpr) {
        let (exprs, modifiers) = match group_by {
            GroupByExpr::All(modifiers) => (&[][..], modifiers),
            GroupByExpr::Expressions(exprs, modifiers) => (exprs.as_slice(), modifiers),
        };
        self.exprs(exprs);
        for modifier in modifiers {
            if let GroupByWithModifier::GroupingSets(expr) = modifier {
                self.expr(expr);
            }
        }
    }

    pub(crate) fn order_by(&mut self, order_by: &OrderBy) {
        let OrderBy { kind, interpolate } = order_by;
        if let OrderByKind::Expressions(exprs) = kind {
            self.order_by_exprs(exprs);
        }
        self.absent(interpolate.is_some(), "INTERPOLATE");
    }

    pub(crate) fn order_by_exprs(&mut self, exprs: &[OrderByExpr]) {
        for OrderByExpr { expr, options, with_fill } in exprs {
            let OrderByOptions { sort, nulls_first: _ } = options;
            self.expr(expr);
            self.absent(matches!(sort, Some(OrderBySort::Using(_))) || with_fill.is_some(), "this form of ORDER BY");
        }
    }

    pub(crate) fn window(&mut self, spec: &WindowSpec) {
        let WindowSpec { window_name: _, partition_by, order_by, window_frame } = spec;
        self.exprs(partition_by);
        self.order_by_exprs(order_by);
        if let Some(frame) = window_frame {
            for bound in [Some(&frame.start_bound), frame.end_bound.as_ref()].into_iter().flatten() {
                match bound {
                    WindowFrameBound::Preceding(Some(expr)) | WindowFrameBound::Following(Some(expr)) => {
                        self.expr(expr)
                    }
                    WindowFrameBound::CurrentRow
                    | WindowFrameBound::Preceding(None)
                    | WindowFrameBound::Following(None) => {}
                }
            }
        }
    }
}
