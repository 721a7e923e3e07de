//! `splitbrain handout`: lessons as pages. The steps come first, as they are asked; what happened and the answers come after, on a page of
//! their own, so that a sheet can be worked on before it is read.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;

use anyhow::{Context as _, anyhow, bail};

use super::html::{inline, markdown, page as whole, plain};
use super::{put, theme, title};
use crate::cluster::facts::figure;
use crate::frames::{self, Scheme};
use crate::lab::pictures::HandoutArgs;
use crate::lesson::measure::{Measure, Table};
use crate::lesson::schema::{Alternative, Compare, CorrectionKind, Lesson, Origin, Script, Step, StepKind, Try};
use crate::lesson::walk::Halt;
use crate::lesson::{Catalogue, catalogue};
use crate::tui::Options;
use crate::tui::offscreen::Offscreen;
use crate::tui::widgets::markdown::unmarked;

/// The size of a figure, in cells; of two designs side by side.
const FIGURE: (u16, u16) = (104, 30);
const FIGURE_OF_TWO: (u16, u16) = (128, 34);

/// The most moments of one step that are shown.
const MOMENTS_MAX: usize = 4;

/// More stops than any step has.
const STOPS_MAX: usize = 500;

/// Writes the pages.
pub(super) fn run(args: &HandoutArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let known = known(args)?;
    let ids: Vec<String> = if args.all { known.lessons().map(str::to_string).collect() } else { args.ids.clone() };
    let unknown: Vec<String> = ids.iter().filter(|id| !known.has(id)).map(|id| known.unknown(id)).collect();
    if !unknown.is_empty() {
        bail!(unknown.join("\n"));
    }
    let index = args.out.join("index.html");
    let several = ids.len() > 1;
    let paths = ids.iter().map(|id| args.out.join(format!("{id}.html"))).chain(several.then(|| index.clone()));
    let there: Vec<String> = paths.filter(|path| path.exists() && !args.force).map(|path| path.display().to_string()).collect();
    if !there.is_empty() {
        bail!("already there, and left as they are; --force replaces them:\n{}", there.join("\n"));
    }
    fs::create_dir_all(&args.out).with_context(|| format!("--out {}", args.out.display()))?;
    for id in &ids {
        let text = page(id, args)?;
        put(&args.out.join(format!("{id}.html")), &text, args.force, out)?;
    }
    if several {
        put(&index, &contents(&known, &ids), args.force, out)?;
    }
    Ok(())
}

fn known(args: &HandoutArgs) -> anyhow::Result<Catalogue> {
    let mut known = catalogue().clone();
    if let Some(folder) = &args.lessons {
        known.add_folder(folder).with_context(|| format!("cannot read the lessons in {}", folder.display()))?;
    }
    Ok(known)
}

/// The list of several pages.
fn contents(known: &Catalogue, ids: &[String]) -> String {
    let mut body = String::from("<h1>Lessons</h1>\n<ul>\n");
    for id in ids {
        if let Some(topic) = known.topics.topic(id) {
            // Writing to a String cannot fail.
            let _ = writeln!(
                body,
                "<li><a href=\"{}.html\">{}</a><br/><span class=\"meta\">{}</span></li>",
                plain(id),
                plain(&topic.title),
                inline(&topic.question)
            );
        }
    }
    body.push_str("</ul>\n");
    whole("Lessons", &body)
}

/// The page of one lesson.
pub fn page(id: &str, args: &HandoutArgs) -> anyhow::Result<String> {
    let theme = theme("light", false)?;
    let options = Options { open: Some(id.to_string()), lessons: args.lessons.clone(), ..Options::default() };
    let off = Offscreen::open(&options, theme, FIGURE).with_context(|| id.to_string())?;
    let lesson = off.walk()?.lesson().clone();
    let mut sheet = Sheet { off, lesson, steps: String::new(), answers: String::new(), figures: 0 };
    for index in 0..sheet.lesson.steps.len() {
        sheet.step(index).with_context(|| format!("{id}, step {}", index + 1))?;
    }
    Ok(sheet.page())
}

struct Sheet {
    off: Offscreen,
    lesson: Lesson,
    /// What is asked.
    steps: String,
    /// What came of it.
    answers: String,
    /// How many figures of this step there are.
    figures: u8,
}

/// Adds a line of HTML. Writing to a String cannot fail.
macro_rules! line {
    ($to:expr, $($part:tt)*) => { let _ = writeln!($to, $($part)*); };
}

impl Sheet {
    fn page(&self) -> String {
        let lesson = &self.lesson;
        let mut body = String::new();
        line!(body, "<h1>{}</h1>", plain(&lesson.title));
        line!(body, "<p class=\"question\">{}</p>", inline(&lesson.question));
        let command = format!("splitbrain {}", lesson.id);
        line!(body, "<p class=\"meta\">Every picture is of a run of a real cluster. Run it yourself: <code>{}</code></p>", plain(&command));
        body.push_str(&self.steps);
        line!(body, "<div class=\"part\">\n<h2>What happens</h2>");
        body.push_str(&self.answers);
        line!(body, "</div>\n<div class=\"part\">\n<h2>The answer</h2>");
        body.push_str(&markdown(&lesson.answer));
        if let Some(remember) = &lesson.remember {
            line!(body, "<p class=\"remember\">{}</p>", inline(remember));
        }
        self.corrections(&mut body);
        line!(body, "<h3>Sources</h3>\n<ul>");
        for source in &lesson.sources {
            line!(body, "<li>{}</li>", plain(source));
        }
        line!(body, "</ul>\n</div>");
        whole(&lesson.title, &body)
    }

