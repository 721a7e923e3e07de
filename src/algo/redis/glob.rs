//! Patterns of KEYS, SCAN and the like: `*`, `?`, `[a-c]`, `[^a]`, and `\` before what is meant as it is.

/// Whether a text fits a pattern. It takes at most as many steps as the product of their lengths.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // The last star, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if let Some(next) = one(&pattern, p, text[t]) {
            (p, t) = (next, t + 1);
        } else if let Some((at, taken)) = star {
            (p, t) = (at + 1, taken + 1);
            star = Some((at, taken + 1));
        } else {
            return false;
        }
    }
    pattern[p.min(pattern.len())..].iter().all(|c| *c == '*')
}

/// Where the pattern goes on after it took this letter; `None`: it does not fit.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match *pattern.get(p)? {
        '?' => Some(p + 1),
        '[' => class(pattern, p + 1, c),
        '\\' if p + 1 < pattern.len() => (pattern[p + 1] == c).then_some(p + 2),
        plain => (plain == c).then_some(p + 1),
    }
}

/// The same for the inside of brackets. One that is not closed ends with the pattern.
fn class(pattern: &[char], mut p: usize, c: char) -> Option<usize> {
    let negated = pattern.get(p) == Some(&'^');
    p += usize::from(negated);
    let mut found = false;
    while p < pattern.len() && pattern[p] != ']' {
        if pattern[p] == '\\' && p + 1 < pattern.len() {
            found |= pattern[p + 1] == c;
            p += 2;
        } else if pattern.get(p + 1) == Some(&'-') && p + 2 < pattern.len() {
            let (low, high) = (pattern[p].min(pattern[p + 2]), pattern[p].max(pattern[p + 2]));
            found |= (low..=high).contains(&c);
            p += 3;
        } else {
            found |= pattern[p] == c;
            p += 1;
        }
    }
    (found != negated).then_some(p + 1)
}

/// What every text that fits begins with.
pub(super) fn prefix(pattern: &str) -> &str {
    &pattern[..pattern.find(['*', '?', '[', '\\']).unwrap_or(pattern.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_the_documentation_of_keys() {
        let fit = [
            ("h?llo", "hello"),
            ("h?llo", "hxllo"),
            ("h*llo", "hllo"),
            ("h*llo", "heeeello"),
            ("h[ae]llo", "hello"),
            ("h[ae]llo", "hallo"),
            ("h[^e]llo", "hbllo"),
            ("h[a-b]llo", "hallo"),
            ("*", ""),
            ("a\\*", "a*"),
            ("*name*", "firstname"),
            ("a??", "age"),
            ("[abc", "a"),
        ];
        let not = [("h[ae]llo", "hillo"), ("h[^e]llo", "hello"), ("a\\*", "ab"), ("a??", "ag"), ("h*llo", "hell"), ("", "a"), ("a", "")];
        for (pattern, text) in fit {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in not {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
        assert_eq!([prefix("cart:*"), prefix("*"), prefix("x")], ["cart:", "", "x"]);
    }

    #[test]
    fn many_stars_take_no_longer_than_the_product() {
        assert!(!fits(&"*a".repeat(30), &"b".repeat(10_000)));
    }
}
