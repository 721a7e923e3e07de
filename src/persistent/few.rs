//! A short list that takes no more room than its items.

use std::ops::Deref;
use std::sync::Arc;

/// Up to so many items a list has no room for more.
const FEW: usize = 8;

/// A few items that copies share until one of them is changed. The lists of `imbl` hold room for 64 items as soon as they hold some: where
/// there are many lists of few items, that is most of what they take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Few<A>(Arc<Vec<A>>);

impl<A> Default for Few<A> {
    fn default() -> Self {
        Few(Arc::default())
    }
}

impl<A> Few<A> {
    /// None.
    pub fn new() -> Few<A> {
        Few::default()
    }

    /// One item.
    pub fn unit(item: A) -> Few<A> {
        Few(Arc::new(vec![item]))
    }
}

impl<A: Clone> Few<A> {
    /// Adds an item at the end.
    pub fn push(&mut self, item: A) {
        let all = Arc::make_mut(&mut self.0);
        if all.len() < FEW {
            all.reserve_exact(1);
        }
        all.push(item);
    }

    /// Takes away so many items from the front.
    pub fn drop_first(&mut self, count: usize) {
        if count > 0 {
            Arc::make_mut(&mut self.0).drain(..count);
        }
    }

    /// The last item, to be changed.
    pub fn last_mut(&mut self) -> Option<&mut A> {
        Arc::make_mut(&mut self.0).last_mut()
    }

    /// Keeps what is to stay, in its order.
    pub fn retain(&mut self, stays: impl FnMut(&A) -> bool) {
        Arc::make_mut(&mut self.0).retain(stays);
    }
}

impl<A> Deref for Few<A> {
    type Target = [A];

    fn deref(&self) -> &[A] {
        &self.0
    }
}

impl<A: Clone> Extend<A> for Few<A> {
    fn extend<I: IntoIterator<Item = A>>(&mut self, items: I) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            let all = Arc::make_mut(&mut self.0);
            all.extend(items);
            all.shrink_to_fit();
        }
    }
}

impl<'a, A> IntoIterator for &'a Few<A> {
    type Item = &'a A;
    type IntoIter = std::slice::Iter<'a, A>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn copies_are_apart_once_one_is_changed() {
        let mut list: Few<u32> = Few::new();
        list.extend([1, 2, 3]);
        let before = list.clone();
        list.push(4);
        list.retain(|item| *item != 2);
        list.last_mut().into_iter().for_each(|last| *last = 9);
        assert_eq!((&*before, &*list), (&[1, 2, 3][..], &[1, 3, 9][..]));
        list.drop_first(1);
        assert_eq!((&*list, &*Few::unit(3)), (&[3, 9][..], &[3][..]));
        assert!((&list).into_iter().eq(list.iter()));
    }
}
