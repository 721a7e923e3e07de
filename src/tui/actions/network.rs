//! What keys do while the learner is the network.

use super::{Action, Place, actions, yes};
use crate::tui::screens::lab::{learn, moves, network, pick, select};
use crate::tui::screens::{copy, history};

/// In the order of the help.
pub(super) static TABLE: &[Action] = actions![
    Network "net-take"  ["Enter"]          "let it happen", "let the chosen thing happen: deliver a message, or let time pass up to it", yes, network::take;
    Network "net-up"    ["Up k"]           "choose",    "the thing above",                            yes, select::up;
    Network "net-down"  ["Down j"]         "choose",    "the thing below",                            yes, select::down;
    Network "net-page-up" ["PageUp"]       "page",      "ten things up",                              yes, network::page_up;
    Network "net-page-down" ["PageDown"]   "page",      "ten things down",                            yes, network::page_down;
    Network "net-first" ["Home"]           "first",     "the first thing",                            yes, network::first;
    Network "net-last"  ["End"]            "last",      "the last thing",                             yes, network::last;
    Network "net-drop"  ["d"]              "drop",      "let the chosen message die",                 yes, network::drop;
    Network "net-duplicate" ["D"]          "twice",     "send the chosen message once more",          yes, network::duplicate;
    Network "net-delay" ["l"]              "later",     "let the chosen message come by itself, after so long", yes, network::delay;
    Network "net-fire"  ["f"]              "now",       "let the chosen timer go off before its time", yes, network::fire;
    Network "net-pass"  ["Space Right"]    "wait",    "let time pass until the next thing comes by itself", yes, network::pass;
    Network "net-back"  ["Left"]           "back",      "one event back",                             moves::can_go_back, moves::back;
    Network "net-undo"  ["u"]              "undo",      "take the last choice back",                  moves::can_undo, moves::undo;
    Network "net-ask"   ["w r s a e i o t v y"] "ask",  "what clients and operators of this cluster can do, by its own keys", pick::can_poke, pick::ask;
    Network "net-crash" ["c"]              "crash",     "crash a server, or restart one",             pick::can_poke, pick::crash;
    Network "net-cut"   ["x"]              "cut",       "cut the network between servers",            pick::can_poke, pick::cut;
    Network "net-heal"  ["h"]              "heal",      "heal every cut",                             pick::can_poke, pick::heal;
    Network "net-pause" ["z"]              "pause",     "pause a server, or let it go on",            pick::can_poke, pick::pause;
    Network "net-more"  ["m"]              "more",      "more things to do to the cluster",           pick::can_poke, pick::more;
    Network "net-branches" ["b"]           "tried",     "everything that was tried; go back to any of it", yes, history::open;
    Network "net-hint"  ["H"]              "hint",      "one more hint",                              learn::can_hint, learn::hint;
    Network "net-solution" ["S"]           "solution",  "show the solution from the start of the step, command by command", learn::can_solve, learn::solution;
    Network "net-restart" ["R"]            "restart",   "start this step again",                      yes, learn::restart;
    Network "net-next-step" ["G"]          "next step", "open the next step, done or not",            yes, learn::next_step;
    Network "net-previous-step" ["P"]      "step back", "open the step before",                       yes, learn::previous_step;
    Network "net-guarantees" ["g"]         "guarantees", "the guarantees; Enter goes to what broke one", yes, select::guarantees;
    Network "net-copy-run" ["Y"]           "copy the run", "copy a command line that runs this run again, poke by poke", yes, copy::copy_run;
    Network "net-next-panel" ["Tab"]       "next part", "give the arrows to the next part of the screen", yes, select::next_panel;
    Network "net-previous-panel" ["Shift-Tab"] "next part", "give the arrows to the part before",     yes, select::previous_panel;
    Network "net-back-out" ["Esc"]         "back",      "let go of what is selected, back to the list", yes, network::back;
    Network "net-home"  ["q"]              "topics",    "back to the topics; the lesson stays as it is", yes, learn::home;
    Network "net-leave" ["N"]              "flow",   "let messages and time flow again: what waited goes on", yes, network::toggle;
];
