//! What keys do at other runs than the one on the stage: what was tried, and other seeds.

use super::{Action, Place, actions, yes};
use crate::tui::app;
use crate::tui::screens::lab::{beside, moves, zoom};
use crate::tui::screens::{history, many};

/// In the order of the help.
pub(super) static TABLE: &[Action] = actions![
    History "enter-branch" ["Enter"]       "go there",  "go to this point of this branch",            yes, history::take;
    History "branch-up" ["Up k"]           "choose",    "the branch above",                           yes, history::up;
    History "branch-down" ["Down j"]       "choose",    "the branch below",                           yes, history::down;
    History "branch-sooner" ["Left h"]     "point",     "the point of the branch before",             yes, history::sooner;
    History "branch-later" ["Right l"]     "point",     "the point of the branch after",              yes, history::later;
    History "branch-page-up" ["PageUp"]    "page",      "ten branches up",                            yes, history::page_up;
    History "branch-page-down" ["PageDown"] "page",     "ten branches down",                          yes, history::page_down;
    History "branch-first" ["Home g"]      "first",     "the start of the run",                       yes, history::first;
    History "branch-last" ["End G"]        "last",      "the last branch",                            yes, history::last;
    History "name-branch" ["n"]            "name",      "give the branch a name",                     history::can_name, history::name;
    History "mark-branch" ["m Space"]      "mark",      "mark the branch, to be put side by side with another", yes, history::mark;
    History "compare-branches" ["c"]       "side by side", "the two that are marked side by side; else this one and the one you are on", history::can_compare, history::beside;
    History "remove-branch" ["d Delete"]   "remove",    "remove the branch with what came after it",  history::can_remove, history::remove;
    History "bring-back" ["u"]             "bring back", "bring back the branch that was removed last", history::can_bring_back, history::bring_back;
    History "close-history" ["Esc q b"]    "close",     "back to the lab",                            yes, app::close;
    Naming "take-name"  ["Enter"]          "done",      "take the name; an empty one takes it away",  yes, history::named;
    Naming "drop-name"  ["Esc"]            "never mind", "leave the name as it was",                  yes, history::unnamed;
    Two "to-difference" ["f Enter"]        "first difference", "to the moment at which they differ first", beside::can, beside::to_difference;
    Two "two-play"      ["Space"]          "play",      "play both, or pause",                        moves::can_move, moves::play;
    Two "two-back"      ["Left"]           "step",      "one event back",                             moves::can_move, moves::back;
    Two "two-forward"   ["Right"]          "step",      "one event on",                               moves::can_move, moves::forward;
    Two "two-previous"  ["[ p Shift-Left"] "jump",      "back to the event before that is worth a stop", moves::can_move, moves::previous;
    Two "two-next"      ["] n Shift-Right"] "jump",     "on to the next event that is worth a stop",  moves::can_move, moves::next;
    Two "two-earlier"   [","]              "a little",  "a little back in time",                      moves::can_move, moves::earlier;
    Two "two-later"     ["."]              "a little",  "a little on in time",                        moves::can_move, moves::later;
    Two "two-start"     ["Home"]           "start",     "to the start of the run",                    moves::can_move, moves::to_start;
    Two "two-end"       ["End"]            "end",       "to the end of what was seen",                moves::can_move, moves::to_end;
    Two "two-faster"    ["+ ="]            "speed",     "faster",                                     yes, moves::faster;
    Two "two-slower"    ["-"]              "speed",     "slower",                                     yes, moves::slower;
    Two "two-closer"    [">"]              "zoom",      "the timelines closer to the moment",         yes, zoom::closer;
    Two "two-further"   ["<"]              "zoom",      "more of the runs on the timelines",          yes, zoom::further;
    Two "take-a"        ["1 a"]            "go to A",   "to the end of the first branch",             beside::can, beside::take_a;
    Two "take-b"        ["2 b"]            "go to B",   "to the end of the second branch",            beside::can, beside::take_b;
    Two "leave-two"     ["Esc q"]          "back",      "back to your own run",                       beside::can, beside::leave;
    Many "many-enter"   ["Enter"]          "go there",  "the run behind this row, to this moment, or do it", yes, many::enter;
    Many "many-up"      ["Up k"]           "choose",    "the row above",                              yes, many::up;
    Many "many-down"    ["Down j"]         "choose",    "the row below",                              yes, many::down;
    Many "many-next"    ["Right l Tab"]    "another",   "another number, or another ending",          many::can_turn, many::next;
    Many "many-previous" ["Left h Shift-Tab"] "another", "the one before",                            many::can_turn, many::previous;
    Many "many-own"     ["o"]              "your run",  "your own run back on the stage",             many::can_return, many::back;
    Many "close-many"   ["Esc q D B F"]    "close",     "back to the lab",                            yes, app::close;
];
