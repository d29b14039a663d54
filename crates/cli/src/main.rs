//! `doorward`: sign a device in from a terminal, and use the sign-in from scripts.

mod args;
mod browser;
mod completions;
mod failure;
mod login;
mod logout;
mod out;
mod qr;
mod screen;
mod surroundings;
mod token;
mod whoami;
mod words;

use args::{Args, Command};
use failure::Failure;
use std::cell::Cell;
use std::process::ExitCode;
use surroundings::Surroundings;

/// How the program names itself to servers; the person who approves may see it.
const USER_AGENT: &str = concat!("doorward/", env!("CARGO_PKG_VERSION"));

fn main() -> ExitCode {
    let args = Args::read();
    let around = Surroundings::look();
    let outcome = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let outcome = runtime.block_on(until_stopped(&args.command, &around));
            // A thread may still be waiting for Enter: it must not keep the program.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(Failure::other("start", format!("The program could not start: {error}."))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&args.command, &around),
    }
}

/// Runs the command until it is done or somebody presses Ctrl-C.
async fn until_stopped(command: &Command, around: &Surroundings) -> Result<(), Failure> {
    // Set while stopping would lose tokens that the server has already given out.
    let unstoppable = Cell::new(false);
    let mut run = std::pin::pin!(run(command, around, &unstoppable));
    loop {
        tokio::select! {
            outcome = &mut run => return outcome,
            _ = tokio::signal::ctrl_c() => {
                if !unstoppable.get() {
                    return Err(Failure::stopped(command));
                }
            }
        }
    }
}

async fn run(command: &Command, around: &Surroundings, unstoppable: &Cell<bool>) -> Result<(), Failure> {
    match command {
        Command::Login(args) => login::login(args, around, unstoppable).await,
        Command::Whoami(place) => whoami::whoami(place, around).await,
        Command::Token(place) => token::token(place).await,
        Command::Logout(args) => logout::logout(args, around).await,
        Command::Completions { shell } => completions::print(*shell),
    }
}
