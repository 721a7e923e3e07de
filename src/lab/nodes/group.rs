//! What is done to a process and whatever it started, all at once.

pub(super) use system::{Group, set};

#[cfg(unix)]
mod system {
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command};

    use rustix::process::{Pid, Signal, kill_process_group};

    /// A process and whatever it started and has not been set apart.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in crate::lab::nodes) struct Group(Pid);

    /// The process will have a group of its own.
    pub(in crate::lab::nodes) fn set(command: &mut Command) {
        command.process_group(0);
    }

    impl Group {
        pub(in crate::lab::nodes) fn of(child: &Child) -> Group {
            Group(Pid::from_child(child))
        }

        /// Ends all. Those that are gone already are no matter.
        pub(in crate::lab::nodes) fn kill(self) {
            let _ = kill_process_group(self.0, Signal::KILL);
        }

        /// Stops all, or lets them go on. Whether that is possible here.
        pub(in crate::lab::nodes) fn stop(self, stop: bool) -> bool {
            kill_process_group(self.0, if stop { Signal::STOP } else { Signal::CONT }).is_ok()
        }

        /// How much memory the process holds, in bytes, where the system tells.
        pub(in crate::lab::nodes) fn memory(self) -> Option<u64> {
            let told = std::fs::read_to_string(format!("/proc/{}/status", self.0.as_raw_nonzero())).ok()?;
            let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
            Some(kib * 1024)
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::process::{Child, Command};

    /// Elsewhere a process is ended by its handle alone.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in crate::lab::nodes) struct Group;

    pub(in crate::lab::nodes) fn set(_: &mut Command) {}

    impl Group {
        pub(in crate::lab::nodes) fn of(_: &Child) -> Group {
            Group
        }

        pub(in crate::lab::nodes) fn kill(self) {}

        pub(in crate::lab::nodes) fn stop(self, _: bool) -> bool {
            false
        }

        pub(in crate::lab::nodes) fn memory(self) -> Option<u64> {
            None
        }
    }
}
