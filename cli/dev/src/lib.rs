pub mod snowflake;
