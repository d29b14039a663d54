//! Where the program runs: on what kind of terminal, if any, and whether a browser can be opened.

use std::ffi::OsString;
use std::io::{IsTerminal as _, stdin, stdout};
use terminal_size::{Height, Width};

/// What the program found out about its surroundings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// Output goes to a person's terminal.
    pub(crate) terminal: bool,
    /// A person can press Enter.
    pub(crate) keyboard: bool,
    /// The terminal understands control sequences.
    pub(crate) controls: bool,
    /// The person wants colours.
    pub(crate) colour: bool,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// There is a desktop, and it is the person's own.
    pub(crate) desktop: bool,
}

impl Surroundings {
    pub(crate) fn look() -> Self {
        let size = terminal_size::terminal_size().map(|(Width(columns), Height(rows))| (columns.into(), rows.into()));
        let needs_display = cfg!(all(unix, not(target_os = "macos")));
        Self::new((stdout().is_terminal(), stdin().is_terminal()), size, needs_display, |name| std::env::var_os(name))
    }

    fn new(
        (terminal, keyboard): (bool, bool),
        size: Option<(usize, usize)>,
        needs_display: bool,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let controls = terminal && variable("TERM").is_none_or(|term| term != "dumb");
        // A window of no size is one that does not say its size.
        let (columns, rows) = size.filter(|(columns, rows)| *columns > 0 && *rows > 0).unwrap_or((80, 24));
        let display = !needs_display || set("DISPLAY") || set("WAYLAND_DISPLAY");
        Self {
            terminal,
            keyboard,
            controls,
            colour: controls && !set("NO_COLOR"),
            columns,
            rows,
            desktop: display && !set("SSH_CONNECTION") && !set("SSH_TTY"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(terminal: bool, variables: &'static [(&str, &str)]) -> Surroundings {
        Surroundings::new((terminal, terminal), Some((100, 30)), true, |name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        assert!(with(true, &[("TERM", "xterm")]).colour);
        assert!(with(true, &[("NO_COLOR", "")]).colour, "an empty NO_COLOR says nothing");
        assert!(!with(true, &[("NO_COLOR", "1")]).colour);
        assert!(with(true, &[("NO_COLOR", "1")]).controls);
        assert!(!with(true, &[("TERM", "dumb")]).colour);
        assert!(!with(true, &[("TERM", "dumb")]).controls);
        assert!(!with(false, &[("TERM", "xterm")]).colour);
    }

    #[test]
    fn a_browser_needs_a_desktop_of_ones_own() {
        assert!(with(false, &[("DISPLAY", ":0")]).desktop);
        assert!(with(false, &[("WAYLAND_DISPLAY", "wayland-0")]).desktop);
        assert!(!with(false, &[]).desktop);
        assert!(!with(false, &[("DISPLAY", ":10"), ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")]).desktop);
        assert!(!with(false, &[("DISPLAY", ":10"), ("SSH_TTY", "/dev/pts/1")]).desktop);
        assert!(Surroundings::new((true, true), None, false, |_| None).desktop, "not every system names its display");
    }

    #[test]
    fn an_unknown_size_is_the_usual_one() {
        for size in [None, Some((0, 0))] {
            let around = Surroundings::new((true, true), size, true, |_| None);
            assert_eq!((around.columns, around.rows), (80, 24));
        }
    }
}
