//! What the command line says of pictures: which lesson, which moment, how large, where to. They are made where the screens are known,
//! in [`crate::outside`].

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

use super::run::Course;
use crate::near::did_you_mean;
use crate::sim::time::Span;

/// What takes a lesson out of the terminal.
#[derive(Clone, Debug, Subcommand)]
pub enum Pictures {
    /// Draw one moment of a lesson as the screen shows it: SVG, text, or text with colours
    #[command(after_help = DEEDS)]
    Shot(ShotArgs),
    /// Record a lesson as it plays, as a film for asciinema
    #[command(after_help = DEEDS)]
    Record(RecordArgs),
    /// Draw the space-time diagram of a run alone, of a lesson its story, to be printed: SVG
    Diagram(DiagramArgs),
    /// Write lessons as pages to hand out: HTML with pictures, which needs nothing else
    Handout(HandoutArgs),
}

const DEEDS: &str = "A deed is a command (\"crash n1\", \"run 2s\", \"until 'leaders >= 2'\"), the name of an action (`splitbrain \
                     --print-keys` lists them: \"hint\", \"next-step\"), or \"press\" and keys (\"press 1 Enter\").";

/// Which lesson, and how it looks.
#[derive(Args, Clone, Debug, Default)]
pub struct Shown {
    /// The lesson, by its id; sandbox-MODEL is a cluster without a lesson
    #[arg(value_name = "LESSON")]
    pub lesson: String,
    /// The step to open, counted from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub step: Option<u16>,
    /// A deed, done in order with the others: a command, an action, or "press" and keys
    #[arg(long = "do", value_name = "DEED")]
    pub deeds: Vec<String>,
    /// Width and height of the screen, in cells
    #[arg(long, value_name = "WxH", default_value = "120x36")]
    pub size: Size,
    /// Theme: dark, light, high-contrast or colour-blind
    #[arg(long, value_name = "NAME", default_value = "dark")]
    pub theme: String,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
    /// Start clusters with this seed instead of the lesson's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
}

/// Draws one moment
#[derive(Args, Clone, Debug, Default)]
pub struct ShotArgs {
    /// Which lesson, and how it looks.
    #[command(flatten)]
    pub shown: Shown,
    /// The moment, in virtual time, such as 1.5s; gone to after the deeds
    #[arg(long, value_name = "T")]
    pub at: Option<Span>,
    /// The file to write: its ending is .svg, .txt or .ansi [default: print the text]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// Records a lesson
#[derive(Args, Clone, Debug)]
pub struct RecordArgs {
    /// Which lesson, and how it looks.
    #[command(flatten)]
    pub shown: Shown,
    /// Leave out what is before this moment of virtual time
    #[arg(long, value_name = "T")]
    pub from: Option<Span>,
    /// Play on to this moment of virtual time after the deeds [default: to the end of what the step shows]
    #[arg(long, value_name = "T")]
    pub to: Option<Span>,
    /// Frames a second
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u8).range(1..=30))]
    pub fps: u8,
    /// So many times faster than the lesson plays by itself; at most 100
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// How long what is new stands still to be read, in real time
    #[arg(long, value_name = "T", default_value = "2500ms")]
    pub hold: Span,
    /// The version of the film: v2, or v3, which needs a player of 2025
    #[arg(long, value_name = "V", default_value = "v2", value_parser = ["v2", "v3"])]
    pub format: String,
    /// The file to write, such as x.cast
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// Draws the space-time diagram of a run; of a lesson without commands its story
#[derive(Args, Clone, Debug, Default)]
pub struct DiagramArgs {
    /// What is drawn; of a lesson without commands its story.
    #[command(flatten)]
    pub course: Course,
    /// Leave out what is before this moment of virtual time
    #[arg(long, value_name = "T")]
    pub from: Option<Span>,
    /// Leave out what is after this moment of virtual time
    #[arg(long, value_name = "T")]
    pub to: Option<Span>,
    /// Leave out heartbeats and acknowledgements; where there are very many they are left out anyway
    #[arg(long)]
    pub no_quiet: bool,
    /// Words to stand above it [default: the title of the lesson, or the model]
    #[arg(long, value_name = "WORDS")]
    pub title: Option<String>,
    /// The file to write: x.svg
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// Writes pages to hand out
#[derive(Args, Clone, Debug)]
pub struct HandoutArgs {
    /// The lessons, by their ids
    #[arg(value_name = "LESSON", required_unless_present = "all")]
    pub ids: Vec<String>,
    /// Every lesson
    #[arg(long, conflicts_with = "ids")]
    pub all: bool,
    /// The folder to write to: a page for each lesson, and index.html where there are several
    #[arg(short, long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace pages that are there
    #[arg(long)]
    pub force: bool,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
}

/// The width and height of a screen, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u16, pub u16);

impl Default for Size {
    fn default() -> Size {
        Size(120, 36)
    }
}

/// The least and the greatest size of a picture.
const LEAST: Size = Size(40, 10);
const GREATEST: Size = Size(500, 200);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let sides = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        let within = |&(width, height): &(u16, u16)| (LEAST.0..=GREATEST.0).contains(&width) && (LEAST.1..=GREATEST.1).contains(&height);
        sides.filter(within).map(|(width, height)| Size(width, height)).ok_or_else(|| {
            format!("a size is a width and a height in cells, {}x{} to {}x{}: 120x36", LEAST.0, LEAST.1, GREATEST.0, GREATEST.1)
        })
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|x| (0.05..=100.0).contains(x));
    number.ok_or_else(|| "a speed is a number from 0.05 to 100, such as 2".to_string())
}

/// The kinds of pictures, by the ending of their files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A drawing.
    Svg,
    /// Plain text.
    Text,
    /// Text with the colours of a terminal.
    Ansi,
}

impl Form {
    const ALL: [(&'static str, Form); 3] = [("svg", Form::Svg), ("txt", Form::Text), ("ansi", Form::Ansi)];

    /// The kind that a file is to have. The error says which there are.
    pub fn of(path: &std::path::Path) -> Result<Form, String> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let found = Form::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(ending));
        found.map(|(_, form)| *form).ok_or_else(|| {
            let near = did_you_mean(ending, Form::ALL.iter().map(|(name, _)| *name));
            format!("{}: the ending of a picture is .svg, .txt or .ansi{near}", path.display())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_numbers_within_reason() {
        assert_eq!("80x24".parse(), Ok(Size(80, 24)));
        for wrong in ["", "80", "80x", "x24", "80X24", "39x24", "80x9", "501x24", "80x201", "99999x24", "-1x24"] {
            assert!(wrong.parse::<Size>().unwrap_err().contains("120x36"), "{wrong}");
        }
    }

    #[test]
    fn the_ending_says_what_is_drawn() {
        assert_eq!(Form::of("a/b.SVG".as_ref()), Ok(Form::Svg));
        assert!(Form::of("x.text".as_ref()).unwrap_err().contains(".svg, .txt or .ansi"));
        assert!(Form::of("svg".as_ref()).is_err());
    }
}
