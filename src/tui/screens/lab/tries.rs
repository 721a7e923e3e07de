//! The part of a card that says how it is with a goal: a checklist, what missed and why, the newest hint, the solution, the reason.

use super::Lab;
use super::card::{Card, Form, full, is_said_below};
use super::told::told;
use crate::lesson::schema::{Line, Try};
use crate::lesson::walk::in_words;
use crate::tui::widgets::markdown::hanging;
use crate::tui::widgets::text::{Line as TextLine, line_width, piece, width};

/// Whether the learner reached the goal of this step, now or before.
fn reached(lab: &Lab) -> bool {
    lab.walk.goal().is_some_and(|goal| goal.reached.is_some())
}

/// The last paragraph of a text: what is to be done.
fn task(text: &str) -> &str {
    text.trim_end().rsplit_once("\n\n").map_or(text, |(_, last)| last)
}

impl Card<'_> {
    /// A goal and how it is with it.
    pub(super) fn goal(&mut self, lab: &Lab, goal: &Try, (form, height): (Form, usize)) {
        if let Some((lines, done)) = lab.walk.solution() {
            return self.solution(lab, lines, done);
        }
        if lab.answered.is_some() {
            return self.answered(lab, goal, form);
        }
        let why_first = matches!(form, Form::Open | Form::Short);
        if why_first {
            self.why(lab);
        }
        let text = &lab.walk.step().text;
        self.markdown(&told(lab, if matches!(form, Form::Task | Form::Open | Form::Short) { task(text) } else { text }));
        match form {
            Form::Whole => self.state(lab, goal),
            Form::Brief | Form::Task => self.clauses(lab, goal, (false, false)),
            Form::Open => self.clauses(lab, goal, (true, false)),
            Form::Told | Form::Short => {}
        }
        let below = self.lines.len();
        self.missed(lab, goal);
        self.hint(lab, form);
        if !why_first {
            self.gap();
            self.why(lab);
        }
        if matches!(form, Form::Told | Form::Short) && !is_said_below(lab, self.theme, goal, self.width) {
            let room = height.saturating_sub(full(&self.lines));
            let some = self.some_clauses(lab, goal, room);
            self.lines.splice(below..below, some);
        }
    }

    /// As many parts of the goal as there is room for, but one at least, those that do not hold first, and how many more there are.
    fn some_clauses(&self, lab: &Lab, goal: &Try, room: usize) -> Vec<TextLine> {
        let held = |at: &usize| lab.goal.clauses.get(*at).copied().unwrap_or_default();
        let mut order: Vec<usize> = (0..goal.goal.clauses.len()).collect();
        order.sort_by_key(held);
        // Of a goal that was reached the parts are no news.
        if room == 0 && (lab.goal.holds || reached(lab)) {
            return Vec::new();
        }
        let first = |count: usize| {
            let mut card = Card::new(self.theme, self.width);
            order[..count].iter().for_each(|at| card.clause(lab, goal, (*at, false)));
            let left = order.len() - count;
            if left > 0
                && let Some(last) = card.lines.last_mut()
            {
                let more = format!("   and {left} more");
                let fits = line_width(last) + width(&more) <= self.width;
                if fits { last.push(piece(more, self.theme.dim)) } else { card.say(self.theme.dim, more.trim_start()) }
            }
            card.lines
        };
        (1..=order.len()).rev().map(first).find(|lines| lines.len() <= room).unwrap_or_else(|| first(order.len().min(1)))
    }

    /// Once the goal was reached: why that works.
    fn why(&mut self, lab: &Lab) {
        let Some(reason) = lab.walk.reason().filter(|_| reached(lab) || lab.goal.holds) else { return };
        self.say(self.theme.strong, "Why");
        self.markdown(&told(lab, reason));
        self.gap();
    }

    /// The parts of the goal with their marks, and with how many pokes it is tried.
    fn state(&mut self, lab: &Lab, goal: &Try) {
        let theme = self.theme;
        self.gap();
        self.clauses(lab, goal, (false, true));
        let (state, style) = if lab.goal.holds {
            (format!("   {} reached", theme.glyphs.ok), theme.good)
        } else if reached(lab) {
            (format!("   {} reached before", theme.glyphs.ok), theme.good)
        } else {
            (String::new(), theme.text)
        };
        let best = lab.walk.best_known().map_or_else(String::new, |n| format!("   fewest known {n}"));
        let pokes = piece(format!("{}{best}", lab.walk.pokes()), theme.text);
        self.push(&vec![piece("pokes  ", theme.dim), pokes, piece(state, style)], 7);
    }

    /// The parts of the goal, each with its mark. `open`: only those that do not hold; `facts`: with the facts of those.
    fn clauses(&mut self, lab: &Lab, goal: &Try, (open, facts): (bool, bool)) {
        let all = goal.goal.clauses.len().min(lab.goal.clauses.len());
        (0..all).filter(|at| !open || !lab.goal.clauses[*at]).for_each(|at| self.clause(lab, goal, (at, facts)));
    }

    /// One part of the goal with its mark, and with its `facts` while it does not hold.
    fn clause(&mut self, lab: &Lab, goal: &Try, (at, facts): (usize, bool)) {
        let theme = self.theme;
        let holds = lab.goal.clauses.get(at).copied().unwrap_or_default();
        let (sign, style) = match lab.goal.broken {
            Some(broken) if broken == at => (theme.glyphs.cross, theme.bad),
            _ if holds => (theme.glyphs.ok, theme.good),
            _ => (theme.glyphs.dot, theme.stale),
        };
        self.lines.extend(hanging(theme, (sign, style), &told(lab, &goal.goal.clauses[at].say), self.width));
        let now = lab.goal.clauses_now.get(at).filter(|now| facts && !holds && !now.is_empty());
        if let Some(now) = now {
            self.push(&vec![piece(format!("  now {now}"), theme.dim)], 2);
        }
    }

    /// Why what was done cannot reach the goal, and what to do about it.
    fn answered(&mut self, lab: &Lab, goal: &Try, form: Form) {
        if form == Form::Whole {
            self.clauses(lab, goal, (true, true));
            self.gap();
        }
        if let Some(said) = lab.goal.miss.and_then(|miss| goal.misses.get(miss)?.told.as_ref()) {
            self.markdown(&told(lab, &said.say));
            self.gap();
        }
        let done = lab.run().pokes_done();
        if let Some(last) = lab.run().pokes().get(done.wrapping_sub(1)).filter(|_| lab.walk.pokes() > 0 && form != Form::Short) {
            self.markdown(&told(lab, &format!("{{{{key undo}}}}  takes back: {}", last.poke)));
        }
        if let Some(hints) = goal.hints.as_ref().filter(|hints| lab.walk.hints().len() < hints.len() && form != Form::Short) {
            let next = lab.walk.hints().len() + 1;
            self.markdown(&told(lab, &format!("{{{{key hint}}}}  hint {next} of {}", hints.len())));
        }
        self.out(lab);
    }

    /// What came near and missed, as long as it stands, and the way back where the goal is out of reach.
    fn missed(&mut self, lab: &Lab, goal: &Try) {
        let theme = self.theme;
        if let Some(said) = lab.goal.miss.and_then(|miss| goal.misses.get(miss)?.told.as_ref()) {
            self.gap();
            self.lines.extend(hanging(theme, (theme.glyphs.dot, theme.stale), &told(lab, &said.say), self.width));
        }
        self.out(lab);
    }

    /// That the goal can be reached no more, and how it comes within reach again.
    fn out(&mut self, lab: &Lab) {
        if !lab.goal.out {
            return;
        }
        self.gap();
        let back = match &lab.goal.back {
            Some((1, poke)) => format!("{{{{key undo}}}} goes back to before {poke}."),
            Some((count, poke)) => format!("{{{{key undo}}}}, {count} times, goes back to before {poke}."),
            None => "{{key restart}} starts again.".to_string(),
        };
        self.markdown(&told(lab, &format!("**Out of reach from here.** {back}")));
    }

    /// The newest hint.
    fn hint(&mut self, lab: &Lab, form: Form) {
        let hints = lab.walk.hints();
        let Some(hint) = hints.last() else { return };
        let heading = format!("hint {} of 3", hints.len());
        if form == Form::Whole {
            self.gap();
            self.say(self.theme.dim, &heading);
            self.markdown(&told(lab, hint));
        } else {
            self.markdown(&format!("*{heading}:* {}", told(lab, hint)));
        }
    }

    /// The commands of the solution: those that were carried out, the next one, and those to come.
    fn solution(&mut self, lab: &Lab, lines: &[Line], done: usize) {
        let theme = self.theme;
        if done < lines.len() {
            self.say(theme.dim, "Each command is seen here before it happens. None of them counts as yours.");
        } else {
            self.why(lab);
            self.markdown(&told(lab, "Now you: {{key restart}} starts the step again."));
        }
        self.gap();
        for (i, line) in lines.iter().enumerate() {
            let (sign, style, text) = match i.cmp(&done) {
                std::cmp::Ordering::Less => (theme.glyphs.ok, theme.good, theme.dim),
                std::cmp::Ordering::Equal => (theme.glyphs.pointer, theme.key, theme.strong),
                std::cmp::Ordering::Greater => (theme.glyphs.dot, theme.dim, theme.text),
            };
            self.sign(sign, style, &in_words(&line.command), text);
        }
    }
}
