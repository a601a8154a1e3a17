//! Progress notifications of a call: increasing, and no more often than a person can read.

use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::{Peer, RoleServer};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::secret::Redactor;
use crate::tool::context::Progress;
use crate::tool::cut;

/// The minimum time between two notifications, except before the last.
const APART: Duration = Duration::from_millis(250);

/// The maximum length of a message in bytes.
const MESSAGE: usize = 200;

/// Reports the progress of one call to its client.
pub(super) struct ProgressReporter {
    pub(super) peer: Peer<RoleServer>,
    pub(super) token: ProgressToken,
    pub(super) secrets: Redactor,
}

impl ProgressReporter {
    async fn tell(&self, progress: Progress) {
        let mut param = ProgressNotificationParam::new(self.token.clone(), progress.done)
            .with_message(cut::text(&cut::clean(&progress.message, &self.secrets), MESSAGE).0);
        if let Some(total) = progress.total {
            param = param.with_total(total);
        }
        // A client that left needs no progress.
        let _ = self.peer.notify_progress(param).await;
    }

    /// Runs `work`, and sends what arrives in `reports` until it is done.
    pub(super) async fn run<T>(
        &self,
        reports: UnboundedReceiver<Progress>,
        work: impl Future<Output = T>,
    ) -> T {
        paced(reports, work, |progress| self.tell(progress)).await
    }
}

/// The latest report that is ahead of the last one sent.
#[derive(Default)]
struct Pending {
    next: Option<Progress>,
    told: Option<(Instant, f64)>,
}

impl Pending {
    fn offer(&mut self, report: Progress) {
        // MCP requires progress to increase with each notification.
        if self.told.is_none_or(|(_, done)| report.done > done) {
            self.next = Some(report);
        }
    }

    fn take(&mut self) -> Option<Progress> {
        let next = self.next.take()?;
        self.told = Some((Instant::now(), next.done));
        Some(next)
    }

    fn due(&self) -> Instant {
        self.told
            .map_or_else(Instant::now, |(told, _)| told + APART)
    }
}

async fn paced<T, F: Future<Output = ()>>(
    mut reports: UnboundedReceiver<Progress>,
    work: impl Future<Output = T>,
    tell: impl Fn(Progress) -> F,
) -> T {
    let mut work = std::pin::pin!(work);
    let mut pending = Pending::default();
    let done = loop {
        let due = pending.due();
        tokio::select! {
            biased;
            done = &mut work => break done,
            Some(report) = reports.recv() => pending.offer(report),
            () = tokio::time::sleep_until(due), if pending.next.is_some() => {
                if let Some(next) = pending.take() {
                    tell(next).await;
                }
            }
        }
    };
    while let Ok(report) = reports.try_recv() {
        pending.offer(report);
    }
    if let Some(next) = pending.take() {
        tell(next).await;
    }
    done
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::sync::mpsc;

    use super::*;

    /// What is told of reports that come at these milliseconds.
    async fn told(reports: &[(u64, f64)]) -> Vec<f64> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let told = Mutex::new(Vec::new());
        let begin = Instant::now();
        let work = async {
            for (at, done) in reports {
                tokio::time::sleep_until(begin + Duration::from_millis(*at)).await;
                let report = Progress {
                    done: *done,
                    total: None,
                    message: String::new(),
                };
                sender.send(report).unwrap();
            }
        };
        paced(receiver, work, async |progress: Progress| {
            told.lock().unwrap().push(progress.done);
        })
        .await;
        told.into_inner().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_and_the_last_are_told_and_those_between_only_now_and_then() {
        let reports: Vec<(u64, f64)> = (0..=100)
            .map(|step: u32| (u64::from(step) * 10 + 1, f64::from(step)))
            .collect();
        let told = told(&reports).await;
        assert_eq!((told.first(), told.last()), (Some(&0.0), Some(&100.0)));
        assert!((4..=6).contains(&told.len()), "{told:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_rise_is_not_told() {
        let reports = [(1, 1.0), (400, 1.0), (800, 0.5), (1200, 2.0), (1600, 2.0)];
        assert_eq!(told(&reports).await, [1.0, 2.0]);
        assert_eq!(told(&[]).await, [0.0; 0]);
    }
}
