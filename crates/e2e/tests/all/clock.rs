//! The tests' own clock, as a check of the harness: a running process sees it move.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use e2e::clock::Clock;
use e2e::places::{command, provided};

#[test]
fn a_running_process_sees_the_clock_put_forward() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::new(folder.path());
    let mut python = command(provided("venv/bin/python"));
    python.args(["-c", "import sys, time\nfor _ in sys.stdin: print(int(time.time()), flush=True)"]);
    clock.apply(python.stdin(Stdio::piped()).stdout(Stdio::piped()));
    let mut python = python.spawn().expect("Python starts");
    let mut ask = python.stdin.take().expect("a pipe was asked for");
    let mut answers = BufReader::new(python.stdout.take().expect("a pipe was asked for")).lines();
    let mut now = || {
        ask.write_all(b"\n").expect("Python listens");
        answers.next().expect("an answer").expect("a line").parse::<u64>().expect("seconds")
    };
    let before = now();
    clock.set_ahead(Duration::from_secs(1801));
    let after = now();
    drop((ask, answers));
    python.wait().expect("Python ends");
    assert!((1801..1831).contains(&(after - before)), "{before} {after}");
}
