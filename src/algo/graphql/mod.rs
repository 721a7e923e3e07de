//! A part of GraphQL (October 2021): queries with fields, aliases and arguments; a schema of a bookshop; what a query asks of a
//! database, field by field or in batches; and how many bytes its answer has.
//!
//! Left out of the language: fragments, variables, directives, subscriptions, lists and objects as arguments, block strings.

mod plan;
mod query;
mod run;
mod schema;
#[cfg(test)]
mod tests;

pub use plan::{Null, Plan, PlanNode};
pub use query::{BadQuery, Field, Literal, Query};
pub use run::{Fetch, Mode, Run};
pub use schema::{Gives, Scalar, Type, TypeField};
