//! Among the topics: what to do today, what there is to learn, what is known.

use super::answer::Answer;
use super::desk::{Desk, Purpose};
use super::{Plain, Room, quiz};
use crate::lesson::sandbox;
use crate::lesson::search::Index;
use crate::lesson::topics::{Chapter, Topic};
use crate::near::did_you_mean;
use crate::progress::Overview;
use crate::progress::state::Mastery;
use crate::progress::today::{Today, counted, place};
use crate::timeline::Brake;

/// The most topics that a search lists.
const FOUND: usize = 12;

/// The first lines of all.
pub(super) fn welcome(plain: &mut Plain) {
    plain.page.say("splitbrain. Read the question, poke the cluster, know the answer.");
    let complaints = std::mem::take(&mut plain.complaints);
    for complaint in &complaints {
        plain.page.say(format!("Careful: {complaint}"));
    }
    home_lines(plain);
    plain.page.say("Type next for the first of these, topics for the list, search and some words to find one, help for everything else.");
}

fn home_lines(plain: &mut Plain) {
    for today in Today::of(&plain.catalogue, plain.store.state(), plain.store.today()) {
        let how = match &today {
            Today::Continue(id, ..) | Today::Next(id, ..) => {
                number_of(plain, id).map_or_else(String::new, |number| format!(". Type open {number}"))
            }
            Today::Due(_) => ". Type review".to_string(),
            Today::Blueprints => ". Type open and the name of one, such as open blueprint-redis".to_string(),
            Today::Play => ". Type open and the name of a cluster, such as open replicated".to_string(),
        };
        plain.page.say(format!("{}: {}{how}", today.word(), today.text()));
    }
}

/// Leaves for the topics; what was open stays as it is.
pub(super) fn home(plain: &mut Plain) {
    let was_home = matches!(plain.room, Room::Home);
    leave_room(plain);
    if was_home {
        plain.page.say("You are among the topics.");
    }
    home_lines(plain);
}

/// Nothing is open any more; a lesson is kept as it was.
pub(super) fn leave_room(plain: &mut Plain) {
    plain.keep();
    if let Room::Lesson(id, desk) = std::mem::replace(&mut plain.room, Room::Home) {
        plain.left = Some((id, desk));
    }
}

/// Does the first thing of today.
pub(super) fn next(plain: &mut Plain) {
    let first = Today::of(&plain.catalogue, plain.store.state(), plain.store.today()).into_iter().next();
    match first {
        Some(Today::Continue(id, ..) | Today::Next(id, ..)) => open(plain, &id),
        Some(Today::Due(_)) => quiz::start_due(plain),
        Some(Today::Blueprints | Today::Play) | None => {
            plain.page.say("Nothing is left for today: open a lesson by its number, or a cluster by its name.");
        }
    }
}

/// Opens the lesson after the one that is open.
pub(super) fn next_lesson(plain: &mut Plain) {
    let Room::Lesson(open_now, _) = &plain.room else { return };
    let after = plain.catalogue.lessons().skip_while(|id| id != open_now).nth(1).map(str::to_string);
    match after {
        Some(id) => open(plain, &id),
        None => plain.page.say("This is the last lesson. home goes to the topics."),
    }
}

/// The topics with a lesson, sandboxes among them, in the order of their numbers.
fn numbered(plain: &Plain) -> Vec<&Topic> {
    plain.catalogue.topics.all().filter(|topic| plain.catalogue.has(&topic.id)).collect()
}

fn number_of(plain: &Plain, id: &str) -> Option<usize> {
    numbered(plain).iter().position(|topic| topic.id == id).map(|at| at + 1)
}

/// Every topic by chapter; of a chapter that was named that one alone.
pub(super) fn topics(plain: &mut Plain, name: &str) {
    let chapters = plain.catalogue.topics.chapters.clone();
    let is_it = |(number, chapter): (usize, &Chapter)| {
        name.is_empty() || chapter.id == name || chapter.title.eq_ignore_ascii_case(name) || number.to_string() == name
    };
    let chosen: Vec<(usize, &Chapter)> = (1..).zip(&chapters).filter(|(number, chapter)| is_it((*number, chapter))).collect();
    if chosen.is_empty() {
        let near = did_you_mean(name, chapters.iter().map(|chapter| chapter.id.as_str()));
        return plain.page.say(format!("\"{name}\" is no chapter{near}; there are {}", counted(chapters.len(), "chapter")));
    }
    for (number, chapter) in chosen {
        plain.page.say(format!("Chapter {number}, {}:", chapter.title));
        for topic in &chapter.topics {
            let line = topic_line(plain, topic);
            plain.page.say(line);
        }
    }
}

/// `23. When failover goes wrong: learning, step 3 of 9, 2 due`.
fn topic_line(plain: &Plain, topic: &Topic) -> String {
    let (state, today) = (plain.store.state(), plain.store.today());
    let Some(number) = number_of(plain, &topic.id) else { return format!("{}: no lesson yet", topic.title) };
    if sandbox::is_id(&topic.id) {
        return format!("{number}. {}", topic.title);
    }
    let mastery = match state.mastery(&topic.id, today) {
        Mastery::New => "new",
        Mastery::Learning => "learning",
        Mastery::Known => "known",
    };
    let walked = state.topic(&topic.id).map_or_else(String::new, |walked| format!(", {}", place(&plain.catalogue, &topic.id, walked)));
    let due = match state.due_of(&topic.id, today) {
        0 => String::new(),
        due => format!(", {} due", counted(due, "question")),
    };
    format!("{number}. {}: {mastery}{walked}{due}", topic.title)
}

