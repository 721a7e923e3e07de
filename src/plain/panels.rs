//! Panels in words: a line for each thing that they show.

use super::state::is_worth_a_word;
use crate::cluster::facts::figure;
use crate::cluster::scene::{
    Answer, Body, Bucket, Checklist, Gauge, Grid, Heard, Histogram, Ladder, Panel, Queue, Replies, Ring, Series, State, Strips, Table,
    Tone, Track, Tracks, Unit, Work,
};

/// The most lines that one panel says.
const MOST: usize = 12;

/// The most cells of a track that are said.
const CELLS: usize = 12;

/// The word for a tone, where it says something beyond the value.
pub(super) fn tone(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Stale => Some("stale"),
        Tone::Conflict => Some("in conflict"),
        Tone::Bad => Some("bad"),
        Tone::Plain | Tone::Quiet | Tone::Good => None,
    }
}

fn toned(text: &str, of: Tone) -> String {
    match tone(of).filter(|_| is_worth_a_word(of) && !text.is_empty()) {
        Some(word) => format!("{text} ({word})"),
        None => text.to_string(),
    }
}

/// A panel, a line for each thing; what is too much is counted.
pub(super) fn lines(panel: &Panel) -> Vec<String> {
    let mut said = body(&panel.body);
    said.retain(|line| !line.is_empty());
    let more = said.len().saturating_sub(MOST);
    said.truncate(MOST);
    let mut lines: Vec<String> = said.into_iter().map(|line| format!("Panel {}: {line}", panel.title)).collect();
    if more > 0 {
        lines.push(format!("Panel {}: {more} more lines.", panel.title));
    }
    lines
}

fn body(body: &Body) -> Vec<String> {
    match body {
        Body::Queues(queues) => queues.iter().map(queue).collect(),
        Body::Buckets(buckets) => buckets.iter().map(bucket).collect(),
        Body::Gauges(gauges) => gauges.iter().map(gauge).collect(),
        Body::Series(all) => all.iter().map(series).collect(),
        Body::Histogram(histogram) => self::histogram(histogram),
        Body::Table(table) => self::table(table),
        Body::Ring(ring) => self::ring(ring),
        Body::Tracks(tracks) => self::tracks(tracks),
        Body::Grid(grid) => self::grid(grid),
        Body::Strips(strips) => self::strips(strips),
        Body::Replies(replies) => self::replies(replies),
        Body::Ladder(ladder) => self::ladder(ladder),
        Body::Checklist(list) => checklist(list),
    }
}

/// Texts with a comma between them; empty ones are left out.
fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn queue(queue: &Queue) -> String {
    let busy: u32 = queue.at_work.iter().map(|run| run.count).sum();
    let limit = queue.limit.map_or_else(String::new, |limit| format!(" of at most {limit}"));
    let busy = if busy > 0 { format!("{busy} at work") } else { String::new() };
    let oldest = queue.oldest.map_or_else(String::new, |oldest| format!("the oldest for {:.0} ms", oldest.as_ms()));
    let refused = if queue.refused > 0.0 { format!("{} a second turned away", figure(queue.refused)) } else { String::new() };
    let waiting = format!("{} waiting{limit}", queue.len());
    format!("{} {}", queue.name, joined([waiting.as_str(), &busy, &oldest, &refused, &queue.note]))
}

fn bucket(bucket: &Bucket) -> String {
    let word = if bucket.counts_up { "used" } else { "left" };
    let next = bucket.next.map_or_else(String::new, |(_, left)| format!("the next in {:.0} ms", left.as_ms()));
    let held = format!("{} of {} {word}", bucket.held, bucket.size);
    let worst = bucket.worst.as_ref().map_or("", |worst| worst.says.as_str());
    format!("{} {}", bucket.name, joined([held.as_str(), &next, &bucket.note, worst]))
}

fn gauge(gauge: &Gauge) -> String {
    match gauge {
        Gauge::Filled(level) => format!("{} {}", level.name, toned(&level.says, level.tone)),
        Gauge::Counted { name, have, of, note } => joined([format!("{name} {have} of {of}").as_str(), note]),
        Gauge::Parts { name, parts } => {
            let parts: Vec<String> = parts.iter().map(|part| format!("{} {:.1} ms", part.word, part.took.as_ms())).collect();
            format!("{name}: {}", parts.join(", "))
        }
    }
}

