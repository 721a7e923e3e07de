//! A bug report: what is it, when did it happen, and what is the smallest cure? The same run says which cures help.

use std::sync::Arc;

use rand::seq::IndexedRandom;
use rand_pcg::Pcg64;

use super::cure::Remedies;
use super::{Maker, WRONG_MAX, part, shuffled};
use crate::cluster::Happening;
use crate::cluster::scene::Scene;
use crate::cluster::tell::{Names, Rank, sentence, voice};
use crate::lesson::drill::Clinic;
use crate::lesson::perform::{FirstTimes, Position, perform};
use crate::lesson::question::{About, QuestionKind};
use crate::lesson::schema::Alternative;
use crate::lesson::source::Mistake;
use crate::lesson::story;
use crate::quiz::card::Part;
use crate::sim::time::Time;
use crate::timeline::Timeline;

/// What is asked at last.
const CURE: &str = "Cure it, with as little as you can. What you do before the run begins is tried on the same run.";

impl Maker<'_> {
    /// The three questions.
    pub(super) fn clinic(&self, clinic: &Clinic, rng: &mut Pcg64) -> Result<Option<Vec<Part>>, Mistake> {
        let mut first = FirstTimes::of([&clinic.moment]);
        let mut timeline = story::fresh(self.lesson, &self.case.scenario(self.seed), self.brake)?;
        perform(&mut timeline, &self.case.run.script, &mut first)?;
        let Some(moment) = first.first.first().copied().flatten() else { return Ok(None) };
        let Some(moments) = self.moments(clinic, &timeline, moment, rng) else { return Ok(None) };
        let Some(cures) = self.cures(clinic)? else { return Ok(None) };
        let what = self.question(&self.case.text, About::Clinic, QuestionKind::Choice(shuffled(clinic.options.clone(), rng)));
        let when = self.question("When did it happen? The run stands on the lanes.", About::Clinic, QuestionKind::Choice(moments));
        let cure = self.question(CURE, About::Clinic, QuestionKind::Choice(cures));
        let remedies = Remedies { case: self.case.clone(), seed: self.seed, clinic: clinic.clone() };
        Ok(Some(vec![part(what), part(when), Part { remedies: Some(Arc::new(remedies)), ..part(cure) }]))
    }

    /// Moments of the run to choose from, in their order: the one at which it happened, and others that stand out.
    fn moments(&self, clinic: &Clinic, timeline: &Timeline, moment: Position, rng: &mut Pcg64) -> Option<Vec<Alternative>> {
        let cluster = timeline.cluster();
        let mut scene = Scene::default();
        cluster.scene(timeline.at(), &mut scene);
        let (names, exchanges) = (Names::on(&scene), cluster.exchanges());
        let told = |happening: &Happening| {
            let said = sentence(&happening.what, &names, |index| exchanges.get(index))?;
            Some((happening.event, format!("{}: {}", happening.at, said.text)))
        };
        let happened: Vec<Happening> = timeline.happenings(Time::ZERO).collect();
        let loud: Vec<(u64, String)> = happened.iter().filter(|h| matters(h)).filter_map(told).collect();
        // The event itself, in its own words, however quiet it is: what was told before it is another moment.
        let here = happened.iter().filter(|h| (h.event, h.at) == (moment.events, moment.at));
        let said = here.filter_map(|h| Some((matters(h), told(h)?))).max_by_key(|(matters, _)| *matters).map(|(_, said)| said);
        let right = said.unwrap_or_else(|| (moment.events, format!("{}: just then, with nothing told", moment.at)));
        let others: Vec<&(u64, String)> = loud.iter().filter(|(event, text)| *event != right.0 && *text != right.1).collect();
        let mut chosen: Vec<(u64, String)> = others.sample(rng, WRONG_MAX).map(|other| (*other).clone()).collect();
        chosen.push(right.clone());
        chosen.sort();
        chosen.dedup_by(|a, b| a.1 == b.1);
        let option = |(event, text): (u64, String)| {
            let why = match event.cmp(&right.0) {
                std::cmp::Ordering::Less => "This is before it happened.".to_string(),
                std::cmp::Ordering::Equal => clinic.moment_why.clone(),
                std::cmp::Ordering::Greater => "By then it had happened.".to_string(),
            };
            self.option(text, why, event == right.0)
        };
        let options: Vec<Alternative> = chosen.into_iter().map(option).collect();
        (options.len() > 1).then_some(options)
    }

    /// The cures, each tried on the same run: the first that helps is the smallest.
    fn cures(&self, clinic: &Clinic) -> Result<Option<Vec<Alternative>>, Mistake> {
        let (mut found, mut options) = (false, Vec::new());
        for cure in &clinic.cures {
            let run = self.case.play(self.lesson, self.seed, &cure.script, self.brake)?;
            let helps = clinic.cured.test.holds_in(run.cluster()).unwrap_or(false);
            let says = match (helps, found) {
                (false, _) => "It happens all the same.",
                (true, false) => "It is cured.",
                (true, true) => "It is cured too, at a higher price.",
            };
            options.push(self.option(&cure.text, format!("{says} {}", cure.why), helps && !found));
            found |= helps;
        }
        Ok(found.then_some(options))
    }
}

/// Whether a moment stands out.
fn matters(happening: &Happening) -> bool {
    use crate::cluster::What;
    let loud = voice(&happening.what).is_some_and(|voice| voice.rank() == Rank::Loud);
    loud || matches!(happening.what, What::Called(_) | What::Returned(..))
}
