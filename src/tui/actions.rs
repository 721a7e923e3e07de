//! The one table of actions. Dispatch, key hints, the help screen, the palette, `--print-keys` and the test for keys with two
//! meanings are all made from it.

use std::fmt::Write as _;
use std::sync::OnceLock;

use super::app::{self, App};
use super::keys::Key;
use super::screens::lab::{beside, end, knobs, learn, moves, network, pick, select, terms, zoom};
use super::screens::present::{act as present_act, notes, pages};
use super::screens::quiz::act as quiz_act;
use super::screens::{copy, help, history, home, many, palette, reader, results, settings, signs};
use super::work;

/// Where an action applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Wherever keys are read, even while typing.
    Always,
    /// Wherever no text is typed.
    Anywhere,
    /// On the home screen.
    Home,
    /// In the search line of the home screen.
    Search,
    /// In a lesson.
    Lab,
    /// In a lesson, while the arrows turn a knob of the stage.
    Knobs,
    /// In a lesson, while the learner is the network.
    Network,
    /// In the quiz, whatever it waits for.
    Quiz,
    /// In the quiz, while an answer is chosen.
    QuizAsking,
    /// In the quiz, while an answer is typed.
    QuizTyping,
    /// In the quiz, before the answer is shown.
    QuizSure,
    /// In the quiz, once it is told what is right.
    QuizTold,
    /// At the end of the quiz.
    QuizEnd,
    /// In a presentation.
    Present,
    /// In a presentation, at the cluster.
    Poke,
    /// In the list of pages of a presentation.
    Pages,
    /// In the notes of a presentation.
    Notes,
    /// In the palette.
    Palette,
    /// In the box of a poke that needs one more key.
    Pick,
    /// In the list of what was tried.
    History,
    /// While a branch is given a name.
    Naming,
    /// While two branches are side by side.
    Two,
    /// Many runs beside the one on the stage.
    Many,
    /// In the settings.
    Settings,
    /// In the results.
    Results,
    /// In a text over the screen.
    Reader,
    /// On the second page of the help.
    Signs,
    /// On the end card of a lesson.
    End,
    /// In the help.
    Help,
    /// Wherever one was when something began that takes long, until it is done.
    Work,
}

impl Place {
    /// The heading in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Place::Always => "Always",
            Place::Work => "While something takes long",
            Place::Anywhere => "Everywhere but while typing",
            Place::Home => "Home",
            Place::Search => "Search",
            Place::Lab => "Lab",
            Place::Knobs => "Turning a knob",
            Place::Network => "Being the network",
            Place::Quiz => "Quiz",
            Place::QuizAsking => "Answering a question",
            Place::QuizTyping => "Typing an answer",
            Place::QuizSure => "How sure?",
            Place::QuizTold => "After the answer",
            Place::QuizEnd => "At the end of the quiz",
            Place::Present => "Presenting",
            Place::Poke => "Presenting: at the cluster",
            Place::Pages => "Pages of a presentation",
            Place::Notes => "Notes of a presentation",
            Place::Palette => "Palette",
            Place::Pick => "Choosing what to poke",
            Place::History => "What was tried",
            Place::Naming => "A name for a branch",
            Place::Two => "Two branches side by side",
            Place::Many => "One run, and all the others",
            Place::Settings => "Settings",
            Place::Results => "Results",
            Place::Reader => "Reading",
            Place::Signs => "Signs and words",
            Place::End => "End of a lesson",
            Place::Help => "Help",
        }
    }
}

/// The combinations of places that occur; keys are unique within each.
pub static CONTEXTS: &[&[Place]] = &[
    &[Place::Work, Place::Always],
    &[Place::Lab, Place::Anywhere, Place::Always],
    &[Place::Knobs, Place::Anywhere, Place::Always],
    &[Place::Network, Place::Anywhere, Place::Always],
    &[Place::QuizAsking, Place::Quiz, Place::Anywhere, Place::Always],
    &[Place::QuizTyping, Place::Always],
    &[Place::QuizSure, Place::Quiz, Place::Anywhere, Place::Always],
    &[Place::QuizTold, Place::Quiz, Place::Anywhere, Place::Always],
    &[Place::QuizEnd, Place::Quiz, Place::Anywhere, Place::Always],
    &[Place::Present, Place::Poke, Place::Anywhere, Place::Always],
    &[Place::Pages, Place::Always],
    &[Place::Notes, Place::Anywhere, Place::Always],
    &[Place::Palette, Place::Always],
    &[Place::Pick, Place::Always],
    &[Place::History, Place::Always],
    &[Place::Naming, Place::Always],
    &[Place::Two, Place::Anywhere, Place::Always],
    &[Place::Many, Place::Always],
    &[Place::Settings, Place::Always],
    &[Place::Results, Place::Anywhere, Place::Always],
    &[Place::Reader, Place::Always],
    &[Place::Home, Place::Anywhere, Place::Always],
    &[Place::Search, Place::Always],
    &[Place::Help, Place::Always],
    &[Place::End, Place::Always],
    &[Place::Signs, Place::Reader, Place::Always],
];

