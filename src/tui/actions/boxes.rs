//! What keys do in the boxes in which something is typed or picked.

use super::{Action, Place, actions, yes};
use crate::tui::app;
use crate::tui::screens::lab::pick;
use crate::tui::screens::palette;

/// In the order of the help.
pub(super) static TABLE: &[Action] = actions![
    Palette "enter"     ["Enter"]          "do it",     "do what the line says, or take the selected word", yes, palette::enter;
    Palette "fill"      ["Tab"]            "complete",  "take the selected word, or the first",       yes, palette::fill;
    Palette "offer-up"  ["Up"]             "choose",    "the word above",                             yes, palette::up;
    Palette "offer-down" ["Down"]          "choose",    "the word below",                             yes, palette::down;
    Palette "close-palette" ["Esc"]        "never mind", "do nothing",                                yes, app::close;
    Pick "pick"         ["Enter"]          "do it",     "do the selected one",                        yes, pick::take;
    Pick "pick-up"      ["Up k"]           "choose",    "the one above",                              yes, pick::up;
    Pick "pick-down"    ["Down j"]         "choose",    "the one below",                              yes, pick::down;
    Pick "pick-digit"   ["1 2 3 4 5 6 7 8 9"] "do that one", "do the one with this digit",            yes, pick::digit;
    Pick "close-pick"   ["Esc q"]          "never mind", "do nothing",                                yes, app::close;
];
