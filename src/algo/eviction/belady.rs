//! The optimum (Belady 1966; Mattson et al. 1970): the key that is asked for again last goes. A missed key always comes in.

use super::Asked;
use super::ranked::{Ranked, Ranking};

#[derive(Clone, Debug)]
pub(super) enum Distance {}
pub(super) type Belady<K> = Ranked<K, Distance>;

impl Ranking for Distance {
    /// The later it is asked for again, the lower; 0: never.
    fn rank(_: Option<u64>, asked: Asked) -> u64 {
        asked.again.map_or(0, |again| u64::MAX - again)
    }

    fn count(_: u64) -> u64 {
        0
    }

    fn why(rank: u64) -> String {
        match rank {
            0 => "not asked for again, as far as it is known".into(),
            rank => format!("asked for again last: request {}", u64::MAX - rank + 1),
        }
    }
}
