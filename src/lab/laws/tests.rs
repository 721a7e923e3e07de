//! The laws of the program in their quick form, the format, and files of other laws.

use std::collections::BTreeSet;
use std::path::Path;

use super::law::{OF_OPERATION, OF_ROUND};
use super::{INSIDE, LawsArgs, Measured, News, PAGE, format, load, run};
use crate::algo::exact::{Exact, FUNCTIONS};
use crate::cluster::facts::FactDoc;
use crate::cluster::registry::MODELS;
use crate::lesson::format::Table;
use crate::lesson::format::page::rows;
use crate::lesson::source::Source;

fn read(text: &str) -> Result<Vec<super::law::Law>, Vec<String>> {
    load::load(&Source::new("laws.toml", text), MODELS).map_err(|mistakes| mistakes.lines())
}

/// The example at the end of the page.
fn example() -> &'static str {
    PAGE.rsplit("```toml\n").next().and_then(|rest| rest.split("```").next()).unwrap()
}

/// All that is measured.
fn measure(laws: &[super::law::Law], quick: bool, threads: usize) -> Vec<Measured<'_>> {
    let mut all = Vec::new();
    let heard = super::measure(laws, quick, threads, &mut |news| {
        all.extend(if let News::Case(one) = news { Some(one) } else { None });
        Ok(())
    });
    heard.unwrap();
    all
}

fn failures(measured: &[Measured]) -> Vec<String> {
    let told = |one: &Measured| format!("{} {}: {:?}", one.law.id, one.case.label, one.judged);
    measured.iter().filter(|one| !one.passes()).map(told).collect()
}

/// Laws of queues need many requests even in the quick form, and those of a thousand members many events.
const HEAVY: [&str; 16] = [
    "mm1",
    "mmc-erlang-c",
    "little",
    "lb-policies",
    "supermarket-limit",
    "usl-cluster",
    "mg1",
    "one-fast-machine",
    "p99-of-two-servers",
    "link-queue",
    "replicas-and-writes",
    "gossip-rounds-1000",
    "gossip-rounds-4096",
    "demers-counter",
    "demers-blind-coin",
    "demers-pull",
];

fn quick_failures(is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut laws = read(INSIDE).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    laws.retain(|law| is_wanted(&law.id));
    failures(&measure(&laws, true, 2))
}

#[test]
fn laws_hold_in_their_quick_form() {
    assert_eq!(quick_failures(|id| !HEAVY.contains(&id)), Vec::<String>::new());
}

#[test]
#[ignore = "minutes in a debug build: millions of events"]
fn heavy_laws_hold_in_their_quick_form() {
    assert_eq!(quick_failures(|id| HEAVY.contains(&id)), Vec::<String>::new());
}

#[test]
fn the_example_of_the_page_reads_and_holds() {
    let laws = read(example()).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    assert_eq!(failures(&measure(&laws, true, 2)), Vec::<String>::new());
}

#[test]
fn what_is_measured_does_not_depend_on_the_number_of_threads() {
    let laws = read(example()).unwrap();
    let of = |threads| measure(&laws, true, threads).into_iter().map(|one| one.judged).collect::<Vec<_>>();
    assert_eq!(of(1), of(3));
}

/// Takes so many lines, and is then gone, as the reader of a pipe is.
struct Reader(usize);

