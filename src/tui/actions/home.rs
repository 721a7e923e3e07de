//! What keys do among the topics.

use super::{Action, Place, actions, yes};
use crate::tui::app;
use crate::tui::screens::quiz::act as quiz_act;
use crate::tui::screens::{home, results};

/// In the order of the help.
pub(super) static TABLE: &[Action] = actions![
    Home "open"         ["Enter Right l"]  "open",      "open the topic, or unfold the chapter",      home::can_open, home::open;
    Home "up"           ["Up k"]           "choose",    "the topic above",                            yes, home::up;
    Home "down"         ["Down j"]         "choose",    "the topic below",                            yes, home::down;
    Home "page-up"      ["PageUp"]         "page",      "ten topics up",                              yes, home::page_up;
    Home "page-down"    ["PageDown"]       "page",      "ten topics down",                            yes, home::page_down;
    Home "first"        ["Home g"]         "first",     "the first topic",                            yes, home::first;
    Home "last"         ["End G"]          "last",      "the last topic",                             yes, home::last;
    Home "search"       ["/"]              "search",    "find a topic by a word of it",               yes, home::search;
    Home "results"      ["r"]              "results",   "what is known and what is due",              yes, results::open;
    Home "complaints"   ["!"]              "mistakes",  "what is wrong with the lessons of the folder", home::can_complain, home::complaints;
    Home "quiz"         ["q"]              "quiz",      "ten minutes of questions on what matters now", yes, quiz_act::start;
    Home "cram"         ["m"]              "cram",      "questions on anything; the schedule stays as it is", yes, quiz_act::cram;
    Home "leave"        ["Q"]              "quit",      "leave the program",                          yes, app::quit;
    Home "stay"         ["Esc"]            "stay",      "nothing lies behind the topics",             home::can_go_back, home::end_search;
    Search "found"      ["Enter"]          "open",      "open the topic found",                       home::can_open, home::open;
    Search "found-up"   ["Up"]             "choose",    "the topic above",                            yes, home::up;
    Search "found-down" ["Down"]           "choose",    "the topic below",                            yes, home::down;
    Search "no-search"  ["Esc"]            "all topics", "back to all topics",                        yes, home::end_search;
];
