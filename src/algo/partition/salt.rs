//! A hot key in parts: what is written goes to one of them, and who reads has to gather all (DDIA, chapter 6, relieving hot spots).

/// Which of the homes of a key keeps a part of it, of a list of so many nodes: the parts go round, so that they lie evenly.
pub fn turned<T: Copy>(list: &[T], part: u32, count: usize) -> Vec<T> {
    let first = (part as usize).checked_rem(list.len()).unwrap_or(0);
    list[first..].iter().chain(&list[..first]).copied().take(count).collect()
}

/// The share of all requests that the busiest of `nodes` nodes gets where one key has this share of them, in so many parts, and the rest
/// lies evenly.
pub fn hottest(share: f64, parts: u32, nodes: u32) -> f64 {
    let most = parts.max(1).div_ceil(nodes.max(1));
    share * f64::from(most) / f64::from(parts.max(1)) + (1.0 - share) / f64::from(nodes.max(1))
}
