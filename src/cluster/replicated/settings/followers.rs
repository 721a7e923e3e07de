//! Which followers are synchronous.

use crate::cluster::kit::settings::Takes;
use crate::cluster::model::SettingKind;
use crate::sim::id::NodeId;

/// Which followers are synchronous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncFollowers {
    /// Every follower.
    All,
    /// So many, whichever answer first (at least 1; more than there are is all of them), as `PostgreSQL`'s `ANY 2 (...)`.
    Any(usize),
    /// These. Where one of them leads, another follower stands in for it, whichever answers first.
    Named(Vec<NodeId>),
}

impl SyncFollowers {
    /// The follower to start with where only one is synchronous.
    pub fn first(&self) -> Option<NodeId> {
        if let SyncFollowers::Named(list) = self { list.first().copied() } else { None }
    }

    /// The index up to which the synchronous followers have the log, of what each follower has; `None` where no follower is synchronous.
    pub fn reach(&self, followers: impl Iterator<Item = (NodeId, u64)>) -> Option<u64> {
        match self {
            SyncFollowers::All => followers.map(|(_, index)| index).min(),
            SyncFollowers::Any(count) => nth(followers.map(|(_, index)| index).collect(), *count),
            SyncFollowers::Named(list) => {
                let (named, others): (Vec<_>, Vec<_>) = followers.partition(|(id, _)| list.contains(id));
                let stand_ins = nth(others.into_iter().map(|(_, index)| index).collect(), list.len() - named.len());
                named.into_iter().map(|(_, index)| index).chain(stand_ins).min()
            }
        }
    }
}

/// The index that so many of the followers have reached, of fewer all of them; `None` where none is asked for, or there is none.
fn nth(mut reached: Vec<u64>, count: usize) -> Option<u64> {
    reached.sort_unstable_by(|a, b| b.cmp(a));
    reached.get(count.checked_sub(1)?).or(reached.last()).copied()
}

impl Takes for SyncFollowers {
    type Value = SyncFollowers;
    const TAKES: &'static str = "all, any 1 (or another number), or servers such as n2 n3";
    const WORDS: &'static [&'static str] = &["all"];
    const KIND: SettingKind = SettingKind::Text;

    fn read(text: &str) -> Result<SyncFollowers, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let read = match words[..] {
            ["all"] => Some(SyncFollowers::All),
            ["any", count] => count.parse().ok().filter(|count| *count > 0).map(SyncFollowers::Any),
            _ => {
                let named: Option<Vec<NodeId>> = words.iter().map(|word| word.parse().ok()).collect();
                named.filter(|list| !list.is_empty() && list.iter().all(|id| !id.is_client())).map(SyncFollowers::Named)
            }
        };
        read.ok_or_else(String::new)
    }

    fn write(value: &SyncFollowers) -> String {
        match value {
            SyncFollowers::All => "all".to_string(),
            SyncFollowers::Any(count) => format!("any {count}"),
            SyncFollowers::Named(list) => list.iter().map(NodeId::to_string).collect::<Vec<_>>().join(" "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A setting that takes more than its words can be set against more than them.
    #[test]
    fn a_condition_can_name_what_a_setting_takes() {
        let scenario = crate::cluster::Scenario::of("replicated");
        for condition in ["setting.sync-followers == 'n2'", "setting.sync-followers == 'n2 n3'", "setting.users == 'c1+c3 c2+c4'"] {
            assert!(crate::cluster::condition::Condition::about(condition, &scenario).is_ok(), "{condition}");
        }
    }

    #[test]
    fn synchronous_followers_reach_as_far_as_the_slowest_that_counts() {
        let followers = [(1, 5), (2, 9), (3, 7)].map(|(n, index)| (NodeId::server(n), index));
        let reach = |text: &str| SyncFollowers::read(text).ok().and_then(|which| which.reach(followers.into_iter()));
        assert_eq!([reach("all"), reach("any 1"), reach("any 2"), reach("any 3"), reach("any 9")], [5, 9, 7, 5, 5].map(Some));
        assert_eq!([reach("n3"), reach("n3 n4"), reach("n2 n3 n4")], [9, 7, 5].map(Some));
        // n1 leads: another stands in for it, the quickest.
        assert_eq!([reach("n1"), reach("n1 n2"), reach("n1 n3"), reach("n1 n2 n3 n4")], [9, 5, 7, 5].map(Some));
        for wrong in ["", "any", "any 0", "any x", "all n2", "c1", "2"] {
            assert!(SyncFollowers::read(wrong).is_err(), "{wrong}");
        }
    }
}
