//! Waiting for something to become true, with a bound.

use std::time::Duration;

/// How long anything may take on a busy machine before the test gives up: ten times what it takes on a slow one.
pub const PATIENCE: Duration = Duration::from_secs(90);

const PAUSE: Duration = Duration::from_millis(40);

/// Asks again and again until there is an answer.
///
/// # Panics
/// When [`PATIENCE`] has run out, naming `what` was waited for.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let answer = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    answer.await.unwrap_or_else(|_| panic!("waited {} s in vain for {what}", PATIENCE.as_secs()))
}
