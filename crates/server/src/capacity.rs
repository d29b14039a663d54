//! How many connections there may be: never so many that no descriptor is left for the database and the mail.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that connections leave to everything else: the database's files and sockets, letters, the log.
const RESERVED: u64 = 256;

/// Connections of one worker, however many descriptors there are.
const MOST_PER_WORKER: u64 = 25_000;

/// Connections of one worker, however few there are.
const FEWEST_PER_WORKER: u64 = 16;

/// Raises the limit of open descriptors to what the system allows this process: 1,024, the usual soft limit, is for
/// programs that use `select`.
pub(crate) fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        tracing::warn!(%error, "the limit of open descriptors can't be raised");
    }
}

/// How many connections each of `workers` may hold; those beyond wait to be accepted.
pub(crate) fn connections_per_worker(workers: usize) -> usize {
    per_worker(getrlimit(Resource::Nofile).current, workers)
}

fn per_worker(descriptors: Option<u64>, workers: usize) -> usize {
    let workers = u64::try_from(workers.max(1)).unwrap_or(u64::MAX);
    let share = descriptors.map_or(MOST_PER_WORKER, |all| all.saturating_sub(RESERVED) / workers);
    usize::try_from(share.clamp(FEWEST_PER_WORKER, MOST_PER_WORKER)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_to_the_rest() {
        assert_eq!(per_worker(Some(1024), 2), 384);
        assert_eq!(per_worker(Some(1 << 20), 4), 25_000);
        assert_eq!(per_worker(None, 4), 25_000);
        assert_eq!(per_worker(Some(64), 8), 16);
        assert!(2 * per_worker(Some(4096), 2) + 256 <= 4096);
    }

    #[test]
    fn the_soft_limit_rises_to_the_hard_one() {
        // In a process of its own: a limit holds for all of one, and other tests run in this one.
        let program = std::env::current_exe().unwrap();
        let mut child = std::process::Command::new("sh");
        child.args([
            "-c",
            "ulimit -Sn 512 && exec \"$0\" --ignored --exact --nocapture capacity::tests::in_a_process_of_its_own",
        ]);
        let output = child.arg(program).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("from Some(512), 256 connections"), "{output:?}");
    }

    #[test]
    #[ignore = "the test above runs it, in a process with a limit of its own"]
    fn in_a_process_of_its_own() {
        let before = getrlimit(Resource::Nofile);
        println!("from {:?}, {} connections", before.current, connections_per_worker(1));
        raise_descriptor_limit();
        assert_eq!(getrlimit(Resource::Nofile), Rlimit { current: before.maximum, maximum: before.maximum });
    }
}
