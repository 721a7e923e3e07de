//! What the persistent lists of `imbl` cannot be asked for.

use imbl::Vector;

/// Keeps what is to stay, in its order.
///
/// [`Vector::retain`] may not be used: in imbl 7.0.2 (imbl-sized-chunks 0.2.0) it swaps the wrong elements of a list that is a tree and
/// whose front was taken before, because `Chunk::as_mut_slice_ptr` forgets where the chunk begins.
pub fn keep<A: Clone>(list: &mut Vector<A>, mut stays: impl FnMut(&A) -> bool) {
    let Some(first) = list.iter().position(|one| !stays(one)) else { return };
    let mut kept = list.take(first);
    kept.extend(list.iter().skip(first + 1).filter(|one| stays(one)).cloned());
    *list = kept;
}

#[cfg(test)]
mod tests {
    use imbl::Vector;
    use proptest::prelude::*;

    use super::keep;

    proptest! {
        #[test]
        fn a_list_keeps_what_a_plain_one_keeps(steps in prop::collection::vec((0_u8..4, 0_u32..12), 0..200)) {
            let (mut list, mut plain) = (Vector::new(), Vec::new());
            for (what, number) in steps {
                match what {
                    0 | 1 => {
                        list.push_back(number);
                        plain.push(number);
                    }
                    2 => {
                        list.pop_front();
                        plain.drain(..plain.len().min(1));
                    }
                    _ => {
                        keep(&mut list, |one| *one % 7 != number % 7);
                        plain.retain(|one| *one % 7 != number % 7);
                    }
                }
                prop_assert_eq!(list.iter().copied().collect::<Vec<_>>(), plain.clone());
            }
        }
    }

    #[test]
    fn a_list_whose_front_was_taken_loses_nothing() {
        let mut list: Vector<u32> = (1..=9).collect();
        list.pop_front();
        keep(&mut list, |one| *one != 3);
        keep(&mut list, |one| *one != 4);
        assert_eq!(list.iter().copied().collect::<Vec<_>>(), [2, 5, 6, 7, 8, 9]);
    }
}
