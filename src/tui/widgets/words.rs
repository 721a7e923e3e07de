//! Outcomes in words.

use crate::cluster::told::Outcome;

/// How an exchange ended: `ok`, `7`, `refused`, `502 bad gateway`, `failed`, `unknown`.
pub fn outcome(outcome: &Outcome) -> &str {
    if let Some(status) = outcome.status() {
        return status;
    }
    match outcome {
        Outcome::Ok(told) => told,
        Outcome::Refused(_) => "refused",
        Outcome::Failed(_) => "failed",
        Outcome::Unknown(_) | Outcome::Open => "unknown",
    }
}