impl std::io::Write for Reader {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        let lines = text.split(|byte| *byte == b'\n').count() - 1;
        self.0 = self.0.checked_sub(lines).ok_or(std::io::ErrorKind::BrokenPipe)?;
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_case_is_printed_when_it_is_known_and_nothing_more_is_measured_when_nobody_reads() {
    // The second would take hours.
    let text = "[[law]]\nid = \"one\"\ntitle = \"t\"\nsource = \"s\"\nalgorithm = \"exp\"\nwith = [0]\n\
        expect = [{ what = \"x\", expected = 1, tolerance = \"exact\" }]\n[[law]]\nid = \"two\"\ntitle = \"t\"\nsource = \"s\"\n\
        algorithm = \"balls_in_bins\"\nwith = [10000, 3]\ntrials = 10000000\nexpect = [{ what = \"x\", expected = 1, tolerance = 1 }]\n";
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let args = LawsArgs { file: Some(file.path().to_path_buf()), ..LawsArgs::default() };
    let why = run(&args, &mut Reader(2)).expect_err("the third line has no reader").to_string();
    assert!(why.contains("pipe"), "{why}");
}

#[test]
fn a_law_that_is_not_so_fails() {
    let text =
        example().replacen("1000 / (100 - {{rate}})", "1100 / (100 - {{rate}})", 1).replacen("tolerance = \"3%\"", "tolerance = \"1%\"", 1);
    let laws = read(&text).unwrap();
    let failed = failures(&measure(&laws, false, 2));
    assert_eq!(failed.len(), 2, "{failed:#?}");
    let text = example().replacen("choose(2, 1) / choose(3, 1)", "0.5", 1);
    let failed = failures(&measure(&read(&text).unwrap(), false, 2));
    assert!(failed.len() == 1 && failed[0].starts_with("overlap"), "{failed:#?}");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = r#"
[[law]]
id = "A b"
title = "t"
model = "quorom"
do = ["crash n1"]
expect = [{ what = "x", number = "acked", expected = 1, tolerance = "a lot" }]

[[law]]
id = "two"
title = "t"
source = "s"
model = "quorum"
settings = { n = 30, w = "{{k}}" }
cases = [{ kk = 1 }]
do = ["crsh n1"]
trials = 0
expect = [{ what = "x", number = "acked", statistic = "median", expected = "choose(3)", tolerance = 1, lest = 2 }]

[[law]]
id = "two"
title = "t"
source = "s"
model = "quorum"
do = ["crash n9", "until opn == 0", "seed 4", { chance = 1.5, do = ["crash n1"] }, { pick = 3, do = ["crash n1"] }, { try = ["run 1s"] }, { wait = "soon" }, { do = [] }]
expect = [
  { what = "x", number = "akked", expected = 1, tolerance = 1 },
  { what = "x", number = "decided_by", expected = 1, tolerance = 1 },
  { what = "x", operations = "reed", expected = 1, tolerance = 1 },
  { what = "x", operations = "read", number = "mz", expected = 1, most = 2, tolerance = 1 },
  { what = "x", number = "acked", points = [[1, 2]], tolerance = 1 },
  { what = "x", tolerance = 1 },
]

[[law]]
id = "three"
title = "t"
source = "s"
algorithm = "erlang"
with = [1]
nodes = 3
expect = [{ what = "x", operations = "read", expected = 1, tolerance = 1 }]
"#;
    let told = read(text).err().unwrap().join("\n");
    insta::assert_snapshot!(told);
}

#[test]
fn the_quick_form_does_a_hundredth_of_the_trials_and_ten_at_least() {
    for (trials, quick) in [(4, 4), (50, 10), (5000, 50)] {
        let law = format!(
            "[[law]]\nid = \"a\"\ntitle = \"t\"\nsource = \"s\"\nalgorithm = \"exp\"\nwith = [0]\ntrials = {trials}\n\
             expect = [{{ what = \"x\", expected = 1, tolerance = \"exact\" }}]\n"
        );
        let laws = read(&law).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        assert_eq!(laws[0].cases[0].trials, [trials, quick]);
    }
}

#[test]
fn a_run_that_cannot_be_done_fails_its_law_and_no_other() {
    let text = example().replacen("\"until open == 0\"", "\"until false\"", 1);
    let laws = read(&text).unwrap();
    let measured = measure(&laws, true, 2);
    let failed = failures(&measured);
    assert!(failed.len() == 1 && failed[0].contains("did not come true"), "{failed:#?}");
}

#[test]
fn laws_are_named_by_their_ids_or_how_they_begin() {
    let mut out = Vec::new();
    let args =
        |ids: &[&str], json| LawsArgs { ids: ids.iter().map(|id| (*id).to_string()).collect(), quick: true, json, ..LawsArgs::default() };
    assert!(run(&args(&["usl-amdahl", "phi-definition"], false), &mut out).unwrap());
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
    let mut out = Vec::new();
    assert!(run(&args(&["usl-amdahl"], true), &mut out).unwrap());
    let object: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((object["pass"].as_bool(), object["laws"][0]["id"].as_str()), (Some(true), Some("usl-amdahl")));
    let told = run(&args(&["usk"], false), &mut Vec::new()).expect_err("there is none").to_string();
    assert!(told.contains("there is no law `usk`") && told.contains("mm1"), "{told}");
}

#[test]
fn ids_and_sources_are_all_there() {
    let laws = read(INSIDE).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    assert_eq!(laws.iter().map(|law| law.id.as_str()).collect::<BTreeSet<_>>().len(), laws.len());
    assert!(laws.iter().all(|law| !law.source.is_empty() && !law.cases.is_empty()));
}

/// The page with every list made anew.
fn remade() -> String {
    let keys: [(&str, &Table); 3] = [("law", &format::LAW), ("deed", &format::DEED), ("expect", &format::EXPECT)];
    let mut page = PAGE.to_string();
    for (name, table) in keys {
        let groups: Vec<usize> = (0..table.keys.len()).collect();
        page = replaced(&page, &format!("<!-- keys of: {name} -->\n"), &rows(table, &groups));
    }
    let names = |all: &[FactDoc]| lines(all.iter().map(|doc| format!("- `{}`: {}", doc.name, doc.about)));
    page = replaced(&page, "<!-- names of: round -->\n", &names(&OF_ROUND));
    page = replaced(&page, "<!-- names of: operation -->\n", &names(&OF_OPERATION));
    let star = |exact: &Exact| if exact.is_drawn() { " *" } else { "" };
    let functions = FUNCTIONS.iter().map(|exact| format!("- `{}`{}: {}", exact.form(), star(exact), exact.about));
    replaced(&page, "<!-- names of: function -->\n", &lines(functions))
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join("\n") + "\n"
}

fn replaced(page: &str, marker: &str, by: &str) -> String {
    let start = page.find(marker).unwrap_or_else(|| panic!("the page has no {marker}")) + marker.len();
    let end = if page[start..].starts_with('\n') { start } else { page[start..].find("\n\n").map_or(page.len(), |end| start + end + 1) };
    format!("{}{by}{}", &page[..start], &page[end..])
}

#[test]
fn the_page_describes_the_format() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/LAWS.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, remade()).unwrap();
    }
    assert!(std::fs::read_to_string(&file).unwrap() == remade(), "assets/LAWS.md is not as the format is described; run with UPDATE=1");
}
