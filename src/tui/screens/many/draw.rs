//! The box in which many runs are looked at.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::listing::{self, Row};
use super::super::{footer, with_footer};
use super::{Many, What, spread::Spread, turning::Turning, ways::Ways};
use crate::lesson::survey::Progress;
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, piece, wrap_pieces};

/// The widest that the box is, in cells.
const WIDE: u16 = 84;

/// The widest that a bar is.
const BAR: usize = 28;

/// A share from which on an ending is said to be certain: all of the runs.
const SURE: f64 = 1.0;

/// What is drawn: words above, then rows.
pub(super) struct Page {
    title: String,
    pub(super) above: Vec<Line>,
    rows: Vec<Row>,
    keys: &'static [&'static str],
}

/// Draws it in the middle of the screen.
pub fn draw(app: &App, many: &Many, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let [body, foot] = with_footer(area);
    let page = match &many.what {
        What::Spread(spread) => of_spread(theme, spread),
        What::Turning(turning) => of_turning(theme, turning, many.next().is_none()),
        What::Ways(ways) => of_ways(theme, ways, many.next().is_none()),
    };
    let wide = WIDE.min(body.width);
    let trouble = many.trouble.as_ref().map(|why| vec![piece(why.clone(), theme.bad)]);
    let above: Vec<Line> =
        page.above.iter().chain(&trouble).flat_map(|line| wrap_pieces(line, usize::from(wide.saturating_sub(4)), 0)).collect();
    let high = (above.len() + page.rows.len() + 3).min(usize::from(body.height));
    let place = body.centered(wide.into(), (high as u16).into());
    Pen::new(buf, place).clear(place);
    buf.set_style(place, theme.base);
    let inner = panel(place, buf, theme, &page.title, true);
    let [top, list] = ratatui::layout::Layout::vertical([
        ratatui::layout::Constraint::Length((above.len() as u16 + 1).min(inner.height)),
        ratatui::layout::Constraint::Fill(1),
    ])
    .areas(inner);
    super::super::lab::draw::put_lines(&above, Rect { x: top.x + 1, width: top.width.saturating_sub(2), ..top }, buf);
    let more = listing::list(list, &page.rows, many.cursor, buf, theme, hits);
    listing::more_below(place, more, buf, theme);
    footer::over(app, page.keys, foot, buf, hits);
}

fn short(x: f64) -> String {
    crate::statistics::short(x, 4)
}

