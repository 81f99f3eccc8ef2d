pub mod issuer;
pub mod snowflake;
