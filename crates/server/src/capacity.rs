//! How many connections there may be, never so many that no descriptor is left for the database and the mail; and how long
//! one is kept whose other end takes nothing.

use rustix::net::sockopt::set_tcp_user_timeout;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::TcpListener;
use std::time::Duration;

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

/// Ends the connections that `listener` will accept where their other end acknowledges nothing, or has no room for
/// anything, for so long (`TCP_USER_TIMEOUT`, which accepted sockets inherit). Answers would wait for good otherwise.
pub(crate) fn bound_sending(listener: &TcpListener, most: Duration) {
    let millis = u32::try_from(most.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = set_tcp_user_timeout(listener, millis) {
        tracing::warn!(%error, "connections whose other end takes nothing are kept as long as the system likes");
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
    fn who_takes_nothing_is_cut_off() {
        use std::io::Write as _;
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        bound_sending(&listener, Duration::from_secs(1));
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut accepted, _) = listener.accept().unwrap();
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&accepted).unwrap(), 1_000);
        // So that a server that waits for good fails this test in place of stopping it.
        accepted.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        let ended = accepted.write_all(&vec![0; 64 << 20]).unwrap_err();
        assert_eq!(ended.kind(), std::io::ErrorKind::TimedOut, "{ended}");
        drop(client);
    }

    #[test]
    fn the_soft_limit_rises_to_the_hard_one() {
        // In a process of its own: a limit holds for all of one, and other tests run in this one.
        let program = std::env::current_exe().unwrap();
        let mut child = std::process::Command::new("sh");
        child
            .args(["-c", "ulimit -Sn 512 && exec \"$0\" --exact --nocapture capacity::tests::in_a_process_of_its_own"]);
        let output = child.arg(program).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("from Some(512), 256 connections"), "{output:?}");
    }

    #[test]
    // The test above runs it with a limit of its own; among the others it raises what is high enough.
    fn in_a_process_of_its_own() {
        let before = getrlimit(Resource::Nofile);
        println!("from {:?}, {} connections", before.current, connections_per_worker(1));
        raise_descriptor_limit();
        assert_eq!(getrlimit(Resource::Nofile), Rlimit { current: before.maximum, maximum: before.maximum });
    }
}
