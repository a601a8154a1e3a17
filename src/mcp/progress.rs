//! Progress of a call, as notifications: rising, and not more often than a person can read.

use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::{Peer, RoleServer};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::secret::Redactor;
use crate::tool::context::Progress;

/// Between two notifications, the last one excepted.
const APART: Duration = Duration::from_millis(250);

/// Where the progress of one call goes.
pub(super) struct Teller {
    pub(super) peer: Peer<RoleServer>,
    pub(super) token: ProgressToken,
    pub(super) secrets: Redactor,
}

impl Teller {
    async fn tell(&self, progress: Progress) {
        let mut param = ProgressNotificationParam::new(self.token.clone(), progress.done)
            .with_message(self.secrets.clean(&progress.message));
        if let Some(total) = progress.total {
            param = param.with_total(total);
        }
        // A client that went away misses nothing.
        let _ = self.peer.notify_progress(param).await;
    }

    /// Runs `work` and tells what comes through `reports` until it is done.
    pub(super) async fn run<T>(
        &self,
        mut reports: UnboundedReceiver<Progress>,
        work: impl Future<Output = T>,
    ) -> T {
        let mut work = std::pin::pin!(work);
        let mut waiting: Option<Progress> = None;
        let mut last: Option<(Instant, f64)> = None;
        let rises = |last: Option<(Instant, f64)>, next: &Progress| {
            last.is_none_or(|(_, done)| next.done > done)
        };
        let done = loop {
            let due = last.map_or_else(Instant::now, |(told, _)| told + APART);
            tokio::select! {
                biased;
                done = &mut work => break done,
                Some(next) = reports.recv() => {
                    if rises(last, &next) {
                        waiting = Some(next);
                    }
                }
                () = tokio::time::sleep_until(due), if waiting.is_some() => {
                    if let Some(next) = waiting.take() {
                        last = Some((Instant::now(), next.done));
                        self.tell(next).await;
                    }
                }
            }
        };
        while let Ok(next) = reports.try_recv() {
            if rises(last, &next) {
                waiting = Some(next);
            }
        }
        if let Some(next) = waiting {
            self.tell(next).await;
        }
        done
    }
}
