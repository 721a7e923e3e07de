//! Lists on the command line: `const(5ms),uniform(8ms, 12ms)` are two values.

/// The parts of a list. Commas in brackets and in quotes belong to a part.
pub(super) fn split(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quote) = (vec![String::new()], 0_usize, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if !(c == ',' && depth == 0 && quote.is_none()) => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.into_iter().map(|part| part.trim().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn commas_in_brackets_and_quotes_belong_to_a_part() {
        assert_eq!(split("1, 2,3"), ["1", "2", "3"]);
        assert_eq!(split("const(5ms),uniform(8ms, 12ms)"), ["const(5ms)", "uniform(8ms, 12ms)"]);
        assert_eq!(
            split("acked,max_over(open, 1s) > 2,leader in ['n1', \"n,2\"]"),
            ["acked", "max_over(open, 1s) > 2", "leader in ['n1', \"n,2\"]"]
        );
        assert_eq!(split(""), [""]);
        assert_eq!(split("a,,b"), ["a", "", "b"]);
    }
}
