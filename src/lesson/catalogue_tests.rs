//! The catalogue: topics of the program, and a teacher's folder.

use super::catalogue::catalogue;
use super::sandbox::blueprint;
use super::source::Source;
use super::topics::Topics;
use crate::cluster::registry::MODELS;

fn lesson(id: &str, chapter: &str) -> Source {
    let text = format!("id = \"{id}\"\ntitle = \"T {id}\"\nquestion = \"Q?\"\nchapter = \"{chapter}\"\n");
    Source::new(&format!("course/{id}.toml"), &text)
}

#[test]
fn the_program_knows_sixty_topics_in_seven_chapters() {
    let known = catalogue();
    assert!(known.complaints.is_empty(), "{:#?}", known.complaints);
    // The last chapters hold the sandboxes.
    let sandboxes = blueprint::all().len() + MODELS.len();
    assert_eq!((known.topics.chapters.len(), known.topics.all().count()), (7 + 2, 60 + sandboxes));
    assert_eq!((known.lessons().count(), known.files()), (60, 60));
    assert_eq!(known.topics.topic("failover-limits").map(|t| t.title.as_str()), Some("When failover goes wrong"));
    assert!(!known.has("no-such-topic") && known.open("no-such-topic").is_none());
}

#[test]
fn lessons_of_a_folder_come_under_their_chapter_or_the_folder() {
    let mut known = catalogue().clone();
    known.add("course", None, &[lesson("our-cart", "course"), lesson("our-log", "replication"), lesson("availability", "dependability")]);
    let chapter = |id: &str| known.topics.chapters.iter().find(|c| c.id == id).map(|c| c.topics.len());
    assert_eq!(chapter("course"), Some(1));
    assert_eq!(known.topics.all().count(), catalogue().topics.all().count() + 2);
    assert_eq!(known.source("availability").map(|s| s.name().to_string()), Some("course/availability.toml".to_string()));
    assert!(known.complaints.is_empty());
    known.read_added();
    assert!(known.complaints.iter().any(|c| c.starts_with("course/our-cart.toml:1:1: a lesson needs `answer`")), "{:#?}", known.complaints);
}

#[test]
fn two_lessons_with_one_id_are_named() {
    let mut known = catalogue().clone();
    let other = Source::new("course/other.toml", lesson("our-cart", "course").text());
    known.add("course", None, &[lesson("our-cart", "course"), other]);
    assert_eq!(known.complaints, ["course/other.toml: the id `our-cart` is that of course/our-cart.toml too"]);
}

#[test]
fn a_list_of_topics_is_read_strictly() {
    let source = |text: &str| Source::new("topics.toml", text);
    let good = "[[chapter]]\nid = \"a\"\ntitle = \"A\"\ntopics = [{ id = \"t\", title = \"T\", question = \"?\" }]\n";
    assert_eq!(Topics::read(&source(good)).map(|t| t.all().count()), Ok(1));
    let bad = Topics::read(&source(&good.replace("title = \"A\"", "titel = \"A\"").replace("question = \"?\"", "question = \"\"")));
    let lines = bad.expect_err("two mistakes").lines();
    assert!(lines.iter().any(|l| l == "topics.toml:3:1: a chapter has no key `titel`; did you mean `title`?"), "{lines:#?}");
    assert!(lines.iter().any(|l| l == "topics.toml:4:47: `question` is empty"), "{lines:#?}");
    let twice = format!("{good}{good}");
    assert!(Topics::read(&source(&twice)).expect_err("twice").lines()[0].contains("two chapters have the id `a`"));
}