/// One thing that can be done.
pub struct Action {
    /// Its name in the palette and in tests.
    pub id: &'static str,
    /// Where.
    pub place: Place,
    /// Its keys by name, separated by blanks; the first is shown.
    pub keys: &'static str,
    /// A word or two for key hints.
    pub word: &'static str,
    /// What it does, for the help.
    pub about: &'static str,
    /// Whether it can be done now; the error says why not.
    pub can: fn(&App) -> Result<(), String>,
    /// Does it.
    pub run: fn(&mut App, Key),
}

#[expect(clippy::unnecessary_wraps, reason = "one of the answers that `can` gives")]
fn yes(_: &App) -> Result<(), String> {
    Ok(())
}

macro_rules! actions {
    ($($place:ident $id:literal [$keys:literal] $word:literal, $about:literal, $can:expr, $run:expr;)*) => {
        &[$(Action { id: $id, place: Place::$place, keys: $keys, word: $word, about: $about, can: $can, run: $run }),*]
    };
}

/// Every action, in the order of the help.
pub static ACTIONS: &[Action] = actions![
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
    Lab "go-on"         ["Enter PageDown"] "go on",     "watch, skip ahead, choose, or open the next step", yes, learn::go_on;
    Lab "back-one-mark" ["PageUp"]         "mark back",      "back to the stop before; at the start of a step to the step before", yes, moves::back_one_mark;
    Lab "option"        ["1 2 3 4 5 6 7 8 9"] "answer", "choose an answer; later: go to the moment that shows it", learn::can_choose, learn::option;
    Lab "play"          ["Space"]          "play",      "play, or pause",                             moves::can_move, moves::play;
    Lab "back"          ["Left"]           "step",      "one event back",                             moves::can_go_back, moves::back;
    Lab "forward"       ["Right"]          "step",      "one event on",                               moves::can_move, moves::forward;
    Lab "previous"      ["[ p Shift-Left"] "jump",      "back to the event before that is worth a stop", moves::can_go_back, moves::previous;
    Lab "next"          ["] n Shift-Right"] "jump",     "on to the next event that is worth a stop",  moves::can_move, moves::next;
    Lab "earlier"       [","]              "a little",  "a little back in time",                      moves::can_go_back, moves::earlier;
    Lab "later"         ["."]              "a little",  "a little on in time",                        moves::can_move, moves::later;
    Lab "to-start"      ["Home"]           "start",     "to the start of the run",                    moves::can_go_back, moves::to_start;
    Lab "to-end"        ["End"]            "end",       "to the end of what was seen",                moves::can_move, moves::to_end;
    Lab "faster"        ["+ ="]            "speed",     "faster",                                     yes, moves::faster;
    Lab "slower"        ["-"]              "speed",     "slower",                                     yes, moves::slower;
    Lab "crash"         ["c"]              "crash",     "crash a server, or restart one",             pick::can_poke, pick::crash;
    Lab "cut"           ["x"]              "cut",       "cut the network between servers",            pick::can_poke, pick::cut;
    Lab "heal"          ["h"]              "heal",      "heal every cut",                             pick::can_poke, pick::heal;
    Lab "ask"           ["w r s a d e f i l o t v y"] "ask", "what clients and operators of this cluster can do, by its own keys", pick::can_poke, pick::ask;
    Lab "pause-node"    ["z"]              "pause",     "pause a server, or let it go on",            pick::can_poke, pick::pause;
    Lab "more"          ["m"]              "more",      "more things to do to the cluster",           pick::can_poke, pick::more;
    Lab "undo"          ["u"]              "undo",      "take the last poke back",                    moves::can_undo, moves::undo;
    Lab "branches"      ["b"]              "tried",     "everything that was tried, and what came of it; go back to any of it", history::can_open, history::open;
    Lab "hint"          ["H"]              "hint",      "one more hint",                              learn::can_hint, learn::hint;
    Lab "solution"      ["S"]              "solution",  "show the solution from the start of the step, command by command", learn::can_solve, learn::solution;
    Lab "just-tell"     ["A"]              "just tell me", "tell what this step asks; elsewhere: read the answer of the lesson", learn::can_tell, learn::just_tell;
    Lab "answer"        ["E"]              "whole answer", "read the answer of the lesson",              learn::can_tell, learn::answer;
    Lab "word"          ["W"]              "word",      "explain a word of the card where it stands; again: the next one", terms::can_explain, terms::next;
    Lab "compare"       ["C"]              "compare",   "to the comparison of two designs",           yes, learn::compare;
    Lab "restart"       ["R"]              "restart",   "start this step again",                      yes, learn::restart;
    Lab "next-step"     ["G"]              "next step", "open the next step, done or not",            yes, learn::next_step;
    Lab "previous-step" ["P"]              "step back", "open the step before",                       yes, learn::previous_step;
    Lab "back-out"      ["Esc"]            "back",      "let go of what is selected; then: back to the topics", yes, learn::back;
    Lab "home"          ["q"]              "topics",    "back to the topics; the lesson stays as it is", yes, learn::home;
    Lab "spread"        ["D"]              "many seeds", "how the numbers of this moment are spread over 1,000 other seeds", many::can_look, many::spread;
    Lab "turning"       ["B"]              "no way back", "from which moment on the run had to end as it did", many::can_look, many::turning;
    Lab "find-way"      ["F"]              "find a way", "look for the fewest pokes that lead from here to the goal", many::can_look, many::ways;
    Lab "next-panel"    ["Tab"]            "next part", "give the arrows to the next part of the screen", yes, select::next_panel;
    Lab "previous-panel" ["Shift-Tab"]     "next part", "give the arrows to the part before",         yes, select::previous_panel;
    Lab "guarantees"    ["g"]              "guarantees", "the guarantees; Enter goes to what broke one", yes, select::guarantees;
    Lab "copy-run"      ["Y"]              "copy the run", "copy a command line that runs this run again, poke by poke", yes, copy::copy_run;
    Lab "knobs"         ["K"]              "turn",      "turn the settings on the stage with the arrows", knobs::can_turn, knobs::toggle;
    Lab "network"       ["N"]              "be the network", "messages wait, time stands still: choose what happens next", network::can_be, network::toggle;
    Lab "panel"         ["V"]              "panel",     "the next panel of the stage",                knobs::can_show, knobs::next_panel;
    Lab "swap"          ["L"]              "swap",      "make the other of cluster and timeline the large one", yes, zoom::swap;
    Lab "closer"        [">"]              "zoom",      "the timeline closer to the moment",          yes, zoom::closer;
    Lab "further"       ["<"]              "zoom",      "more of the run on the timeline",            yes, zoom::further;
    Lab "lanes-up"      ["Shift-Up"]       "lanes",     "the lane above, where not all have room",    yes, zoom::lanes_up;
    Lab "lanes-down"    ["Shift-Down"]     "lanes",     "the lane below, where not all have room",    yes, zoom::lanes_down;
    Lab "lab-up"        ["Up k"]           "choose",    "up in this part of the screen",              yes, select::up;
    Lab "lab-down"      ["Down j"]         "choose",    "down in this part of the screen",            yes, select::down;
    Knobs "knob-up"     ["Up k"]           "choose",    "the setting before",                         knobs::can_turn, knobs::up;
    Knobs "knob-down"   ["Down j"]         "choose",    "the setting after",                          knobs::can_turn, knobs::down;
    Knobs "knob-less"   ["Left h"]         "turn",      "the value before",                           knobs::can_turn, knobs::less;
    Knobs "knob-more"   ["Right l"]        "turn",      "the value after",                            knobs::can_turn, knobs::more;
    Knobs "knob-play"   ["Space"]          "play",      "play, or pause",                             moves::can_move, moves::play;
    Knobs "knob-undo"   ["u"]              "undo",      "take the last poke back",                    moves::can_undo, moves::undo;
    Knobs "knobs-done"  ["Esc K Enter q"]  "done",      "give the arrows back",                       yes, knobs::toggle;
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
    Quiz "quiz-undo"    ["u"]              "undo",      "take the last answer back, on the last screen too", quiz_act::can_undo, quiz_act::undo;
    Quiz "quiz-page-up" ["PageUp"]         "scroll",    "up in the card",                             yes, quiz_act::page_up;
    Quiz "quiz-page-down" ["PageDown"]     "scroll",    "down in the card",                           yes, quiz_act::page_down;
    Quiz "quiz-leave"   ["Esc q"]          "leave",     "leave the quiz; what was answered is kept",  yes, quiz_act::leave_key;
    QuizAsking "quiz-answer" ["Enter"]     "answer",    "answer with what is chosen, marked or in order", yes, quiz_act::enter;
    QuizAsking "quiz-list" ["c"]           "list",      "list what may cure it, in place of finding a cure at the cluster", quiz_act::can_list, quiz_act::list;
    QuizAsking "quiz-give-up" ["0"]        "give up",   "the goal was not reached",                   quiz_act::can_give_up, quiz_act::give_up;
    QuizAsking "quiz-digit" ["1 2 3 4 5 6 7 8 9"] "choose", "choose an answer, or mark it; of an order: pick up, then put", yes, quiz_act::digit;
    QuizAsking "quiz-up" ["Up k"]          "point",     "the row above",                              yes, quiz_act::up;
    QuizAsking "quiz-down" ["Down j"]      "point",     "the row below",                              yes, quiz_act::down;
    QuizAsking "quiz-mark" ["Space x"]     "mark",      "mark the row, or mark it no more",           yes, quiz_act::mark;
    QuizAsking "quiz-earlier" ["Left h Shift-Up"] "move", "move it up in the order; or back in the run",                quiz_act::can_shift, quiz_act::earlier;
    QuizAsking "quiz-later" ["Right l Shift-Down"] "move", "move it down in the order; or on in the run",              quiz_act::can_shift, quiz_act::later;
    QuizAsking "quiz-ask-previous" ["["]   "jump",      "back to an event of the run that is worth a stop", quiz_act::can_move, moves::previous;
    QuizAsking "quiz-ask-next" ["]"]       "jump",      "on to the next event of the run that is worth a stop", quiz_act::can_move, moves::next;
    QuizAsking "quiz-ask-start" ["Home"]   "start",     "to the start of the run",                    quiz_act::can_move, moves::to_start;
    QuizAsking "quiz-ask-end" ["End"]      "end",       "to the end of the run",                      quiz_act::can_move, moves::to_end;
    QuizTyping "quiz-typed" ["Enter"]      "answer",    "answer with what was typed",                 yes, quiz_act::enter;
    QuizTyping "quiz-stop" ["Esc"]         "leave",     "leave the quiz; what was answered is kept",  yes, quiz_act::leave_key;
    QuizSure "quiz-guess" ["g"]            "guess",     "it was a guess",                             yes, quiz_act::guess;
    QuizSure "quiz-think" ["t"]            "think so",  "you think so",                               yes, quiz_act::think;
    QuizSure "quiz-sure" ["s"]             "sure",      "you are sure",                               yes, quiz_act::certain;
    QuizSure "quiz-unsaid" ["Enter Space"] "pass over", "do not say how sure",                        yes, quiz_act::enter;
    QuizTold "quiz-next" ["Enter n"]       "next",      "the next question; while it plays: skip to the end", yes, quiz_act::enter;
    QuizTold "quiz-see" ["v"]              "see it",    "to the lab, at the moment that shows it",    quiz_act::can_see, quiz_act::see;
    QuizTold "quiz-play" ["Space"]         "play",      "play, or pause",                             quiz_act::can_move, moves::play;
    QuizTold "quiz-back" ["Left"]          "step",      "one event back",                             quiz_act::can_move, moves::back;
    QuizTold "quiz-forward" ["Right"]      "step",      "one event on",                               quiz_act::can_move, moves::forward;
    QuizTold "quiz-jump" ["]"]             "jump",      "on to the next event that is worth a stop",  quiz_act::can_move, moves::next;
    QuizTold "quiz-start" ["Home"]         "start",     "to the start of the run",                    quiz_act::can_move, moves::to_start;
    QuizTold "quiz-end" ["End"]            "end",       "to the end of what was seen",                quiz_act::can_move, moves::to_end;
    QuizTold "quiz-reason" ["1 2 3 4 5 6 7 8 9"] "reason", "unfold the reason of this answer",        yes, quiz_act::digit;
    QuizTold "quiz-reason-up" ["Up k"]     "reason",    "the row above",                              yes, quiz_act::up;
    QuizTold "quiz-reason-down" ["Down j"] "reason",    "the row below",                              yes, quiz_act::down;
    QuizTold "quiz-again" ["a"]            "grade",     "grade it: not known",                        quiz_act::can_grade, quiz_act::again;
    QuizTold "quiz-hard" ["h"]             "grade",     "grade it: known with help or by luck",       quiz_act::can_grade, quiz_act::hard;
    QuizTold "quiz-good" ["g"]             "grade",     "grade it: known",                            quiz_act::can_grade, quiz_act::good;
    QuizTold "quiz-easy" ["e"]             "grade",     "grade it: known at once and for sure",       quiz_act::can_grade, quiz_act::easy;
    QuizEnd "quiz-done" ["Enter"]          "topics",    "back to the topics",                         yes, quiz_act::enter;
    QuizEnd "quiz-see-slippery" ["v"]      "see what slips", "to the lab, at what is forgotten again and again", quiz_act::can_see_slippery, quiz_act::see_slippery;
    QuizEnd "quiz-last-again" ["a"]        "grade last", "grade the last answer: not known",          quiz_act::can_grade, quiz_act::again;
    QuizEnd "quiz-last-hard" ["h"]         "grade last", "grade the last answer: known with help or by luck", quiz_act::can_grade, quiz_act::hard;
    QuizEnd "quiz-last-good" ["g"]         "grade last", "grade the last answer: known",              quiz_act::can_grade, quiz_act::good;
    QuizEnd "quiz-last-easy" ["e"]         "grade last", "grade the last answer: known at once and for sure", quiz_act::can_grade, quiz_act::easy;
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

/// Other keys for an action than those of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The action.
    pub id: &'static str,
    /// Its keys; the first is shown.
    pub keys: Vec<Key>,
}

