use hoop_model::Action;
use sqlparser::ast::Statement;

use crate::{SessionEffect, survey::Survey};

impl Survey<'_> {
    /// One statement. What is not listed here is unknown.
    pub(crate) fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Query(query) => self.query(query),
            Statement::Explain { .. } | Statement::ExplainTable { .. } => self.describe(statement),
            Statement::ShowFunctions { .. }
            | Statement::ShowVariable { .. }
            | Statement::ShowVariables { .. }
            | Statement::ShowCreate { .. }
            | Statement::ShowColumns { .. }
            | Statement::ShowDatabases { .. }
            | Statement::ShowSchemas { .. }
            | Statement::ShowObjects(_)
            | Statement::ShowTables { .. }
            | Statement::ShowViews { .. } => self.show(statement),

            Statement::Use(target) => self.use_statement(target),
            Statement::AlterSession { set: _, session_params } => self.alter_session(session_params),
            Statement::StartTransaction { .. } | Statement::Commit { .. } | Statement::Rollback { .. } => {
                self.transaction(statement);
            }

            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),

            Statement::CopyIntoSnowflake { .. }
            | Statement::Put { .. }
            | Statement::Unload { .. }
            | Statement::ExportData(_)
            | Statement::Directory { .. } => self.transfer(statement),

            Statement::CreateTable(create) => self.create_table(create),
            Statement::CreateView(create) => self.create_view(create),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::AlterView(_)
            | Statement::Truncate(_)
            | Statement::Drop { .. }
            | Statement::DropFunction(_)
            | Statement::DropProcedure { .. }
            | Statement::Comment { .. }
            | Statement::CreateIndex(_)
            | Statement::CreateSchema { .. }
            | Statement::CreateDatabase { .. }
            | Statement::AlterSchema(_)
            | Statement::CreateSequence { .. }
            | Statement::CreateStage { .. }
            | Statement::CreateFileFormat { .. } => self.definition(statement),

            Statement::Grant(_)
            | Statement::Revoke(_)
            | Statement::GrantRole(_)
            | Statement::RevokeRole(_)
            | Statement::CreateRole(_)
            | Statement::AlterRole { .. }
            | Statement::CreateUser(_)
            | Statement::AlterUser(_)
            | Statement::CreateWarehouse(_) => self.administration(statement),

            Statement::Call(_) | Statement::Execute { .. } => self.unknown("runs code that is not in the text"),
            Statement::Set(_) => self.unknown("sets a session variable, and variables are not modelled"),
            Statement::If(_) | Statement::Case(_) | Statement::While(_) | Statement::Declare { .. } => {
                self.unknown("is a scripting block");
            }
            Statement::List(_) | Statement::Remove(_) => self.unknown("works on the files of a stage"),
            _ => self.unknown("a statement of this kind is not modelled"),
        }
    }

    fn transaction(&mut self, statement: &Statement) {
        self.raise(Action::Session);
        self.effect = SessionEffect::Transaction;
        match statement {
            Statement::StartTransaction {
                modes,
                begin: _,
                transaction: _,
                modifier,
                statements,
                exception,
                has_end_keyword,
            } => {
                self.absent(!modes.is_empty() || modifier.is_some(), "a mode of the transaction");
                if !statements.is_empty() || exception.is_some() || *has_end_keyword {
                    self.unknown("is a scripting block");
                }
            }
            Statement::Commit { chain, end, modifier } => {
                self.absent(*chain || *end || modifier.is_some(), "this form of COMMIT");
            }
            Statement::Rollback { chain, savepoint } => {
                self.absent(*chain || savepoint.is_some(), "this form of ROLLBACK");
            }
            _ => self.unknown("a statement of this kind is not modelled"),
        }
    }
}
