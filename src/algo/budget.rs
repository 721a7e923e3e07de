//! A retry budget: how many retries may be under way, as a share of the requests that are (Envoy, `retry_budget`).

/// A retry budget. At rest a few retries are harmless, and under load they stay a share of all: an overload is not multiplied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Retries for each request under way, 0 to 1.
    pub share: f64,
    /// How many retries are always allowed.
    pub least: u32,
}

impl Budget {
    /// The most retries under way beside this many requests.
    pub fn most(&self, requests: u32) -> u32 {
        self.least.max((f64::from(requests) * self.share) as u32)
    }

    /// Whether another retry may start beside `retries` others and `requests` in all.
    pub fn allows(&self, retries: u32, requests: u32) -> bool {
        retries < self.most(requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_defaults_of_envoy() {
        // 20 % of the requests under way, and 3 in any case.
        let budget = Budget { share: 0.2, least: 3 };
        assert_eq!([0, 14, 15, 20, 100].map(|requests| budget.most(requests)), [3, 3, 3, 4, 20]);
    }

    proptest! {
        #[test]
        fn it_never_allows_more_than_the_share_or_the_least(share in 0.0..1.0, least in 0u32..10, requests in 0u32..10_000) {
            let budget = Budget { share, least };
            let mut retries = 0;
            while budget.allows(retries, requests) {
                retries += 1;
            }
            prop_assert_eq!(retries, budget.most(requests));
            prop_assert!(retries <= least || f64::from(retries) <= share * f64::from(requests));
        }
    }
}
