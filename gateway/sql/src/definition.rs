//! DDL and administration. A copy or a new name of a table counts under both names.

use hoop_model::Action;
use sqlparser::ast::{
    AlterTable, AlterTableOperation, AlterViewOperation, ColumnDef, ColumnOption, CommentObject, CreateTable,
    CreateTableLikeKind, CreateView, GrantObjects, ObjectName, ObjectType, RenameTableNameKind, SchemaName, Statement,
};

use crate::{SessionEffect, survey::Survey};

impl Survey<'_> {
    pub(crate) fn create_table(&mut self, create: &CreateTable) {
        self.raise(Action::Ddl);
        self.target(&create.name);
        if let Some(CreateTableLikeKind::Parenthesized(like) | CreateTableLikeKind::Plain(like)) = &create.like {
            self.target(&like.name);
        }
        for name in create.clone.iter().chain(&create.partition_of).chain(create.inherits.iter().flatten()) {
            self.target(name);
        }
        if let Some(query) = &create.query {
            self.query(query);
        }
        for column in &create.columns {
            self.column(column);
        }
        if create.iceberg || create.external_volume.is_some() || create.base_location.is_some() {
            self.raise(Action::Export);
            self.reason("keeps the table's rows outside Snowflake");
        }
        self.absent(
            create.location.is_some()
                || create.with_connection.is_some()
                || create.hive_formats.as_ref().is_some_and(|hive| hive.location.is_some()),
            "a location of the table",
        );
    }

    fn column(&mut self, column: &ColumnDef) {
        for option in &column.options {
            if let ColumnOption::Default(expr) = &option.option {
                self.expr(expr);
            }
        }
    }

    pub(crate) fn create_view(&mut self, create: &CreateView) {
        self.raise(Action::Ddl);
        self.target(&create.name);
        self.query(&create.query);
        if let Some(to) = &create.to {
            self.target(to);
        }
    }

    pub(crate) fn alter_table(&mut self, alter: &AlterTable) {
        self.raise(Action::Ddl);
        self.target(&alter.name);
        self.absent(alter.location.is_some(), "a location of the table");
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::RenameTable {
                    table_name: RenameTableNameKind::As(name) | RenameTableNameKind::To(name),
                }
                | AlterTableOperation::SwapWith { table_name: name } => self.target(name),
                AlterTableOperation::AddColumn { column_def, .. } => self.column(column_def),
                AlterTableOperation::OwnerTo { .. } => self.raise(Action::Admin),
                _ => {}
            }
        }
    }

    pub(crate) fn definition(&mut self, statement: &Statement) {
        self.raise(Action::Ddl);
        match statement {
            Statement::AlterView(alter) => {
                self.target(&alter.name);
                match &alter.operation {
                    AlterViewOperation::As { query, .. } => self.query(query),
                    AlterViewOperation::RenameTo { new_name } => self.target(new_name),
                    _ => self.unknown("this form of ALTER VIEW is not modelled"),
                }
            }
            Statement::Truncate(truncate) => {
                for table in &truncate.table_names {
                    self.target(&table.name);
                }
            }
            Statement::Drop { object_type, names, table, .. } => self.drop_objects(*object_type, names, table.as_ref()),
            Statement::Comment { object_type, object_name, .. } => match object_type {
                CommentObject::Table | CommentObject::View | CommentObject::MaterializedView => {
                    self.target(object_name)
                }
                CommentObject::Column => {
                    let table = object_name.0.split_last().map(|(_, table)| ObjectName(table.to_vec()));
                    self.target(&table.unwrap_or(ObjectName(Vec::new())));
                }
                _ => {}
            },
            Statement::CreateIndex(create) => self.target(&create.table_name),
            Statement::CreateSchema { schema_name, clone, .. } => {
                if clone.is_some() {
                    self.reason("copies every table of a schema");
                }
                match schema_name {
                    SchemaName::Simple(name) => self.enters(name, true),
                    SchemaName::UnnamedAuthorization(_) | SchemaName::NamedAuthorization(..) => {
                        self.unknown("this form of CREATE SCHEMA is not modelled");
                    }
                }
            }
            Statement::CreateDatabase { db_name, clone, .. } => {
                if clone.is_some() {
                    self.reason("copies every table of a database");
                }
                self.enters(db_name, false);
            }
            Statement::CreateStage { stage_params, .. } => {
                if stage_params.url.is_some() {
                    self.raise(Action::Export);
                    self.reason("opens a stage outside Snowflake");
                }
            }
            // Without a table of their own; they are asked for on the connection.
            Statement::DropFunction(_)
            | Statement::DropProcedure { .. }
            | Statement::CreateSequence { .. }
            | Statement::CreateFileFormat { .. } => {}
            // It may be the session's own that gets another name.
            Statement::AlterSchema(_) => self.effect = SessionEffect::Use(self.moved_to(None, None)),
            _ => self.unknown("a statement of this kind is not modelled"),
        }
    }

    /// Making a database or schema also makes it the session's own.
    fn enters(&mut self, name: &ObjectName, schema: bool) {
        let Some(parts) = self.parts(name) else { return };
        self.effect = SessionEffect::Use(match parts.as_slice() {
            [one] if schema => self.moved_to(self.state.database.clone(), Some(one.clone())),
            [database, one] if schema => self.moved_to(Some(database.clone()), Some(one.clone())),
            [database] => self.moved_to(Some(database.clone()), None),
            _ => self.moved_to(None, None),
        });
    }

    fn drop_objects(&mut self, object_type: ObjectType, names: &[ObjectName], table: Option<&ObjectName>) {
        match object_type {
            ObjectType::Table | ObjectType::View | ObjectType::MaterializedView | ObjectType::ForeignTable => {
                for name in names {
                    self.target(name);
                }
            }
            ObjectType::Schema | ObjectType::Database => {
                self.reason("drops every table inside");
                // The session may have been in it.
                self.effect = SessionEffect::Use(self.moved_to(None, None));
            }
            ObjectType::Role | ObjectType::Group | ObjectType::User | ObjectType::Warehouse => {
                self.raise(Action::Admin)
            }
            ObjectType::Stage | ObjectType::Stream | ObjectType::Sequence | ObjectType::Index => {}
            ObjectType::Type | ObjectType::Collation => self.unknown("drops something that is not modelled"),
        }
        if let Some(table) = table {
            self.target(table);
        }
    }

    pub(crate) fn administration(&mut self, statement: &Statement) {
        self.raise(Action::Admin);
        let objects = match statement {
            Statement::Grant(grant) => grant.objects.as_ref(),
            Statement::Revoke(revoke) => revoke.objects.as_ref(),
            _ => None,
        };
        if let Some(GrantObjects::Tables(names) | GrantObjects::Views(names)) = objects {
            for name in names {
                self.target(name);
            }
        }
    }
}
