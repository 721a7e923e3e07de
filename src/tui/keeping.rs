//! Writing down what the learner does in the lab: whatever of the lesson on the screen the log does not say yet.

use super::app::App;
use super::screens::View;
use super::screens::lab::Lab;
use super::screens::{present, quiz};
use crate::lesson::sandbox;
use crate::progress::Event;
use crate::progress::walked::news;

impl App {
    /// Writes down what of the lesson on the screen is new; at home, takes in what is known.
    pub(super) fn keep(&mut self) {
        if self.present.is_some() {
            return present::tell(self);
        }
        if self.view == View::Home {
            return self.learn();
        }
        let is_walked = |lab: &&Lab| !sandbox::is_chapter(&lab.walk.lesson().chapter) && !quiz::is_its_own(&self.open);
        let Some(lab) = self.lab().filter(is_walked) else { return };
        let news = news(&lab.walk, self.store.state());
        if !news.is_empty() {
            self.record_all(news);
        }
    }

    /// Writes down what happened. Where that is not possible the screen says so, and everything goes on.
    pub(super) fn record_all(&mut self, events: impl IntoIterator<Item = Event>) {
        self.store.record_all(events);
        if let Some(trouble) = self.store.trouble().map(str::to_string) {
            self.mention(trouble);
        } else if let Some(aside) = self.store.take_aside() {
            self.mention(format!(
                "the last line of your progress was cut off, as when a program is killed; it is kept in {}",
                aside.display()
            ));
        }
    }
}
