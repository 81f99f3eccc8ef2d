//! The schema's words as Cedar ids.

use std::collections::{HashMap, HashSet};

use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression, Schema};
use hoop_model::{Action, ConnectionName, Principal, PrincipalKind, Resource, TableName};

const SCHEMA: &str = include_str!("../schema.cedarschema");

/// The schema and its type names, parsed once.
#[derive(Debug, Clone)]
pub(crate) struct Vocabulary {
    pub(crate) schema: Schema,
    pub(crate) group: EntityTypeName,
    pub(crate) connection: EntityTypeName,
    pub(crate) table_group: EntityTypeName,
    pub(crate) table: EntityTypeName,
    pub(crate) tool: EntityTypeName,
    person: EntityTypeName,
    workload: EntityTypeName,
    action: EntityTypeName,
}

/// A table as SQL would spell it: parts that need quotes have them, so that no two tables share a name.
fn spelled(table: &TableName) -> String {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || b == b'$';
    let parts = table.0.iter().map(|part| {
        if !part.is_empty() && part.bytes().all(plain) {
            part.clone()
        } else {
            format!("\"{}\"", part.replace('"', "\"\""))
        }
    });
    parts.collect::<Vec<_>>().join(".")
}

fn uid(kind: &EntityTypeName, id: impl AsRef<str>) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn text(value: impl Into<String>) -> RestrictedExpression {
    RestrictedExpression::new_string(value.into())
}

impl Vocabulary {
    /// Fails only if the schema shipped with this crate is broken, with Cedar's words.
    pub(crate) fn load() -> Result<Self, String> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|error| error.to_string())?;
        let kind = |name: &str| name.parse::<EntityTypeName>().map_err(|error| error.to_string());
        Ok(Self {
            schema,
            group: kind("Group")?,
            connection: kind("Connection")?,
            table_group: kind("TableGroup")?,
            table: kind("Table")?,
            tool: kind("Tool")?,
            person: kind("Person")?,
            workload: kind("Workload")?,
            action: kind("Action")?,
        })
    }

    pub(crate) fn action(&self, action: Action) -> EntityUid {
        uid(&self.action, action.as_str())
    }

    pub(crate) fn principal(&self, principal: &Principal) -> EntityUid {
        let kind = match principal.kind {
            PrincipalKind::Person => &self.person,
            PrincipalKind::Workload => &self.workload,
        };
        uid(kind, format!("{}|{}", principal.subject.issuer, principal.subject.sub))
    }

    pub(crate) fn groups(&self, principal: &Principal) -> HashSet<EntityUid> {
        principal.groups.iter().map(|group| uid(&self.group, &group.0)).collect()
    }

    pub(crate) fn connection(&self, name: &ConnectionName) -> EntityUid {
        uid(&self.connection, name.as_str())
    }

    pub(crate) fn resource(&self, resource: &Resource) -> EntityUid {
        match resource {
            Resource::Connection(name) => self.connection(name),
            Resource::Table { connection, table } => uid(&self.table, format!("{connection}/{}", spelled(table))),
            Resource::Tool { connection, tool } => uid(&self.tool, format!("{connection}/{tool}")),
        }
    }

    pub(crate) fn principal_entity(&self, principal: &Principal) -> Result<Entity, String> {
        let attributes = HashMap::from([
            ("issuer".to_owned(), text(&principal.subject.issuer)),
            ("sub".to_owned(), text(&principal.subject.sub)),
        ]);
        Entity::new(self.principal(principal), attributes, self.groups(principal)).map_err(|error| error.to_string())
    }

    /// `table_groups`: the groups a table belongs to.
    pub(crate) fn resource_entity(&self, resource: &Resource, table_groups: &[&str]) -> Result<Entity, String> {
        let (name, parents) = match resource {
            Resource::Connection(name) => (name.to_string(), HashSet::new()),
            Resource::Table { connection, table } => {
                let groups = table_groups.iter().map(|name| uid(&self.table_group, name));
                (spelled(table), groups.chain([self.connection(connection)]).collect())
            }
            Resource::Tool { connection, tool } => (tool.clone(), HashSet::from([self.connection(connection)])),
        };
        let attributes = HashMap::from([("name".to_owned(), text(name))]);
        Entity::new(self.resource(resource), attributes, parents).map_err(|error| error.to_string())
    }
}