fn series(series: &Series) -> String {
    let said = |value: f64| match series.unit {
        Unit::Count => figure(value),
        Unit::Ms => format!("{} ms", figure(value)),
        Unit::PerSecond => format!("{} a second", figure(value)),
        Unit::Share => format!("{} %", figure(value * 100.0)),
    };
    let Some((_, now)) = series.points.last() else { return format!("{}: nothing yet", series.name) };
    let least = series.points.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
    let most = series.points.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
    let limit = series.limit.map_or_else(String::new, |limit| format!(", limit {}", said(limit)));
    format!("{} is {}; so far from {} to {}{limit}", series.name, said(*now), said(least), said(most))
}

fn histogram(histogram: &Histogram) -> Vec<String> {
    let bars = histogram.bars.iter().enumerate().filter(|(_, bar)| bar.count > 0);
    let bar = |(index, bar): (usize, &crate::cluster::scene::Bar)| {
        let marks: Vec<&str> = histogram.marks.iter().filter(|(at, _)| *at == index).map(|(_, word)| word.as_str()).collect();
        let count = format!("{}: {} times", bar.label, bar.count);
        joined([count.as_str(), &bar.note, &marks.join(", ")])
    };
    std::iter::once(histogram.about.clone()).chain(bars.map(bar)).collect()
}

fn table(table: &Table) -> Vec<String> {
    let row = |row: &crate::cluster::scene::TableRow| {
        let entries = row.entries.iter().enumerate().filter(|(_, entry)| !entry.text.is_empty()).map(|(column, entry)| {
            let heading = table.headings.get(column).filter(|_| column > 0).map_or("", String::as_str);
            format!("{heading} {}", toned(&entry.text, entry.tone)).trim().to_string()
        });
        let entries: Vec<String> = entries.collect();
        format!("{}{}", entries.join(", "), if row.marked { ", this one now" } else { "" })
    };
    table.rows.iter().map(row).collect()
}

fn ring(ring: &Ring) -> Vec<String> {
    let mut lines = ring.middle.clone();
    for (index, owner) in ring.owners.iter().enumerate() {
        let tokens = ring.tokens.iter().filter(|token| token.owner == index).count();
        let arcs: f64 = ring.tokens.iter().enumerate().filter(|(_, token)| token.owner == index).map(|(at, _)| arc(ring, at)).sum();
        let share = if tokens > 0 { format!("{tokens} places, {} % of the circle", figure(arcs * 100.0)) } else { String::new() };
        let keys = ring.keys.iter().filter(|key| key.owner.or_else(|| owner_of(ring, key.at)) == Some(index)).count();
        let keys = if ring.keys.is_empty() { String::new() } else { format!("{keys} keys") };
        lines.push(format!("{}: {}", owner.name, joined([share.as_str(), &keys, if owner.changed { "new" } else { "" }])));
    }
    let moved = ring.keys.iter().filter(|key| key.moved).count();
    if moved > 0 {
        lines.push(format!("{moved} keys moved with the last change"));
    }
    lines
}

/// The share of the circle that belongs to a token: from the one before it.
fn arc(ring: &Ring, token: usize) -> f64 {
    let at = ring.tokens[token].at;
    let before = if token == 0 { ring.tokens.last().map_or(at, |last| last.at - 1.0) } else { ring.tokens[token - 1].at };
    if ring.tokens.len() == 1 { 1.0 } else { at - before }
}

/// Whose a place is: that of the first token from there on.
fn owner_of(ring: &Ring, at: f64) -> Option<usize> {
    ring.tokens.iter().find(|token| token.at >= at).or(ring.tokens.first()).map(|token| token.owner)
}

fn tracks(tracks: &Tracks) -> Vec<String> {
    let track = |track: &Track| {
        let from = track.cells.len().saturating_sub(CELLS);
        let cells = track.cells[from..].iter().filter(|cell| !cell.text.is_empty());
        let cells: Vec<String> = cells.map(|cell| toned(&cell.text, cell.tone)).collect();
        let before = if from > 0 { format!("after {from} more: ") } else { String::new() };
        let cells = if cells.is_empty() { "nothing".to_string() } else { format!("{before}{}", cells.join(" ")) };
        let cursors: Vec<String> = track.cursors.iter().map(|cursor| format!("{} at {}", cursor.name, cursor.at)).collect();
        let entries = track.entries.iter().enumerate().map(|(at, entry)| {
            let heading = tracks.headings.get(at).map_or("", String::as_str);
            format!("{heading} {}", entry.text).trim().to_string()
        });
        let entries: Vec<String> = entries.collect();
        let name = joined([track.name.as_str(), &track.word]);
        format!("{name}: {}", joined([cells.as_str(), &cursors.join(", "), &entries.join(", "), &track.note]))
    };
    tracks.tracks.iter().map(track).chain(tracks.legend.iter().cloned()).collect()
}