    fn corrections(&self, body: &mut String) {
        if self.lesson.corrections.is_empty() {
            return;
        }
        line!(body, "<h3>Where notes often err</h3>\n<ul>");
        for correction in &self.lesson.corrections {
            let said = match (&correction.notes, correction.kind) {
                (Some(notes), CorrectionKind::Wrong) => format!("Not so: {}", inline(notes)),
                (Some(notes), _) => format!("Not quite: {}", inline(notes)),
                (None, _) => "Often missing:".to_string(),
            };
            line!(
                body,
                "<li>{said}<br/><b>{}</b> <span class=\"what\">(step {})</span></li>",
                inline(&correction.right),
                correction.see + 1
            );
        }
        line!(body, "</ul>");
    }

    fn step(&mut self, index: usize) -> anyhow::Result<()> {
        self.off.open_step(index)?;
        self.figures = 0;
        let step = self.lesson.steps[index].clone();
        let number = index + 1;
        line!(self.steps, "<h2>Step {number} <span class=\"what\">{}</span></h2>", what(&step.kind));
        match &step.kind {
            StepKind::Say { script, .. } => self.say(&step, script),
            StepKind::Predict { options, .. } => {
                self.opening(&step, index)?;
                self.predict(number, options)
            }
            StepKind::Try(goal) => {
                self.opening(&step, index)?;
                self.attempt(number, goal)
            }
            StepKind::Compare(compare) => {
                self.text(&step.text)?;
                self.compare(number, compare)
            }
            StepKind::Measure(measure) => {
                self.text(&step.text)?;
                self.measure(number, measure)
            }
        }
    }

    fn text(&mut self, text: &str) -> anyhow::Result<()> {
        let told = markdown(&self.off.told(text)?);
        self.steps.push_str(&told);
        Ok(())
    }

    /// The text, and the cluster as it is met where it is not the one that was just seen.
    fn opening(&mut self, step: &Step, index: usize) -> anyhow::Result<()> {
        self.text(&step.text)?;
        if index == 0 || matches!(step.origin, Origin::Fresh(_)) {
            let figure = self.figure("The cluster at the start of this step")?;
            self.steps.push_str(&figure);
        }
        Ok(())
    }

    /// What is told, and the moments that the author marks.
    fn say(&mut self, step: &Step, script: &Script) -> anyhow::Result<()> {
        let mut figures = String::new();
        if script.is_empty() {
            figures = self.figure("The cluster")?;
        }
        let mut shown = 0;
        for _ in 0..STOPS_MAX {
            if script.is_empty() {
                break;
            }
            let halt = self.off.to_stop()?;
            let mark = self.off.lab()?.stopped_at_mark().filter(|words| !words.is_empty());
            match (halt, mark) {
                (Some(Halt::Mark(_)), Some(words)) if shown + 1 < MOMENTS_MAX => {
                    shown += 1;
                    figures.push_str(&self.figure(&words)?);
                }
                (Some(Halt::Mark(_)), _) => {}
                (Some(Halt::Stuck(why)), _) => bail!("it cannot go on: {why}"),
                _ => {
                    figures.push_str(&self.figure("At the end of this step")?);
                    break;
                }
            }
        }
        // What it says of numbers is of the end.
        self.text(&step.text)?;
        self.steps.push_str(&figures);
        Ok(())
    }

