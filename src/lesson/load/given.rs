//! Values that words in double braces stand for: `vary` of a question, `over` of a measure step.

use toml::de::DeValue;

use crate::lesson::markup;
use crate::lesson::reader::{At, Fields, Value, near, scalar};

use super::Loader;

/// Values by name, in the order of the file.
pub(super) type Given = Vec<(String, String)>;

/// The most values of one thing.
const VALUES_MAX: usize = 12;

/// The most things that vary together.
const THINGS_MAX: usize = 2;

/// The most that vary together in a drill, of which only one case is asked at a time.
pub(super) const DRILL_THINGS_MAX: usize = 3;

impl<'n, 'a> Loader<'n, 'a> {
    /// Every combination of the values under `key`: the first name varies slowest. One that gives nothing where there is no such key.
    pub(super) fn combinations(&self, fields: &Fields<'n, 'a>, key: &'static str) -> Vec<Given> {
        self.combinations_of(fields, key, THINGS_MAX)
    }

    /// The same of at most so many things.
    pub(super) fn combinations_of(&self, fields: &Fields<'n, 'a>, key: &'static str, most: usize) -> Vec<Given> {
        let mut all = vec![Given::new()];
        let things = fields.named(key);
        if let Some((third, _)) = things.get(most) {
            self.notes.mistake(&third.at, format!("`{key}` varies at most {most} things"), "leave one out");
        }
        for (name, values) in things.into_iter().take(most) {
            let values = self.values(&name, values);
            let with =
                |given: &Given| values.iter().map(|v| [given.clone(), vec![(name.value.clone(), v.clone())]].concat()).collect::<Vec<_>>();
            all = all.iter().flat_map(with).collect();
        }
        all
    }

    fn values(&self, name: &At<String>, list: &'n Value<'a>) -> Vec<String> {
        let items = if let DeValue::Array(items) = list.get_ref() { &items[..] } else { &[] };
        let values: Vec<String> = items.iter().filter_map(scalar).collect();
        let right = values.len() == items.len() && (2..=VALUES_MAX).contains(&values.len());
        if !right {
            let message = format!("`{}` is a list of 2 to {VALUES_MAX} texts or numbers", name.value);
            self.notes.mistake(&list.span(), message, "such as [3, 5, 7]");
        }
        values.into_iter().take(VALUES_MAX).collect()
    }

    /// Reads something with these values in place of their names.
    pub(super) fn with<T>(&self, given: &Given, read: impl FnOnce() -> T) -> T {
        let all = [self.given.borrow().clone(), given.clone()].concat();
        let before = self.given.replace(all);
        let read = read();
        self.given.replace(before);
        read
    }

    /// The value of a name that varies.
    pub(super) fn value_of(&self, name: &str) -> Option<String> {
        self.given.borrow().iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    /// A command or a condition with every name in double braces replaced by its value.
    pub(super) fn filled(&self, text: At<String>) -> At<String> {
        let mut unknown = Vec::new();
        let value = markup::filled(&text.value, |name| {
            self.value_of(name).unwrap_or_else(|| {
                unknown.push(name.to_string());
                String::new()
            })
        });
        let given = self.given.borrow();
        for name in unknown {
            let help = near(&name, given.iter().map(|(n, _)| n.as_str()));
            self.notes.mistake(&text.at, format!("nothing says what `{name}` stands for here"), help);
        }
        At { value, at: text.at }
    }
}
