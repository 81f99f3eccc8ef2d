use hoop_model::Action;
use sqlparser::ast::{ObjectName, Use, helpers::key_value_options::KeyValueOptions};

use crate::{names, survey::Survey};

/// What unqualified names resolve against, and who statements run as; `None`: not known. Names as the server holds them:
/// upper case unless quoted when made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionState {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub role: Option<String>,
}

/// What a statement does to its session once it has succeeded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SessionEffect {
    #[default]
    None,
    /// Names resolve against this from now on; `None` inside means it is not known until the server says.
    Use(SessionState),
    /// Begins or ends a transaction.
    Transaction,
    /// Sets modelled parameters, named in upper case.
    Parameters(Vec<String>),
}

/// Session parameters that change neither what a name means nor what a statement does.
const MODELLED: &[&str] = &[
    "ADBC_QUERY_RESULT_FORMAT",
    "AUTOCOMMIT",
    "BINARY_INPUT_FORMAT",
    "BINARY_OUTPUT_FORMAT",
    "CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX",
    "CLIENT_PREFETCH_THREADS",
    "CLIENT_RESULT_CHUNK_SIZE",
    "CLIENT_RESULT_COLUMN_CASE_INSENSITIVE",
    "CLIENT_SESSION_KEEP_ALIVE",
    "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY",
    "CLIENT_TIMESTAMP_TYPE_MAPPING",
    "CLIENT_VALIDATE_DEFAULT_PARAMETERS",
    "DATE_INPUT_FORMAT",
    "DATE_OUTPUT_FORMAT",
    "ERROR_ON_NONDETERMINISTIC_MERGE",
    "ERROR_ON_NONDETERMINISTIC_UPDATE",
    "GEOGRAPHY_OUTPUT_FORMAT",
    "GEOMETRY_OUTPUT_FORMAT",
    "GO_QUERY_RESULT_FORMAT",
    "JDBC_QUERY_RESULT_FORMAT",
    "JSON_INDENT",
    "JS_TREAT_INTEGER_AS_BIGINT",
    "LOCK_TIMEOUT",
    "NODEJS_QUERY_RESULT_FORMAT",
    "ODBC_QUERY_RESULT_FORMAT",
    "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT",
    "ROWS_PER_RESULTSET",
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
    "STATEMENT_TIMEOUT_IN_SECONDS",
    "TIMESTAMP_DAY_IS_ALWAYS_24H",
    "TIMESTAMP_INPUT_FORMAT",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT",
    "TIMESTAMP_OUTPUT_FORMAT",
    "TIMESTAMP_TYPE_MAPPING",
    "TIMESTAMP_TZ_OUTPUT_FORMAT",
    "TIMEZONE",
    "TIME_INPUT_FORMAT",
    "TIME_OUTPUT_FORMAT",
    "TWO_DIGIT_CENTURY_START",
    "USE_CACHED_RESULT",
    "WEEK_OF_YEAR_POLICY",
    "WEEK_START",
];

/// Whether a session parameter, in any case, is one whose value changes neither names nor effects.
pub fn is_modelled_parameter(name: &str) -> bool {
    MODELLED.iter().any(|modelled| modelled.eq_ignore_ascii_case(name))
}

/// Why setting this parameter is unknown, if it is.
pub fn unmodelled_parameter(name: &str) -> Option<String> {
    let shown = names::shown(name);
    (!is_modelled_parameter(name)).then(|| format!("changes the session parameter {shown}, which is not modelled"))
}

impl Survey<'_> {
    pub(crate) fn use_statement(&mut self, target: &Use) {
        self.raise(Action::Session);
        let name = match target {
            Use::Warehouse(name) => return drop(self.parts(name)),
            Use::Database(name) | Use::Schema(name) | Use::Object(name) => name,
            // `snow connection test` and others say again what is so anyway.
            Use::Role(name) if self.is_current_role(name) => return,
            Use::Role(_) | Use::SecondaryRoles(_) => {
                return self.unknown("changes the role that later statements run as");
            }
            Use::Catalog(_) | Use::Default => return self.unknown("this form of USE is not modelled"),
        };
        let Some(parts) = self.parts(name) else { return };
        let one_is_schema = matches!(target, Use::Schema(_));
        let state = match (parts.as_slice(), target) {
            ([schema], _) if one_is_schema => self.moved_to(self.state.database.clone(), Some(schema.clone())),
            ([database], _) => self.moved_to(Some(database.clone()), None),
            ([database, schema], Use::Schema(_) | Use::Object(_)) => {
                self.moved_to(Some(database.clone()), Some(schema.clone()))
            }
            _ => return self.unknown("USE names something that is no database or schema"),
        };
        self.effect = SessionEffect::Use(state);
    }

    fn is_current_role(&mut self, name: &ObjectName) -> bool {
        let parts = self.parts(name);
        matches!((parts.as_deref(), &self.state.role), (Some([one]), Some(role)) if one == role)
    }

    /// The session in another place, and as the same role.
    pub(crate) fn moved_to(&self, database: Option<String>, schema: Option<String>) -> SessionState {
        SessionState { database, schema, role: self.state.role.clone() }
    }

    pub(crate) fn alter_session(&mut self, params: &KeyValueOptions) {
        self.raise(Action::Session);
        let names: Vec<String> = params.options.iter().map(|option| option.option_name.to_ascii_uppercase()).collect();
        if names.is_empty() {
            self.unknown("ALTER SESSION names no parameter");
        }
        for name in &names {
            if let Some(reason) = unmodelled_parameter(name) {
                self.unknown(reason);
            }
        }
        self.effect = SessionEffect::Parameters(names);
    }
}

#[cfg(test)]
mod tests {
    use super::{is_modelled_parameter, unmodelled_parameter};

    #[test]
    fn what_changes_meaning_is_not_modelled() {
        for name in ["TIMEZONE", "timezone", "CLIENT_PREFETCH_THREADS", "CLIENT_VALIDATE_DEFAULT_PARAMETERS"] {
            assert!(is_modelled_parameter(name), "{name}");
        }
        for name in
            ["QUERY_TAG", "SEARCH_PATH", "QUOTED_IDENTIFIERS_IGNORE_CASE", "MULTI_STATEMENT_COUNT", "", "TIMEZONE "]
        {
            assert!(!is_modelled_parameter(name), "{name}");
        }
        let reason = unmodelled_parameter("QUERY_TAG");
        assert!(reason.is_some_and(|reason| reason.contains("QUERY_TAG")));
        assert!(unmodelled_parameter("X4111111111111111").is_some_and(|reason| !reason.contains("4111")));
        assert_eq!(unmodelled_parameter("timezone"), None);
    }
}
