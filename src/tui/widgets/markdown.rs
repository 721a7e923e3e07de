//! Markdown as styled lines: headings, emphasis, code, lists, quotations and simple tables.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use ratatui::style::{Modifier, Style};

use super::text::{Line, line_width, piece, wrap_pieces};
use crate::tui::theme::Theme;

/// `source` as lines of at most `width` cells. Parse once and keep the lines until source, width or theme change.
pub fn lines(theme: &Theme, source: &str, width: usize) -> Vec<Line> {
    let mut page = Page::new(theme, width.max(1));
    for event in Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        page.event(event);
    }
    page.flush();
    while page.lines.last().is_some_and(Vec::is_empty) {
        page.lines.pop();
    }
    page.lines
}

/// One line of `source` without its marks: of `**both** by *5*` is left `both by 5`. What stands between backticks stays as it is.
pub fn unmarked(source: &str) -> String {
    // Behind a word nothing is the sign of a list, a heading or a quotation.
    const WORD: &str = "x";
    let whole = format!("{WORD}{}", source.trim());
    let mut text = String::new();
    for event in Parser::new_ext(&whole, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(part) | Event::Code(part) | Event::InlineHtml(part) | Event::Html(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text.split_off(WORD.len().min(text.len()))
}

/// `source` behind a sign of one cell, or of none, in lines of at most `width` cells: every line but the first is indented.
pub fn hanging(theme: &Theme, (sign, style): (&str, Style), source: &str, width: usize) -> Vec<Line> {
    let mut lines = lines(theme, source, width.saturating_sub(2));
    for (i, line) in lines.iter_mut().enumerate() {
        let before = if i == 0 && !sign.is_empty() { piece(format!("{sign:<2}"), style) } else { piece("  ", theme.text) };
        line.insert(0, before);
    }
    lines
}

/// What is before every line of a block.
#[derive(Clone, Debug)]
enum Indent {
    Quote,
    /// Written once, then spaces of the same width.
    Bullet(String, bool),
}

struct Page<'t> {
    theme: &'t Theme,
    width: usize,
    lines: Vec<Line>,
    /// The paragraph being read.
    open: Line,
    /// Nested styles, innermost last.
    styles: Vec<Style>,
    indents: Vec<Indent>,
    /// The next number of every open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    in_code: bool,
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    rows: Vec<Vec<Line>>,
}

/// Cells that are left for the text, however deep blocks are nested.
const TEXT_MIN: usize = 4;

impl<'t> Page<'t> {
    fn new(theme: &'t Theme, width: usize) -> Page<'t> {
        Page {
            theme,
            width,
            lines: Vec::new(),
            open: Line::new(),
            styles: Vec::new(),
            indents: Vec::new(),
            lists: Vec::new(),
            in_code: false,
            table: None,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.code_lines(&text),
            Event::Text(text) | Event::InlineHtml(text) | Event::Html(text) => self.write(&text, Style::new()),
            Event::Code(text) => self.write(&text, self.code_style()),
            Event::SoftBreak => self.write(" ", Style::new()),
            Event::HardBreak => self.flush(),
            Event::Rule => self.rule(),
            _ => {}
        }
    }

    fn code_style(&self) -> Style {
        self.theme.client
    }

    fn style(&self) -> Style {
        self.styles.iter().fold(self.theme.text, |all, style| all.patch(*style))
    }

    fn write(&mut self, text: &str, extra: Style) {
        let style = self.style().patch(extra);
        self.open.push(piece(text, style));
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::TableHead | Tag::TableRow if self.table.is_none() => self.gap(),
            Tag::TableHead | Tag::TableRow => self.table_mut(|t| t.rows.push(Vec::new())),
            Tag::Heading { .. } => {
                self.gap();
                self.styles.push(self.theme.strong);
            }
            Tag::Emphasis => self.styles.push(Style::new().add_modifier(Modifier::ITALIC)),
            Tag::Strong => self.styles.push(self.theme.strong),
            Tag::Strikethrough => self.styles.push(self.theme.dim),
            Tag::Link { .. } | Tag::Image { .. } => self.styles.push(Style::new().add_modifier(Modifier::UNDERLINED)),
            Tag::BlockQuote(_) => {
                self.gap();
                self.indents.push(Indent::Quote);
            }
            Tag::List(first) => {
                self.flush();
                if self.lists.is_empty() {
                    self.gap();
                }
                self.lists.push(*first);
            }
            Tag::Item => self.item(),
            Tag::CodeBlock(kind) => self.code_block(kind),
            Tag::Table(_) => {
                self.gap();
                self.table = Some(Table::default());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image => {
                self.styles.pop();
            }
            TagEnd::Heading(_) => {
                self.flush();
                self.styles.pop();
            }
            TagEnd::Paragraph => self.flush(),
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.flush();
                self.indents.pop();
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.open);
                self.table_mut(|t| t.rows.last_mut().into_iter().for_each(|row| row.push(cell.clone())));
            }
            TagEnd::Table => self.finish_table(),
            _ => {}
        }
    }

    fn table_mut(&mut self, change: impl FnOnce(&mut Table)) {
        if let Some(table) = &mut self.table {
            change(table);
        }
    }

    fn item(&mut self) {
        self.flush();
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => format!("{} ", self.theme.glyphs.bullet),
        };
        self.indents.push(Indent::Bullet(mark, false));
    }

    fn code_block(&mut self, _kind: &CodeBlockKind<'_>) {
        self.gap();
        self.in_code = true;
    }

    /// Code keeps its lines; what is too long is cut, not wrapped.
    fn code_lines(&mut self, text: &str) {
        let style = self.code_style();
        for line in text.trim_end_matches('\n').split('\n') {
            let mut whole = self.prefix();
            whole.push(piece("  ", style));
            let room = self.width.saturating_sub(line_width(&whole));
            whole.push(piece(super::text::truncate(line, room, self.theme.glyphs.more), style));
            self.lines.push(whole);
        }
    }

    fn rule(&mut self) {
        self.gap();
        let across = self.theme.glyphs.follower_box.across.repeat(self.width);
        self.lines.push(vec![piece(across, self.theme.border)]);
    }

    /// An empty line between blocks; none inside the first line of a list item.
    fn gap(&mut self) {
        self.flush();
        let fresh_item = matches!(self.indents.last(), Some(Indent::Bullet(_, false)));
        if !fresh_item && self.lines.last().is_some_and(|l| !l.is_empty()) {
            self.lines.push(Line::new());
        }
    }

    /// What stands before the next line: the marks of the blocks that it is in, as far as they leave room for the text.
    fn prefix(&mut self) -> Line {
        let theme = self.theme;
        let mut room = self.width.saturating_sub(TEXT_MIN);
        let mut line = Line::new();
        for indent in &mut self.indents {
            let mark = match indent {
                Indent::Quote => piece(format!("{} ", theme.glyphs.quote), theme.dim),
                Indent::Bullet(mark, true) => piece(" ".repeat(super::text::width(mark)), theme.text),
                Indent::Bullet(mark, written) => {
                    *written = true;
                    piece(mark.clone(), theme.dim)
                }
            };
            let cells = super::text::width(&mark.text);
            if cells <= room {
                room -= cells;
                line.push(mark);
            }
        }
        line
    }

    /// Wraps the open paragraph into lines.
    fn flush(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let open = std::mem::take(&mut self.open);
        let mut prefix = self.prefix();
        let room = self.width.saturating_sub(line_width(&prefix)).max(1);
        for line in wrap_pieces(&open, room, 0) {
            let mut whole = std::mem::take(&mut prefix);
            whole.extend(line);
            self.lines.push(whole);
            prefix = self.prefix();
        }
    }

    /// Columns as wide as their widest cell; the last one takes what is left.
    fn finish_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |c: usize| table.rows.iter().filter_map(|r| r.get(c)).map(|cell| line_width(cell)).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        for (index, row) in table.rows.iter().enumerate() {
            self.table_row(row, &widths, index == 0);
        }
    }

    fn table_row(&mut self, row: &[Line], widths: &[usize], head: bool) {
        let mut line = Line::new();
        let mut indent = 0;
        for (column, cell) in row.iter().enumerate() {
            let last = column + 1 == row.len();
            let pad = if last { 0 } else { widths[column] - line_width(cell) + 2 };
            for part in cell {
                let style = if head { part.style.patch(self.theme.strong) } else { part.style };
                // A space inside a cell must not break the line before the last column.
                let text = if last { part.text.clone() } else { part.text.replace(' ', "\u{a0}") };
                line.push(piece(text, style));
            }
            line.push(piece(" ".repeat(pad), self.theme.text));
            indent += if last { 0 } else { widths[column] + 2 };
        }
        self.lines.extend(wrap_pieces(&line, self.width, indent));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(source: &str, width: usize) -> String {
        let text = |line: Line| line.into_iter().map(|p| p.text).collect::<String>().replace('\u{a0}', " ");
        lines(&Theme::default(), source, width).into_iter().map(text).map(|l| l.trim_end().to_string() + "\n").collect()
    }

    #[test]
    fn marks_are_left_out_and_signs_stay() {
        assert_eq!(unmarked("`price = price * 0.9` is **not** what *they* do"), "price = price * 0.9 is not what they do");
        assert_eq!(unmarked("2 * 3 * 4"), "2 * 3 * 4");
        assert_eq!(unmarked("- 3, or 1. nothing"), "- 3, or 1. nothing");
        assert_eq!(unmarked("n1 -> n2 <b>"), "n1 -> n2 <b>");
        assert_eq!(unmarked("two\nlines"), "two lines");
        assert_eq!(unmarked(""), "");
    }

    #[test]
    fn blocks_read_as_a_page() {
        let source = "# Two leaders\n\nOne *old*, one **new**:\nboth `accept` writes.\n\n- n1 never learned\n  of the vote\n- n2 won\n\n1. cut\n2. wait\n\n> In doubt, fence.\n\n```\nrun 2s\n```\n";
        insta::assert_snapshot!(plain(source, 24));
    }

    #[test]
    fn tables_stand_in_columns() {
        insta::assert_snapshot!(plain(
            "| a | what it costs |\n|-|-|\n| sync | one round trip to every follower |\n| async | lost writes |",
            34
        ));
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide(source in "[a-c*_`#> |\\-\n1.日\\[\\]()]{0,120}", width in 8usize..40) {
            for line in lines(&Theme::default(), &source, width) {
                prop_assert!(line_width(&line) <= width, "{:?}", line);
            }
        }
    }
}
