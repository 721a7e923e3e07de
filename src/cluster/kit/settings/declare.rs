//! What declares settings: `settings!` those of a model, `words!` one that is one of several words. All else follows from a declaration.

/// Declares a setting that is one of several words.
macro_rules! words {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            const TEXT: &'static $crate::cluster::kit::settings::Text =
                &$crate::cluster::kit::settings::Text::EMPTY.and_words(<Self as $crate::cluster::kit::settings::Takes>::WORDS);
        }

        impl $crate::cluster::kit::settings::Takes for $name {
            type Value = $name;
            const TAKES: &'static str = Self::TEXT.as_str();
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn read(text: &str) -> Result<Self, String> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(String::new()) }
            }

            fn write(value: &Self) -> String {
                match value { $(Self::$variant => $word),+ }.to_string()
            }
        }
    };
}

/// Declares the settings of a model: for each its field, what it takes, its default, and a sentence. One of [`super::shared`] has its sentence;
/// another said here comes before it. The name in scenarios is that of the field with hyphens.
macro_rules! settings {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($field:ident: $takes:ty = $default:literal $(, $about:literal)?;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $(#[doc = concat!($($about, " ",)? "Takes a `", stringify!($takes), "`.")] $vis $field: <$takes as $crate::cluster::kit::settings::Takes>::Value,)+
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $($field: $crate::cluster::kit::settings::usual::<$takes>(stringify!($field), $default),)+ }
            }
        }

        impl $crate::cluster::kit::settings::Declared for $name {
            const DOCS: &'static [$crate::cluster::model::SettingDoc] = &[$({
                const NAME: &$crate::cluster::kit::settings::Text =
                    &$crate::cluster::kit::settings::Text::EMPTY.and_field(stringify!($field));
                $crate::cluster::kit::settings::doc::<$takes>(NAME.as_str(), $default, $crate::cluster::kit::settings::about!($takes $(, $about)?))
            }),+];

            fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
                let mut docs = Self::DOCS.iter();
                $(if let Some(doc) = docs.next() && doc.name == name {
                    self.$field = $crate::cluster::kit::settings::read::<$takes>(doc, text)?;
                    return Ok(());
                })+
                Err($crate::cluster::words::unknown("setting", name, Self::DOCS.iter().map(|doc| doc.name)))
            }

            fn get(&self, name: &str) -> String {
                let mut docs = Self::DOCS.iter();
                $(if docs.next().is_some_and(|doc| doc.name == name) {
                    return <$takes as $crate::cluster::kit::settings::Takes>::write(&self.$field);
                })+
                String::new()
            }

            fn speeds(&self) -> $crate::cluster::kit::settings::Speeds {
                let mut speeds = $crate::cluster::kit::settings::Speeds::default();
                $(<$takes as $crate::cluster::kit::settings::Takes>::pace(&self.$field, &mut speeds);)+
                speeds
            }
        }
    };
}

/// The sentence of a setting: its own, or that of a shared one.
macro_rules! about {
    ($takes:ty) => {
        <$takes as $crate::cluster::kit::settings::Shared>::ABOUT
    };
    ($takes:ty, $about:literal) => {
        $about
    };
}

pub(crate) use {about, settings, words};
