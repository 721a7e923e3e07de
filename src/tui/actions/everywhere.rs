//! What keys do wherever one is.

use super::{Action, Place, actions, yes};
use crate::tui::app;
use crate::tui::screens::{copy, help, palette, settings};
use crate::tui::work;

/// In the order of the help.
pub(super) static TABLE: &[Action] = actions![
    Work "stop"         ["Esc"]            "stop",      "stop it, and have everything as it was before", yes, work::stop;
    Anywhere "help"     ["? F1"]           "all keys",  "show every key",                             yes, help::open;
    Anywhere "palette"  [":"]              "anything",  "type any command, or any of these by name",  yes, palette::open;
    Anywhere "settings" ["F2 T"]           "settings",  "themes, signs, motion, mouse",               yes, settings::open;
    Always "quit"       ["Ctrl-c"]         "quit",      "close what is open; else leave the program", yes, app::interrupt;
    Always "mouse"      ["F3 Ctrl-o"]      "mouse",     "let go of the mouse, so that the terminal selects text; again: take it", settings::can_let_go, settings::let_go;
    Always "copy"       ["F4 Ctrl-y"]      "copy",      "copy the selected line to the terminal's clipboard", yes, copy::copy;
    Always "repaint"    ["Ctrl-l"]         "repaint",   "draw the whole screen again",                yes, app::repaint;
    Always "suspend"    ["Ctrl-z"]         "stop",      "stop the program; the shell's `fg` goes on", yes, app::suspend;
];
