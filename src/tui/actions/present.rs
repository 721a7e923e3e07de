//! What keys do in a presentation and at its notes.

use super::{Action, Place, actions, yes};
use crate::tui::app;
use crate::tui::screens::lab::{knobs, learn, moves, pick};
use crate::tui::screens::present::{act as present_act, notes, pages};

/// In the order of the help.
pub(super) static TABLE: &[Action] = actions![
    Present "present-on" ["Enter PageDown"] "on",       "on: the next words, the question, the run, the next page", yes, present_act::on;
    Present "present-back" ["PageUp"]      "back",      "back one mark; at the start of a page to the page before", yes, present_act::back;
    Present "present-black" [". b"]        "black",     "black; the next key shows everything again", yes, present_act::black;
    Present "present-first" ["F5 Shift-F5"] "first page", "from the first page, as if nothing had been shown", yes, present_act::first;
    Present "present-again" ["Home R"]     "again",     "this page from its start; a question that is over is put anew",                   present_act::is_not_typing, present_act::again;
    Present "present-pages" ["Tab"]        "pages",     "all pages, to go to one",                    yes, present_act::pages;
    Present "present-next-page" ["N"]      "next page", "the next page, whatever is left of this one", present_act::is_not_typing, present_act::next_page;
    Present "present-page-before" ["P"]    "page before", "the page before",                          present_act::is_not_typing, present_act::page_before;
    Present "present-stay" ["Esc"]         "stay",      "show everything again; a presentation is left with q", yes, present_act::stay;
    Present "present-share" ["F6"]         "let in",   "let any number of phones vote from one address", present_act::can_share, present_act::share;
    Present "present-leave" ["q"]          "leave",     "leave the presentation",                     present_act::is_not_typing, app::quit;
    Poke "present-jump" ["1 2 3 4 5 6 7 8 9"] "mark",   "to that mark of the page, or that run of its table", present_act::can_jump, present_act::jump;
    Poke "present-play" ["Space"]          "play",      "play, or pause",                             present_act::can_move, present_act::play;
    Poke "present-step-back" ["Left"]      "step",      "one event back",                             present_act::can_go_back, moves::back;
    Poke "present-step" ["Right"]          "step",      "one event on",                               present_act::can_move, moves::forward;
    Poke "present-faster" ["+ ="]          "speed",     "faster",                                     yes, moves::faster;
    Poke "present-slower" ["-"]            "speed",     "slower",                                     yes, moves::slower;
    Poke "present-crash" ["c"]             "crash",     "crash a server, or restart one",             pick::can_poke, pick::crash;
    Poke "present-cut"  ["x"]              "cut",       "cut the network between servers",            pick::can_poke, pick::cut;
    Poke "present-heal" ["h"]              "heal",      "heal every cut",                             pick::can_poke, pick::heal;
    Poke "present-ask"  ["w r s a d e f i l o t v y"] "ask", "what clients and operators of this cluster can do, by its own keys", pick::can_poke, pick::ask;
    Poke "present-pause" ["z"]             "pause",     "pause a server, or let it go on",            pick::can_poke, pick::pause;
    Poke "present-more" ["m"]              "more",      "more things to do to the cluster",           pick::can_poke, pick::more;
    Poke "present-undo" ["u"]              "undo",      "take the last poke back",                    moves::can_undo, moves::undo;
    Poke "present-knobs" ["K"]             "turn",      "turn the settings on the stage with the arrows", knobs::can_turn, knobs::toggle;
    Poke "present-hint" ["H"]              "hint",      "one more hint",                              learn::can_hint, present_act::hint;
    Poke "present-solution" ["S"]          "solution",  "show one way from the start of the page, command by command", learn::can_solve, present_act::solution;
    Pages "open-page"   ["Enter"]          "go there",  "go to the selected page",                    yes, pages::take;
    Pages "pages-up"    ["Up k PageUp"]    "choose",    "the one above",                              yes, pages::up;
    Pages "pages-down"  ["Down j PageDown"] "choose",   "the one below",                              yes, pages::down;
    Pages "close-pages" ["Esc q Tab"]      "close",     "back to the page",                           yes, app::close;
    Notes "notes-up"    ["Up k"]           "scroll",    "one line up",                                yes, notes::up;
    Notes "notes-down"  ["Down j"]         "scroll",    "one line down",                              yes, notes::down;
    Notes "notes-page-up" ["PageUp"]       "page",      "ten lines up",                               yes, notes::page_up;
    Notes "notes-page-down" ["PageDown Space"] "page",  "ten lines down",                             yes, notes::page_down;
    Notes "notes-clock" ["r"]              "clock",     "let the clock begin anew",                   yes, notes::restart_clock;
    Notes "notes-leave" ["q Esc"]          "leave",     "close the notes; the presentation goes on",  yes, app::quit;
];
