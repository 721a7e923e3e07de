//! Keyboard layouts without Latin letters: which Latin letter stands on the same key. A letter that acts, acts by its place.

/// Letters of a layout, each with what the same key types on a US keyboard.
const LAYOUTS: [(&str, &str); 5] = [
    // Russian; Ukrainian and Belarusian where they differ.
    ("ёйцукенгшщзхъфывапролджэячсмитьбю", "`qwertyuiop[]asdfghjkl;'zxcvbnm,."),
    ("іїєґў", "s]'\\o"),
    // Greek; the accent is a dead key.
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
    // Hebrew, standard SI-1452.
    ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),
    // Arabic 101.
    ("ذضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظ", "`qwertyuiop[]asdfghjkl;'zxcvnm,./"),
];

/// What a key types together with Shift, where that is no capital letter.
const SHIFTED: [(char, char); 9] =
    [('`', '~'), ('[', '{'), (']', '}'), ('\\', '|'), (';', ':'), ('\'', '"'), (',', '<'), ('.', '>'), ('/', '?')];

/// What the key of this letter types on a US keyboard; `None` for a letter of no layout known here.
pub(super) fn by_place(letter: char) -> Option<char> {
    let small = letter.to_lowercase().next().unwrap_or(letter);
    let on = |(theirs, ours): &(&str, &str)| theirs.chars().zip(ours.chars()).find(|(c, _)| *c == small).map(|(_, latin)| latin);
    let latin = LAYOUTS.iter().find_map(on)?;
    Some(if small == letter { latin } else { shifted(latin) })
}

fn shifted(latin: char) -> char {
    SHIFTED.iter().find(|(plain, _)| *plain == latin).map_or(latin.to_ascii_uppercase(), |(_, with)| *with)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(letters: &str) -> String {
        letters.chars().map(|c| by_place(c).unwrap_or('_')).collect()
    }

    #[test]
    fn letters_stand_where_the_latin_ones_stand() {
        assert_eq!(all("йцукен ЙЦУКЕН Ж"), "qwerty_QWERTY_:");
        assert_eq!(all("χηξκ ΧΗΞΚ"), "xhjk_XHJK");
        assert_eq!(all("סיחל"), "xhjk");
        assert_eq!(all("ءاتنم"), "xhjkl");
        assert_eq!(all("іїєґ"), "s]'\\");
        assert_eq!(all("qQé★1:"), "______");
    }

    #[test]
    fn each_letter_has_one_place_and_each_place_one_letter() {
        for (theirs, ours) in LAYOUTS {
            assert_eq!(theirs.chars().count(), ours.chars().count(), "{theirs}");
            assert!(theirs.chars().all(|c| !c.is_ascii()) && ours.is_ascii());
        }
        let letters: Vec<char> = LAYOUTS.iter().flat_map(|(theirs, _)| theirs.chars()).collect();
        assert!(letters.iter().enumerate().all(|(i, c)| !letters[..i].contains(c)));
    }
}