/// The keys that the learner chose.
static CHOSEN: OnceLock<Vec<Own>> = OnceLock::new();

/// Gives actions the keys that the learner chose. Only the first call counts: it comes before anything reads a key.
pub fn choose_keys(keys: Vec<Own>) {
    let _ = CHOSEN.set(keys);
}

impl Action {
    /// The keys: those that the learner chose, or else those of the table.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.keys_with(CHOSEN.get().map_or(&[], Vec::as_slice))
    }

    /// The keys, where these were chosen.
    pub fn keys_with<'o>(&self, chosen: &'o [Own]) -> impl Iterator<Item = Key> + use<'o> {
        let own = chosen.iter().find(|own| own.id == self.id);
        let names = if own.is_some() { "" } else { self.keys };
        own.into_iter().flat_map(|own| own.keys.iter().copied()).chain(names.split(' ').filter_map(|name| name.parse().ok()))
    }

    /// The actions of a key hint, which shows the first key of each: every one of this place with the same word (both arrows for `step`).
    pub fn shown(&self) -> impl Iterator<Item = &'static Action> {
        ACTIONS.iter().filter(|a| a.place == self.place && a.word == self.word)
    }

    /// Whether its keys are digits that the screen shows, each for the row beside it.
    pub fn counts(&self) -> bool {
        self.keys.contains(' ') && self.keys.split(' ').all(|key| key.parse::<u8>().is_ok())
    }

    /// The key that is shown.
    pub fn first_key(&self) -> Key {
        self.keys().next().unwrap_or(Key::plain(ratatui::crossterm::event::KeyCode::Null))
    }
}

