//! What keys do on the pages that lie over the screen.

use super::{Action, Place, actions, yes};
use crate::tui::app;
use crate::tui::screens::lab::{end, learn};
use crate::tui::screens::{help, reader, results, settings, signs};

/// In the order of the help.
pub(super) static TABLE: &[Action] = actions![
    Settings "next-value" ["Enter Right Space l"] "change", "the next value",                         yes, settings::next;
    Settings "previous-value" ["Left h"]   "back",      "the value before",                           yes, settings::previous;
    Settings "setting-up" ["Up k"]         "choose",    "the one above",                              yes, settings::up;
    Settings "setting-down" ["Down j"]     "choose",    "the one below",                              yes, settings::down;
    Settings "close-settings" ["Esc q"]    "close",     "back to where you were",                     yes, app::close;
    Results "results-up" ["Up k"]          "scroll",    "one line up",                                yes, results::up;
    Results "results-down" ["Down j"]      "scroll",    "one line down",                              yes, results::down;
    Results "see-slippery" ["v"]           "see what slips", "to the lab, at what is forgotten again and again", results::can_see_slippery, results::see_slippery;
    Results "close-results" ["Esc q r Enter"] "topics", "back to the topics",                         yes, results::close;
    Reader "read-up"    ["Up k"]           "scroll",    "one line up",                                yes, reader::up;
    Reader "read-down"  ["Down j"]         "scroll",    "one line down",                              yes, reader::down;
    Reader "read-page-up" ["PageUp"]       "page",      "ten lines up",                               yes, reader::page_up;
    Reader "read-page-down" ["PageDown Space"] "page",  "ten lines down",                             yes, reader::page_down;
    Reader "close-reader" ["Esc q Enter"]  "close",     "back to where you were",                     yes, app::close;
    Help "help-up"      ["Up k"]           "scroll",    "scroll up",                                  yes, help::up;
    Help "help-down"    ["Down j Space"]   "scroll",    "scroll down",                                yes, help::down;
    Help "signs-page"   ["Tab"]            "signs and words", "what signs and words mean",             yes, signs::open;
    Signs "keys-page"   ["Tab"]            "all keys",  "back to the keys",                            yes, help::open;
    Help "close-help"   ["Esc q ? Enter"]  "close",     "back to where you were",                     yes, app::close;
    End "end-quiz"      ["Enter PageDown"] "questions", "answer some questions of the lesson",         yes, end::quiz;
    End "end-next"      ["n"]              "next topic", "open the next topic",                      end::can_go_on, end::next;
    End "end-answer"    ["r E A"]          "read the answer", "read the answer of the lesson",         yes, learn::answer;
    End "end-home"      ["Esc q"]          "topics",    "back to the topics",                          yes, end::home;
    End "end-back"      ["P PageUp"]       "last step", "back to the last step",                       yes, app::close;
];
