//! Where acknowledged writes are that no server which runs has, in words.

use crate::sim::id::NodeId;

/// `is only on n1, which is down`, `is only on n1 and n2, which are down`.
pub fn only_on(down: &[NodeId]) -> String {
    let are = if down.len() == 1 { "is" } else { "are" };
    format!("is only on {}, which {are} down", listed(down))
}

/// `n1`, `n1 and n2`, `n1, n2 and n3`.
pub fn listed(ids: &[NodeId]) -> String {
    let names: Vec<String> = ids.iter().map(NodeId::to_string).collect();
    match &names[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_have_it_are_named() {
        let ids: Vec<NodeId> = (0..3).map(NodeId::server).collect();
        assert_eq!(only_on(&ids[..1]), "is only on n1, which is down");
        assert_eq!(only_on(&ids[..2]), "is only on n1 and n2, which are down");
        assert_eq!(only_on(&ids), "is only on n1, n2 and n3, which are down");
    }
}