/// The selected row in words.
pub(super) fn told(many: &Many) -> Option<String> {
    match &many.what {
        What::Spread(spread) => {
            let histogram = spread.histogram()?;
            let count = histogram.bins.get(many.cursor)?;
            Some(format!("{}: {count} seeds with {}", spread.measure()?.name, label(&histogram, many.cursor)))
        }
        What::Turning(turning) => turning.points().get(many.cursor).map(|point| format!("{}: {}", point.at, percent(point.share))),
        What::Ways(ways) => ways.found().get(many.cursor).map(ToString::to_string),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A bar of a share.
fn bar(theme: &Theme, share: f64) -> String {
    let cells = (share.clamp(0.0, 1.0) * BAR as f64).round() as usize;
    let text = if cells == 0 && share > 0.0 { theme.glyphs.sliver.to_string() } else { theme.glyphs.levels[7].repeat(cells) };
    format!("{text:BAR$}")
}

pub(super) fn of_spread(theme: &Theme, spread: &Spread) -> Page {
    let (done, all) = spread.progress();
    let name = spread.measure().map_or("", |doc| doc.name);
    let mut above = vec![vec![piece(spread.measure().map_or("", |doc| doc.about).to_string(), theme.text)]];
    let own = spread.own().map_or_else(|| "this run has no such number".to_string(), |x| format!("this run: {}", short(x)));
    let others = spread.summary().map(|all| {
        let [p50, _, p99, _] = all.percentiles.map(short);
        format!("   mean {}, median {p50}, p99 {p99}", short(all.mean))
    });
    above.push(vec![piece(own, theme.strong), piece(others.unwrap_or_default(), theme.dim)]);
    let number = |n: usize| numbers::count(n as u64);
    above.push(vec![piece(format!("{} of {} other seeds: the same pokes at the same times", number(done), number(all)), theme.dim)]);
    let with = spread.with();
    if with < done {
        let [with, none] = [with, done - with].map(number);
        above.push(vec![piece(
            format!("{with} have this number, {none} have none: the bars, mean, median and p99 are of the {with}"),
            theme.strong,
        )]);
    }
    let rows = spread.histogram().map_or_else(Vec::new, |histogram| {
        let most = histogram.bins.iter().copied().max().unwrap_or(0).max(1);
        let here = spread.own().map(|x| histogram.bin_of(x));
        let row = |(bin, count): (usize, &usize)| {
            let mark = if here == Some(bin) { format!("   {} this run", theme.glyphs.arrows[0]) } else { String::new() };
            let right = format!("{} {:>5}{mark}", bar(theme, *count as f64 / most as f64), count);
            let style = if here == Some(bin) { theme.strong } else { theme.text };
            Row { left: label(&histogram, bin), right, style, bar: true, ..Row::default() }
        };
        histogram.bins.iter().enumerate().map(row).collect()
    });
    let keys = &["many-enter", "many-down", "many-next", "many-own", "close-many"];
    Page { title: format!("{name} over many seeds"), above, rows, keys }
}

/// `3`, `3 to 5`, `12.5 to 15`
fn label(histogram: &crate::statistics::Histogram, bin: usize) -> String {
    let (from, to) = histogram.ends(bin);
    // Bins of whole numbers begin between two of them.
    let whole = (histogram.from.fract().abs() - 0.5).abs() < 1e-9 && histogram.width.fract().abs() < 1e-9;
    match (whole, histogram.width > 1.0) {
        (true, false) => short(from + 0.5),
        (true, true) => format!("{} to {}", short(from + 0.5), short(to - 0.5)),
        _ => format!("{} to {}", short(from), short(to)),
    }
}

fn of_turning(theme: &Theme, turning: &Turning, done: bool) -> Page {
    let jump = turning.jump();
    let told = match jump.and_then(|at| Some((turning.points().get(at - 1)?, turning.points().get(at)?))) {
        Some((before, after)) => format!(
            "Between {} and {} the share grows from {} to {}: that moment mattered.",
            before.at,
            after.at,
            percent(before.share),
            percent(after.share)
        ),
        None if done => without_a_jump(turning.points()),
        None => "Each row: from that moment on with 40 other seeds, and how often it still ends so.".to_string(),
    };
    let above = vec![vec![piece(told, if jump.is_some() { theme.strong } else { theme.text })]];
    let row = |(index, point): (usize, &super::turning::Point)| {
        let mark = if jump == Some(index) { format!("  {} from here on", theme.glyphs.arrows[0]) } else { String::new() };
        let style = if jump == Some(index) { theme.strong } else { theme.text };
        Row {
            left: point.at.to_string(),
            right: format!("{} {:>5}{mark}", bar(theme, point.share), percent(point.share)),
            style,
            bar: true,
            ..Row::default()
        }
    };
    let rows = turning.points().iter().enumerate().map(row).collect();
    let state = if done { "" } else { " (still running)" };
    let keys = &["many-enter", "many-down", "many-next", "close-many"];
    Page { title: format!("Point of no return: {}{state}", turning.words()), above, rows, keys }
}

/// What is so where the share jumps at no moment.
fn without_a_jump(points: &[super::turning::Point]) -> String {
    let lowest = points.iter().map(|point| point.share).fold(1.0, f64::min);
    let highest = points.iter().map(|point| point.share).fold(0.0, f64::max);
    let [first, last] = [points.first(), points.last()].map(|point| percent(point.map_or(0.0, |point| point.share)));
    if lowest >= SURE {
        "From the start: with these pokes it came to this with every seed that was tried.".to_string()
    } else if highest - lowest < super::turning::JUMP {
        format!("No moment mattered: from each it comes to this in {} to {} of the runs.", percent(lowest), percent(highest))
    } else {
        format!("The share never jumps: it goes from {first} to {last} little by little.")
    }
}

fn of_ways(theme: &Theme, ways: &Ways, done: bool) -> Page {
    let count = |n: usize| if n == 1 { "1 poke".to_string() } else { format!("{n} pokes") };
    let progress = ways.progress();
    let told = match (ways.shortest(), done) {
        (Some(pokes), _) => format!("The shortest way found has {}.", count(pokes)),
        (None, true) => no_way(&progress),
        (None, false) => "No way is found yet.".to_string(),
    };
    let number = |n: usize| numbers::count(n as u64);
    let tried = format!("{}: {} of {} beginnings tried", count(progress.pokes), number(progress.tried), number(progress.of));
    let left_out = if progress.left_out > 0 { format!("   {} left out", number(progress.left_out)) } else { String::new() };
    let [runs, runs_most, events, budget] = [progress.runs, progress.runs_most, progress.events, progress.budget].map(numbers::count);
    let events = format!("{runs} of at most {runs_most} runs, {events} of at most {budget} events");
    let above = vec![vec![piece(told, theme.strong)], vec![piece(format!("{tried}{left_out}"), theme.dim)], vec![piece(events, theme.dim)]];
    let rows = ways.found().iter().map(|found| Row { left: found.to_string(), style: theme.text, ..Row::default() }).collect();
    Page { title: "A way from here to the goal".to_string(), above, rows, keys: &["many-enter", "many-down", "close-many"] }
}

/// What a search that found nothing has tried.
fn no_way(progress: &Progress) -> String {
    match progress.whole {
        _ if progress.left_out == 0 => "No way was found, and nothing is left to try at the moments that are tried.".to_string(),
        0 => "No way was found. Only a part of what could be done was tried.".to_string(),
        1 => "No way was found. Each poke was tried alone now; of more pokes only a part.".to_string(),
        whole => format!("No way was found. Of up to {whole} pokes all were tried, at a few moments; of more only a part."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::turning::Point;
    use super::{no_way, without_a_jump};
    use crate::lesson::survey::Progress;
    use crate::sim::time::Time;

    #[test]
    fn what_is_said_of_shares_without_a_jump_is_so() {
        let said = |shares: &[f64]| {
            let points: Vec<Point> = (0..).zip(shares).map(|(at, share)| Point { at: Time(at), share: *share }).collect();
            without_a_jump(&points)
        };
        assert!(said(&[1.0, 1.0, 1.0]).starts_with("From the start"));
        assert_eq!(said(&[0.5, 0.6, 0.55]), "No moment mattered: from each it comes to this in 50 % to 60 % of the runs.");
        assert_eq!(said(&[0.2, 0.4, 0.6, 0.8, 1.0]), "The share never jumps: it goes from 20 % to 100 % little by little.");
    }

    #[test]
    fn a_search_in_vain_says_how_much_it_tried() {
        let of =
            |whole, left_out| no_way(&Progress { pokes: 6, tried: 1, of: 1, whole, left_out, runs: 9, runs_most: 9, events: 9, budget: 9 });
        assert!(of(0, 5).contains("Only a part"));
        assert!(of(2, 5).contains("Of up to 2 pokes all were tried") && of(2, 5).contains("of more only a part"));
        assert!(of(6, 0).contains("nothing is left to try"));
    }
}
