use proptest::prelude::*;

use super::*;

#[test]
fn clones_share_the_past_and_differ_in_the_future() {
    let mut log = Log::default();
    (0..1000).for_each(|i| log.push(i));
    let mut other = log.clone();
    log.push(1000);
    other.push(-1);
    assert_eq!(log.all(), (0..=1000).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    assert_eq!((other.last(), other.len()), (Some(&-1), 1001));
    assert_eq!(log.tail_while(|i| *i > 997), [&998, &999, &1000]);
    assert_eq!(log.from(999), [&999, &1000]);
}

/// Large items have small leaves, so that a leaf is never a large block of memory.
#[test]
fn leaves_are_of_a_handy_size() {
    assert_eq!((Log::<u32>::LEAF, Log::<[u64; 8]>::LEAF, Log::<[u64; 10]>::LEAF, Log::<[u64; 1000]>::LEAF), (16, 16, 8, 1));
    let mut large = Log::default();
    (0..100).for_each(|i| large.push([i; 1000]));
    assert!(large.iter().map(|item| item[0]).eq(0..100));
}

#[test]
fn a_long_log_can_be_dropped() {
    let mut log = Log::default();
    (0..10_000_000u32).for_each(|i| log.push(i));
    drop(log);
}

/// What can be done to a list.
#[derive(Clone, Debug)]
enum Act {
    Push(usize),
    Truncate(usize),
    Set(usize),
    Clone,
    CatchUp,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (1usize..700).prop_map(Act::Push),
        any::<usize>().prop_map(Act::Truncate),
        any::<usize>().prop_map(Act::Set),
        Just(Act::Clone),
        Just(Act::CatchUp),
    ];
    proptest::collection::vec(act, 1..40)
}

fn same(log: &Log<u32>, list: &[u32]) -> Result<(), TestCaseError> {
    prop_assert_eq!(log.len(), list.len());
    prop_assert!(log.iter().eq(list));
    prop_assert!(log.newest_first().eq(list.iter().rev()));
    prop_assert_eq!(log.last(), list.last());
    for at in (0..list.len() + 20).step_by(7) {
        prop_assert_eq!(log.get(at), list.get(at));
        prop_assert!(log.iter_from(at).eq(list.iter().skip(at)));
        prop_assert!(log.since(at).into_iter().eq(list.iter().skip(at)));
    }
    Ok(())
}

proptest! {
    #[test]
    fn it_is_a_list_whatever_its_clones_do(acts in acts()) {
        let (mut log, mut list, mut next) = (Log::default(), Vec::new(), 0u32);
        let mut clones: Vec<(Log<u32>, Vec<u32>)> = vec![(Log::default(), Vec::new())];
        for act in acts {
            match act {
                Act::Push(times) => for _ in 0..times {
                    next += 1;
                    log.push(next);
                    list.push(next);
                },
                Act::Truncate(at) => {
                    let len = at % (list.len() + 2);
                    log.truncate(len);
                    list.truncate(len);
                }
                Act::Set(at) => {
                    next += 1;
                    let at = at % (list.len() + 1);
                    prop_assert_eq!(log.get_mut(at).map(|item| *item = next).is_some(), at < list.len());
                    list.get_mut(at).into_iter().for_each(|item| *item = next);
                }
                Act::Clone => clones.push((log.clone(), list.clone())),
                Act::CatchUp => {
                    let clone = clones.last_mut().unwrap();
                    if list.starts_with(&clone.1) {
                        clone.0.catch_up(&log);
                        clone.1.clone_from(&list);
                    }
                }
            }
            same(&log, &list)?;
        }
        for (clone, list) in &clones {
            same(clone, list)?;
        }
    }

    #[test]
    fn what_is_left_is_the_end_of_the_list(steps in proptest::collection::vec((1u32..700, any::<usize>(), any::<bool>()), 1..30)) {
        let (mut log, mut list) = (Log::default(), Vec::new());
        let mut clones = Vec::new();
        for (pushed, before, clones_it) in steps {
            (0..pushed).for_each(|_| {
                log.push(list.len() as u32);
                list.push(list.len() as u32);
            });
            let before = before % (list.len() + 1);
            let first = log.first();
            log.forget(before);
            prop_assert_eq!(log.len(), list.len());
            prop_assert!(log.first() <= before.max(first) && before <= log.first() + 2 * Log::<u32>::LEAF);
            prop_assert_eq!(log.partition_point(|item| (*item as usize) < before), before.max(log.first()));
            prop_assert!(log.iter().eq(&list[log.first()..]));
            prop_assert!(log.newest_first().eq(list[log.first()..].iter().rev()));
            prop_assert!((0..list.len()).all(|at| log.get(at) == list.get(at).filter(|_| at >= log.first())));
            if clones_it {
                clones.push((log.clone(), list.clone()));
            }
        }
        for (log, list) in &clones {
            prop_assert!(log.iter().eq(&list[log.first()..]));
        }
    }
}