    /// To the end of what the step does.
    fn run_out(&mut self) -> anyhow::Result<()> {
        for _ in 0..STOPS_MAX {
            match self.off.to_stop()? {
                Some(Halt::Mark(_) | Halt::Command(_) | Halt::Told | Halt::Differs | Halt::Miss(_)) => {}
                Some(Halt::Stuck(why)) => bail!("it cannot go on: {why}"),
                Some(Halt::Locked) => bail!("a prediction was not made"),
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    fn predict(&mut self, number: usize, options: &[Alternative]) -> anyhow::Result<()> {
        line!(self.steps, "<ol class=\"options\">");
        for option in options {
            let text = inline(&self.off.told(&option.text)?);
            line!(self.steps, "<li><span class=\"box\"></span>{text}</li>");
        }
        line!(self.steps, "</ol>");
        let right = options.iter().position(|option| option.right).unwrap_or(0);
        self.off.change(|walk| walk.choose(right).map_err(|why| anyhow!(why)))?;
        self.run_out()?;
        line!(self.answers, "<h3>Step {number}</h3>");
        let figure = self.figure("What happened")?;
        self.answers.push_str(&figure);
        line!(self.answers, "<ol class=\"options\">");
        for option in options {
            let (text, why) = (inline(&self.off.told(&option.text)?), inline(&self.off.told(&option.why)?));
            let (class, sign) = if option.right { (" class=\"right\"", "✓") } else { ("", "✕") };
            line!(self.answers, "<li><span{class}>{sign} {text}</span><br/>{why}</li>");
        }
        line!(self.answers, "</ol>");
        Ok(())
    }

    fn attempt(&mut self, number: usize, goal: &Try) -> anyhow::Result<()> {
        line!(self.steps, "<ul class=\"goals\">");
        for clause in &goal.goal.clauses {
            let say = inline(&self.off.told(&clause.say)?);
            line!(self.steps, "<li><span class=\"box\"></span>{say}</li>");
        }
        line!(self.steps, "</ul>");
        line!(self.answers, "<h3>Step {number}</h3>\n<p>One way:</p>\n<pre><code>{}</code></pre>", plain(&commands(&goal.solution)));
        self.off.change(|walk| walk.show_solution(0).map_err(|mistakes| anyhow!("{mistakes}")))?;
        self.run_out()?;
        let reason = self.off.walk()?.reason().map(str::to_string);
        let figure = self.figure("After these commands")?;
        self.answers.push_str(&figure);
        if let Some(reason) = reason {
            let reason = markdown(&self.off.told(&reason)?);
            self.answers.push_str(&reason);
        }
        Ok(())
    }

    fn compare(&mut self, number: usize, compare: &Compare) -> anyhow::Result<()> {
        let (a, b) = (plain(&compare.a.name), plain(&compare.b.name));
        line!(self.steps, "<p>A: <b>{a}</b>. B: <b>{b}</b>. To both happens:</p>");
        line!(self.steps, "<pre><code>{}</code></pre>", plain(&commands(&compare.script)));
        if let Some(look) = &compare.look {
            self.text(look)?;
        }
        self.run_out()?;
        line!(self.answers, "<h3>Step {number}</h3>");
        let figure = self.figure(&format!("A: {}. B: {}", compare.a.name, compare.b.name))?;
        self.answers.push_str(&figure);
        let because = markdown(&self.off.told(&compare.because)?);
        self.answers.push_str(&because);
        Ok(())
    }

    fn measure(&mut self, number: usize, measure: &Measure) -> anyhow::Result<()> {
        if let Some(look) = &measure.look {
            self.text(look)?;
        }
        self.off.change(|walk| walk.measure().map_err(|mistakes| anyhow!("{mistakes}")))?;
        line!(self.answers, "<h3>Step {number}</h3>");
        if let Some(table) = self.off.walk()?.table() {
            self.answers.push_str(&tabulated(measure, table));
        }
        let because = markdown(&self.off.told(&measure.because)?);
        self.answers.push_str(&because);
        Ok(())
    }

    fn figure(&mut self, caption: &str) -> anyhow::Result<String> {
        let letter = char::from(b'a' + self.figures.min(25));
        let number = format!("{}{letter}", self.off.walk()?.index() + 1);
        self.figures += 1;
        let size = if self.off.walk()?.stage().is_two() { FIGURE_OF_TWO } else { FIGURE };
        let (at, title) = (self.off.at()?, title(&self.off)?);
        let drawing = frames::svg(&self.off.figure(size), &Scheme::LIGHT, &title);
        let caption = plain(&unmarked(caption));
        Ok(format!("<figure>\n{drawing}<figcaption>Figure {number}, at {at}: {caption}</figcaption>\n</figure>\n"))
    }
}

/// What is to be done at a step, in a few words.
const fn what(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Say { .. } => "look",
        StepKind::Predict { .. } => "what will happen?",
        StepKind::Try(_) => "bring it about",
        StepKind::Compare(_) => "two designs",
        StepKind::Measure(_) => "many runs",
    }
}

fn commands(script: &Script) -> String {
    script.lines.iter().map(|line| line.command.to_string()).collect::<Vec<_>>().join("\n")
}

/// A measured table.
fn tabulated(measure: &Measure, table: &Table) -> String {
    let mut out = String::from("<table>\n<tr><th></th>");
    for column in &measure.columns {
        let unit = column.unit.as_ref().map_or_else(String::new, |unit| format!(" ({unit})"));
        let _ = write!(out, "<th class=\"number\">{}</th>", plain(&format!("{}{unit}", column.name)));
    }
    out.push_str("</tr>\n");
    for (row, cells) in measure.rows.iter().zip(&table.rows) {
        let _ = write!(out, "<tr><th>{}</th>", plain(&row.label));
        for cell in cells {
            let mean = cell.mean.map_or_else(|| "none".to_string(), figure);
            let spread = cell.mean.is_some() && cell.least < cell.most;
            let range = if spread { format!(" ({} to {})", figure(cell.least), figure(cell.most)) } else { String::new() };
            let _ = write!(out, "<td class=\"number\">{}</td>", plain(&format!("{mean}{range}")));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
    if measure.seeds > 1 {
        let _ = writeln!(out, "<p class=\"meta\">Means of {} runs each, with the least and the greatest.</p>", measure.seeds);
    }
    out
}
