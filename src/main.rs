//! The command line.
fn main() -> anyhow::Result<()> {
    splitbrain::tui::run(&splitbrain::tui::Options::default())
}
