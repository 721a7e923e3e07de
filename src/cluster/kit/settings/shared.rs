//! Settings that several models have alike: what each takes, the sentence that says it, and what it says of how fast things are. A model
//! adds its default, and a sentence of its own where this one would not be exact.

use super::{Attempts, Length, Speeds, Takes, Timer, Times};
use crate::cluster::model::SettingKind;

/// A setting that several models have.
pub trait Shared: Takes {
    /// One sentence: what it does.
    const ABOUT: &'static str;
}

/// Declares them.
macro_rules! shared {
    ($($(#[$doc:meta])* $name:ident: $takes:ty, $about:literal $(, $pace:expr)?;)+) => {$(
        $(#[$doc])*
        pub enum $name {}

        impl Shared for $name {
            const ABOUT: &'static str = $about;
        }

        impl Takes for $name {
            type Value = <$takes as Takes>::Value;
            const TAKES: &'static str = <$takes as Takes>::TAKES;
            const WORDS: &'static [&'static str] = <$takes as Takes>::WORDS;
            const LIVE: bool = <$takes as Takes>::LIVE;
            const KIND: SettingKind = <$takes as Takes>::KIND;

            fn read(text: &str) -> Result<Self::Value, String> {
                <$takes as Takes>::read(text)
            }

            fn write(value: &Self::Value) -> String {
                <$takes as Takes>::write(value)
            }

            $(fn pace(value: &Self::Value, speeds: &mut Speeds) {
                let pace: fn(&Self::Value, &mut Speeds) = $pace;
                pace(value, speeds);
            })?
        }
    )+

        /// The sentences that are said here.
        #[cfg(test)]
        pub const SENTENCES: &[&str] = &[$($about),+];
    };
}

shared! {
    /// One-way latency within a zone.
    Latency: Times, "How long a message takes, one way, within a zone.", |own, speeds| speeds.near = (**own).clone();
    /// One-way latency between zones.
    ZoneLatency: Times, "How long a message takes, one way, from zone to zone.", |own, speeds| speeds.far = (**own).clone();
    /// One-way latency within a zone, of a model in which other times of a message count too.
    WireLatency: Latency, "How long a message takes on the wire, one way, within a zone.", Latency::pace;
    /// One-way latency between zones, of such a model.
    WireZoneLatency: ZoneLatency, "How long a message takes on the wire, one way, from zone to zone.", ZoneLatency::pace;
    /// The time of each message at a server.
    Handling: Length, "How long a server takes to handle one message; messages wait their turn.", |own, speeds| speeds.handling = *own;
    /// The time of a sync.
    Disk: Times, "How long a sync takes.", |own, speeds| speeds.disk = (**own).clone();
    /// The patience of a client.
    RequestTimeout: Timer, "How long a client waits for an answer. After that a read has failed, and a write may or may not have happened.";
    /// Whether a client tries again.
    RetryPolicy: Attempts, "Whether and when a client tries again.";
    /// The patience of a user.
    UserTimeout: Timer, "How long a user waits for an answer.";
    /// The patience of who checks whether another lives.
    CheckTimeout: Timer, "How long it waits for the answer to a check.";
}