fn grid(grid: &Grid) -> Vec<String> {
    let count = |(at, state): (usize, Heard)| {
        let of_it: Vec<String> = grid.members.iter().filter(|member| member.state == state).map(|member| member.node.to_string()).collect();
        match of_it.len() {
            0 => String::new(),
            1..=4 => format!("{}: {}", grid.words[at], of_it.join(", ")),
            many => format!("{}: {many} of {}", grid.words[at], grid.members.len()),
        }
    };
    let level = grid.level.iter().map(|level| format!("{} {}", level.name, level.says));
    Heard::ALL.into_iter().enumerate().map(count).chain(level).chain(grid.notes.iter().cloned()).collect()
}

fn strips(strips: &Strips) -> Vec<String> {
    let word = |state: State| match state {
        State::Idle => "idle",
        State::Up => "up",
        State::Slow => "slow",
        State::Wrong => "answers wrongly",
        State::Down => "down",
    };
    let line = |line: &crate::cluster::scene::StripLine| {
        let now = line.stretches.last().map_or("nothing known", |last| word(last.state));
        let downs = line.stretches.iter().filter(|stretch| stretch.state == State::Down).count();
        let downs = if downs > 0 { format!("down {downs} times so far") } else { String::new() };
        let note = format!("{} {}", line.note.label, line.note.value);
        format!("{}: {}", line.name, joined([now, downs.as_str(), note.trim()]))
    };
    strips.lines.iter().map(line).chain([strips.note.clone()]).collect()
}

fn replies(replies: &Replies) -> Vec<String> {
    let decided = replies.decided.as_ref().map_or_else(String::new, |(after, told)| format!("{told} after {:.1} ms", after.as_ms()));
    let count = format!("{} of {} answers", replies.have, replies.need);
    let first = joined([replies.asked.as_str(), &replies.rule, &count, &decided]);
    let line = |line: &crate::cluster::scene::ReplyLine| {
        let answer = match &line.answer {
            Answer::NotAsked => "not asked".to_string(),
            Answer::Waiting => "no answer yet".to_string(),
            Answer::Came { after, late, brought, tone, .. } => {
                let late = if *late { ", too late to count" } else { "" };
                joined([format!("answered after {:.1} ms{late}", after.as_ms()).as_str(), &toned(brought, *tone)])
            }
            Answer::None(why) => format!("will not answer: {why}"),
        };
        let entries: Vec<&str> = line.entries.iter().map(|entry| entry.text.as_str()).collect();
        format!("{}: {}", line.name, joined([line.word, answer.as_str(), &entries.join(" "), &line.note]))
    };
    std::iter::once(first).chain(replies.lines.iter().map(line)).collect()
}

fn ladder(ladder: &Ladder) -> Vec<String> {
    let name = |lane: usize| ladder.lanes.get(lane).map_or("?", String::as_str);
    let rung = |rung: &crate::cluster::scene::Rung| {
        let sent = rung
            .sent
            .as_ref()
            .map_or_else(String::new, |(from, to, says, of)| format!("{} to {}: {}", name(*from), name(*to), toned(says, *of)));
        let ends = rung.work.iter().enumerate().filter_map(|(lane, work)| match work {
            Work::ForNobody => Some(format!("{} works for nobody", name(lane))),
            Work::Failed => Some(format!("{} failed", name(lane))),
            Work::Idle | Work::Waits | Work::Works | Work::Done => None,
        });
        let ends: Vec<String> = ends.collect();
        let all = joined([sent.as_str(), &ends.join(", "), &rung.note]);
        if all.is_empty() { all } else { format!("after {:.0} ms: {all}", rung.at.as_ms()) }
    };
    ladder.rungs.iter().map(rung).chain([ladder.note.clone()]).collect()
}

fn checklist(list: &Checklist) -> Vec<String> {
    let check = |check: &crate::cluster::scene::Check| {
        let word = match check.tone {
            Tone::Good => "yes",
            Tone::Bad => "no",
            _ => "not yet",
        };
        let value = if check.value.is_empty() { String::new() } else { format!(" ({})", check.value) };
        format!("{}{value}: {word}", check.text)
    };
    list.checks.iter().map(check).collect()
}
