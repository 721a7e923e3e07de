//! Which nodes keep a key, and who stands in for them: the preference list of Dynamo (`DeCandia` et al., SOSP 2007, section 4.3).

use super::hash::place;

/// The preference list of a key over `nodes` nodes, from the first to the last: the first N are the key's home, those after them stand
/// in. The space of hashes is cut into as many equal parts as there are nodes, and the walk goes round from the key's part (section 6.2,
/// third strategy). Every node comes exactly once; without nodes the list is empty.
pub fn preference(key: &str, nodes: u16) -> impl Iterator<Item = u16> + use<> {
    let first = ((u128::from(place(key)) * u128::from(nodes)) >> 64) as u16;
    walk(first, nodes)
}

/// The same walk from a node that is given: what every key would have if placement were not by hash.
pub fn walk(first: u16, nodes: u16) -> impl Iterator<Item = u16> + use<> {
    (first..nodes).chain(0..first.min(nodes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_node_comes_once_and_neighbours_follow(key in "[a-z0-9]{0,12}", nodes in 1u16..40) {
            let list: Vec<u16> = preference(&key, nodes).collect();
            let mut sorted = list.clone();
            sorted.sort_unstable();
            prop_assert!(sorted.into_iter().eq(0..nodes));
            prop_assert!(list.windows(2).all(|pair| pair[1] == (pair[0] + 1) % nodes));
        }
    }

    #[test]
    fn every_node_is_the_first_of_its_share_of_the_keys() {
        for nodes in [3_u16, 5, 9] {
            let mut firsts = vec![0_u32; nodes.into()];
            for i in 0..9000 {
                firsts[usize::from(preference(&format!("k{i}"), nodes).next().unwrap())] += 1;
            }
            let share = 9000.0 / f64::from(nodes);
            // Five standard deviations of a binomial count.
            let most = 5.0 * libm::sqrt(share * (1.0 - 1.0 / f64::from(nodes)));
            assert!(firsts.iter().all(|n| (f64::from(*n) - share).abs() < most), "{firsts:?}");
        }
    }

    #[test]
    fn no_nodes_no_list() {
        assert_eq!(preference("x", 0).count(), 0);
        assert!(walk(3, 5).eq([3, 4, 0, 1, 2]));
    }
}