/// Finds topics by words.
pub(super) fn search(plain: &mut Plain, text: &str) {
    if text.is_empty() {
        return plain.page.say("Type search and some words, such as search split brain.");
    }
    let found = find(plain, text);
    if found.is_empty() {
        return plain.page.say(format!("Nothing is found for \"{text}\"; try fewer words, or topics for the list"));
    }
    let topics: Vec<Topic> = found.iter().take(FOUND).filter_map(|id| plain.catalogue.topics.topic(id).cloned()).collect();
    for topic in topics {
        let line = format!("{}. {}", topic_line(plain, &topic), topic.question);
        plain.page.say(line);
    }
    if found.len() > FOUND {
        plain.page.say(format!("{} more.", found.len() - FOUND));
    }
    plain.page.say("Type open and a number.");
}

fn find(plain: &mut Plain, text: &str) -> Vec<String> {
    let index = plain.index.get_or_insert_with(|| Index::new(&plain.catalogue));
    let all: Vec<&str> = plain.catalogue.topics.all().map(|topic| topic.id.as_str()).collect();
    index.find(text).into_iter().filter_map(|at| all.get(at).map(ToString::to_string)).collect()
}

/// A number opens the lesson that has it.
pub(super) fn open_number(plain: &mut Plain, answer: &Answer) {
    match answer.numbers[..] {
        [number] => open(plain, &number.to_string()),
        _ => plain.page.say("One number opens a lesson."),
    }
}

/// Opens a lesson by its number, its name, or its title, or goes on where it was left.
pub(super) fn open(plain: &mut Plain, name: &str) {
    if name.is_empty() {
        return plain.page.say("Type open and the number or the name of a lesson; topics lists them.");
    }
    let id = match named(plain, name) {
        Ok(id) => id,
        Err(why) => return plain.page.say(format!("Not done: {why}")),
    };
    leave_room(plain);
    if let Some((_, mut desk)) = plain.left.take_if(|(left, _)| *left == id) {
        plain.page.say("Where you left it:");
        desk.title(&mut plain.page);
        desk.card(&mut plain.page);
        plain.room = Room::Lesson(id, desk);
        return;
    }
    match plain.opening(&id).walk(&id, &Brake::of(plain.work)) {
        Ok(walk) => {
            let mut desk = Desk::new(walk, Purpose::Lesson, plain.work);
            desk.title(&mut plain.page);
            desk.card(&mut plain.page);
            plain.room = Room::Lesson(id, Box::new(desk));
        }
        Err(lines) => {
            plain.page.say("This lesson cannot be opened:");
            for line in &lines {
                plain.page.say(line);
            }
        }
    }
}

/// The id that a number or a name stands for.
fn named(plain: &mut Plain, name: &str) -> Result<String, String> {
    let all = numbered(plain);
    if let Ok(number) = name.trim_end_matches('.').parse::<usize>() {
        let found = number.checked_sub(1).and_then(|at| all.get(at)).map(|topic| topic.id.clone());
        return found.ok_or_else(|| format!("there is no lesson {number}; they have the numbers 1 to {}", all.len()));
    }
    let is_it = |topic: &&&Topic| topic.id == name || topic.title.eq_ignore_ascii_case(name);
    if let Some(topic) = all.iter().find(is_it) {
        return Ok(topic.id.clone());
    }
    let sandboxed = sandbox::id(name);
    if let Some(topic) = all.iter().find(|topic| topic.id == sandboxed) {
        return Ok(topic.id.clone());
    }
    let near = did_you_mean(name, all.iter().map(|topic| topic.id.as_str()));
    match find(plain, name).as_slice() {
        [only] if plain.catalogue.has(only) => Ok(only.clone()),
        [] => Err(format!("there is no lesson \"{name}\"{near}; topics lists them")),
        many if many.len() <= FOUND => Err(format!("there is no lesson \"{name}\"{near}; search {name} finds {}", many.len())),
        _ => Err(format!("there is no lesson \"{name}\"{near}; topics lists them, search finds them by what they are about")),
    }
}

/// What is known and what is due.
pub(super) fn results(plain: &mut Plain) {
    let overview = Overview::new(plain.store.state(), &plain.catalogue, plain.store.today());
    let [known, learning, new] = [Mastery::Known, Mastery::Learning, Mastery::New].map(|mastery| overview.count(mastery));
    plain.page.say(format!("{known} topics known, {learning} learning, {new} new."));
    plain.page.say(format!("Due today: {}; in the next seven days: {}.", overview.due[0], overview.due_this_week()));
    if let Some(exam) = &overview.exam {
        plain.page.say(format!("Exam on {exam}: everything is asked once more before it."));
    }
    for topic in overview.chapters.iter().flat_map(|chapter| &chapter.topics).filter(|topic| topic.mastery != Mastery::New) {
        let steps = if topic.finished { "gone through".to_string() } else { format!("{} done", counted(topic.steps_done, "step")) };
        let recall = topic.recall.map_or_else(String::new, |recall| format!(", {} asked, {:.0} % remembered", topic.asked, recall * 100.0));
        let due = if topic.due > 0 { format!(", {} due", topic.due) } else { String::new() };
        plain.page.say(format!("{}: {steps}{recall}{due}.", topic.title));
    }
    for line in overview.calibration.iter().filter(|line| line.asked > 0) {
        plain.page.say(format!("When you said {}, you were right {} of {} times.", line.confidence, line.right, line.asked));
    }
    for wrong in &overview.sure_and_wrong {
        plain.page.say(format!("Sure and wrong: {}: {}", wrong.item, wrong.chosen));
    }
}
