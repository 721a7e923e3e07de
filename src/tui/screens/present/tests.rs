//! What is drawn of a page, without a program around it.

use super::stage::{LOUD, calm};
use crate::cluster::scene::{Fate, FlightKind, Sign};
use crate::lesson::schema::View;
use crate::tui::widgets::scenes;

#[test]
fn no_more_than_four_things_are_loud() {
    for (name, scene) in scenes::all() {
        let calm = calm(&scene, &View::default(), false);
        let words = calm.flights.iter().filter(|flight| !flight.label.is_empty()).count();
        let sparks = calm.sparks.iter().filter(|spark| !spark.label.is_empty()).count();
        let changed = calm.nodes.iter().filter(|node| node.changed).count();
        assert!(words + sparks + changed <= LOUD, "{name}: {words} messages, {sparks} losses, {changed} servers");
        assert!(calm.panels.is_empty() && calm.knobs.is_empty(), "{name}");
        assert_eq!(calm.flights.len(), scene.flights.len(), "{name}: every message is seen, if not all with words");
    }
}

#[test]
fn what_is_asked_and_answered_has_words_before_signs_of_life() {
    let mut scene = scenes::normal();
    scene.flights.clear();
    scene.sparks.clear();
    scene.nodes.iter_mut().for_each(|node| node.changed = false);
    let beat = FlightKind::new(Sign::Heartbeat, "heartbeat");
    let data = FlightKind::new(Sign::Data, "append");
    let (n1, n2) = (scenes::n(1), scenes::n(2));
    for id in 0..6 {
        scene.flights.push(scenes::flight(id, (n1, n2), 0.5, beat, "heartbeat", Fate::Arrives));
        scene.flights.push(scenes::flight(10 + id, (n1, n2), 0.5, data, "append x=9", Fate::Arrives));
    }
    scene.flights.push(scenes::flight(30, (scenes::c(1), n1), 0.5, FlightKind::REQUEST, "write x 8", Fate::Arrives));
    let calm = calm(&scene, &View::default(), false);
    let spoken: Vec<&str> = calm.flights.iter().map(|flight| flight.label.as_str()).filter(|label| !label.is_empty()).collect();
    assert_eq!(spoken.len(), LOUD);
    assert!(spoken.contains(&"write x 8") && !spoken.contains(&"heartbeat"), "{spoken:?}");
}
