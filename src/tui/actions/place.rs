//! Where keys are read, and which places are read together.

/// Where an action applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Wherever keys are read, even while typing.
    Always,
    /// Wherever no text is typed.
    Anywhere,
    /// On the home screen.
    Home,
    /// In the search line of the home screen.
    Search,
    /// In a lesson.
    Lab,
    /// In a lesson, while the arrows turn a knob of the stage.
    Knobs,
    /// In a lesson, while the learner is the network.
    Network,
    /// In the quiz, whatever it waits for.
    Quiz,
    /// In the quiz, while an answer is chosen.
    QuizAsking,
    /// In the quiz, while an answer is typed.
    QuizTyping,
    /// In the quiz, before the answer is shown.
    QuizSure,
    /// In the quiz, once it is told what is right.
    QuizTold,
    /// At the end of the quiz.
    QuizEnd,
    /// In a presentation.
    Present,
    /// In a presentation, at the cluster.
    Poke,
    /// In the list of pages of a presentation.
    Pages,
    /// In the notes of a presentation.
    Notes,
    /// In the palette.
    Palette,
    /// In the box of a poke that needs one more key.
    Pick,
    /// In the list of what was tried.
    History,
    /// While a branch is given a name.
    Naming,
    /// While two branches are side by side.
    Two,
    /// Many runs beside the one on the stage.
    Many,
    /// In the settings.
    Settings,
    /// In the results.
    Results,
    /// In a text over the screen.
    Reader,
    /// On the second page of the help.
    Signs,
    /// On the end card of a lesson.
    End,
    /// In the help.
    Help,
    /// Wherever one was when something began that takes long, until it is done.
    Work,
}

impl Place {
    /// The heading in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Place::Always => "Always",
            Place::Work => "While something takes long",
            Place::Anywhere => "Everywhere but while typing",
            Place::Home => "Home",
            Place::Search => "Search",
            Place::Lab => "Lab",
            Place::Knobs => "Turning a knob",
            Place::Network => "Being the network",
            Place::Quiz => "Quiz",
            Place::QuizAsking => "Answering a question",
            Place::QuizTyping => "Typing an answer",
            Place::QuizSure => "How sure?",
            Place::QuizTold => "After the answer",
            Place::QuizEnd => "At the end of the quiz",
            Place::Present => "Presenting",
            Place::Poke => "Presenting: at the cluster",
            Place::Pages => "Pages of a presentation",
            Place::Notes => "Notes of a presentation",
            Place::Palette => "Palette",
            Place::Pick => "Choosing what to poke",
            Place::History => "What was tried",
            Place::Naming => "A name for a branch",
            Place::Two => "Two branches side by side",
            Place::Many => "One run, and all the others",
            Place::Settings => "Settings",
            Place::Results => "Results",
            Place::Reader => "Reading",
            Place::Signs => "Signs and words",
            Place::End => "End of a lesson",
            Place::Help => "Help",
        }
    }
}

/// The combinations of places that occur; keys are unique within each.
pub static CONTEXTS: &[&[Place]] = &[
    &[Place::Work, Place::Always],
    &[Place::Lab, Place::Anywhere, Place::Always],
    &[Place::Knobs, Place::Anywhere, Place::Always],
    &[Place::Network, Place::Anywhere, Place::Always],
    &[Place::QuizAsking, Place::Quiz, Place::Anywhere, Place::Always],
    &[Place::QuizTyping, Place::Always],
    &[Place::QuizSure, Place::Quiz, Place::Anywhere, Place::Always],
    &[Place::QuizTold, Place::Quiz, Place::Anywhere, Place::Always],
    &[Place::QuizEnd, Place::Quiz, Place::Anywhere, Place::Always],
    &[Place::Present, Place::Poke, Place::Anywhere, Place::Always],
    &[Place::Pages, Place::Always],
    &[Place::Notes, Place::Anywhere, Place::Always],
    &[Place::Palette, Place::Always],
    &[Place::Pick, Place::Always],
    &[Place::History, Place::Always],
    &[Place::Naming, Place::Always],
    &[Place::Two, Place::Anywhere, Place::Always],
    &[Place::Many, Place::Always],
    &[Place::Settings, Place::Always],
    &[Place::Results, Place::Anywhere, Place::Always],
    &[Place::Reader, Place::Always],
    &[Place::Home, Place::Anywhere, Place::Always],
    &[Place::Search, Place::Always],
    &[Place::Help, Place::Always],
    &[Place::End, Place::Always],
    &[Place::Signs, Place::Reader, Place::Always],
];
