//! Types whose copies may be changed apart and always come together (Shapiro et al. 2011, *A comprehensive study of convergent and
//! commutative replicated data types*). `join` gives the least state that knows what both know: it is commutative, associative and
//! idempotent. What a change adds is a small state of its own, a delta, which travels and is joined like a whole one (Almeida et al.
//! 2018). The register among them, which keeps all values that were written beside each other, is [`super::version::Siblings`].

mod counter;
mod set;
#[cfg(test)]
mod tests;

pub use counter::Counter;
pub use set::AddWins;
