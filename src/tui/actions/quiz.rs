//! What keys do in the quiz.

use super::{Action, Place, actions, yes};
use crate::tui::screens::lab::moves;
use crate::tui::screens::quiz::act as quiz_act;

/// In the order of the help.
pub(super) static TABLE: &[Action] = actions![
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
];