/// The action of a key in this context.
pub fn find(context: &[Place], key: Key) -> Option<&'static Action> {
    context.iter().find_map(|place| ACTIONS.iter().find(|a| a.place == *place && a.keys().any(|k| k == key)))
}

/// The action with this id.
pub fn by_id(id: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|a| a.id == id)
}

/// One line for each action, under the heading of its place.
pub fn print() -> String {
    let mut out = String::new();
    let mut place = None;
    for action in ACTIONS {
        if place != Some(action.place) {
            let _ = writeln!(out, "{}{}", if place.is_some() { "\n" } else { "" }, action.place.heading());
            place = Some(action.place);
        }
        let keys: Vec<String> = action.keys().map(|key| key.to_string()).collect();
        let _ = writeln!(out, "  {:<22}  {:<14}  {}", keys.join(" "), action.id, action.about);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_a_key() {
        for action in ACTIONS {
            for name in action.keys.split(' ') {
                assert!(name.parse::<Key>().is_ok(), "{}: {name}", action.id);
            }
        }
    }

    #[test]
    fn ids_are_unique() {
        for (i, action) in ACTIONS.iter().enumerate() {
            assert!(ACTIONS[..i].iter().all(|a| a.id != action.id), "{}", action.id);
        }
    }

    #[test]
    fn no_key_has_two_meanings_in_one_context() {
        for context in CONTEXTS {
            let mut seen: Vec<(Key, &str)> = Vec::new();
            for action in ACTIONS.iter().filter(|a| context.contains(&a.place)) {
                for key in action.keys() {
                    let other = seen.iter().find(|(k, _)| *k == key);
                    assert!(other.is_none(), "{key} is {} and {other:?} in {context:?}", action.id);
                    seen.push((key, action.id));
                }
            }
        }
    }

    #[test]
    fn every_place_occurs_in_a_context() {
        for action in ACTIONS {
            assert!(CONTEXTS.iter().any(|c| c.contains(&action.place)), "{}", action.id);
        }
    }
}
