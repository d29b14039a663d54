//! The numbers as text, in the form of OpenMetrics 1.0.

use super::{Answers, BOUNDS, CLASSES, GrantEvent, Metrics, Spent};
use crate::fault;
use crate::state::State;
use model::fault::Fault;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use routes::TABLE;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::QueueLoad;

/// Everything that is told, as it is now.
#[derive(Debug)]
struct Told {
    metrics: Arc<Metrics>,
    queues: Vec<QueueLoad>,
    /// Absent where the database could not say.
    letters: Option<i64>,
}

/// Tells it.
///
/// # Errors
/// `Broken` where it can't be written.
pub(super) async fn told(state: &State) -> Result<String, Fault> {
    let letters = match state.db.read("letters waiting", store::tables::outbox::waiting).await {
        Ok(letters) => Some(letters),
        Err(failed) => {
            fault::log(&failed, "metrics");
            None
        }
    };
    let told = Told { metrics: state.metrics.clone(), queues: state.db.load(), letters };
    let mut registry = Registry::default();
    registry.register_collector(Box::new(told));
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|error| Fault::broken("metrics can't be written").because(error))?;
    Ok(text)
}

fn read(number: &AtomicU64) -> u64 {
    number.load(Ordering::Relaxed)
}

impl Collector for Told {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let metrics = &self.metrics;
        self.requests(&mut encoder)?;
        self.durations(&mut encoder)?;
        let grants = named("event", &GrantEvent::NAMES, &metrics.grants);
        counters(&mut encoder, ("doorward_device_grants", "What happened to device grants"), &grants)?;
        let spent = named("what", &Spent::NAMES, &metrics.spent);
        counters(&mut encoder, ("doorward_limits_refused", "What was refused unlooked at, by limit"), &spent)?;
        let busy: Vec<_> = self.queues.iter().map(|queue| (("queue", queue.name), queue.refused)).collect();
        counters(&mut encoder, ("doorward_database_busy", "Jobs that found no room or waited too long"), &busy)?;
        let mut depth = encoder.encode_descriptor(
            "doorward_database_waiting",
            "Jobs that wait for a database thread",
            None,
            MetricType::Gauge,
        )?;
        for queue in &self.queues {
            for (kind, waiting) in [("request", queue.requests), ("background", queue.background)] {
                let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
                depth.encode_family(&[("queue", queue.name), ("kind", kind)])?.encode_gauge(&waiting)?;
            }
        }
        if let Some(letters) = self.letters {
            let words = ("doorward_letters_waiting", "Letters that have not gone out");
            encoder.encode_descriptor(words.0, words.1, None, MetricType::Gauge)?.encode_gauge(&letters)?;
        }
        Ok(())
    }
}

impl Told {
    /// The routes that were asked for, with their labels.
    fn asked(&self) -> impl Iterator<Item = ([(&'static str, &'static str); 2], &Answers)> {
        let labels = |at: usize| match TABLE.get(at) {
            Some(spec) => [("method", spec.method.as_str()), ("route", spec.pattern)],
            None => [("method", "any"), ("route", "none")],
        };
        let asked = |answers: &Answers| answers.by_class.iter().any(|count| read(count) > 0);
        self.metrics
            .answers
            .iter()
            .enumerate()
            .filter(move |(_, answers)| asked(answers))
            .map(move |(at, answers)| (labels(at), answers))
    }

    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut family =
            encoder.encode_descriptor("doorward_http_requests", "Requests answered", None, MetricType::Counter)?;
        for ([method, route], answers) in self.asked() {
            for (class, count) in CLASSES.iter().zip(&answers.by_class).filter(|(_, count)| read(count) > 0) {
                let labels = [method, route, ("status", *class)];
                family.encode_family(&labels)?.encode_counter::<NoLabelSet, u64, u64>(&read(count), None)?;
            }
        }
        Ok(())
    }

    fn durations(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut family = encoder.encode_descriptor(
            "doorward_http_request_duration",
            "From the end of a request's body to its answer",
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for (labels, answers) in self.asked() {
            let bounds = BOUNDS.iter().map(|bound| seconds(*bound)).chain([f64::INFINITY]);
            let classes: Vec<(f64, u64)> = bounds.zip(answers.by_duration.iter().map(read)).collect();
            let count = classes.iter().map(|(_, count)| count).sum();
            let sum = seconds(read(&answers.micros));
            family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum, count, &classes, None)?;
        }
        Ok(())
    }
}

/// Microseconds as seconds.
fn seconds(micros: u64) -> f64 {
    std::time::Duration::from_micros(micros).as_secs_f64()
}

type Labelled = ((&'static str, &'static str), u64);

fn named(label: &'static str, names: &[&'static str], numbers: &[AtomicU64]) -> Vec<Labelled> {
    names.iter().zip(numbers).map(|(name, number)| ((label, *name), read(number))).collect()
}

fn counters(encoder: &mut DescriptorEncoder<'_>, words: (&str, &str), counted: &[Labelled]) -> fmt::Result {
    let mut family = encoder.encode_descriptor(words.0, words.1, None, MetricType::Counter)?;
    for (label, count) in counted {
        family.encode_family(&[*label])?.encode_counter::<NoLabelSet, u64, u64>(count, None)?;
    }
    Ok(())
}
