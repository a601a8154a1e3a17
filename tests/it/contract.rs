//! What the tools do, on every dialect of the simulator, on one of them over HTTP too, and, with the feature `live-tests`, on a
//! real Kestra named by `KESTRA_E2E_URL`. A contract is a function over a [`World`].

mod answer;
mod apps;
mod bad_input;
mod bad_kestra;
mod execute;
mod executions;
mod flows;
mod follow;
mod hostile;
mod hosts;
mod kill;
mod line_ends;
mod lists;
mod memory;
mod save;
mod scheduled;
mod sizes;
mod spellings;
mod texts;
mod triggers;
mod unusable;
pub(crate) mod world;

/// The tests of contracts that hold on every Kestra: each is run on the dialects of the simulator,
/// over stdio and HTTP, and on a real Kestra.
macro_rules! everywhere {
    ($($contract:ident),+ $(,)?) => {$(
        mod $contract {
            crate::contract::on_every_dialect!(super::$contract);

            #[cfg(feature = "live-tests")]
            #[tokio::test]
            async fn live() {
                crate::contract::world::on_a_real_kestra(super::$contract).await;
            }
        }
    )+};
}

/// The tests of contracts that need faults or another clock: on the simulator alone.
macro_rules! simulated {
    ($($contract:ident),+ $(,)?) => {$(
        mod $contract {
            crate::contract::on_every_dialect!(super::$contract);
        }
    )+};
}

macro_rules! on_every_dialect {
    ($contract:path) => {
        #[tokio::test]
        async fn kestra_1_3() {
            let stdio = crate::contract::world::Transport::Stdio;
            crate::contract::world::on(stdio, simulator::Dialect::V1_3, $contract).await;
        }

        #[tokio::test]
        async fn kestra_2_0_dev() {
            let stdio = crate::contract::world::Transport::Stdio;
            crate::contract::world::on(stdio, simulator::Dialect::V2_0Dev, $contract).await;
        }

        #[tokio::test]
        async fn kestra_2_0_unproven() {
            let stdio = crate::contract::world::Transport::Stdio;
            crate::contract::world::on(stdio, simulator::Dialect::V2_0, $contract).await;
        }

        #[tokio::test]
        async fn over_http() {
            let http = crate::contract::world::Transport::Http;
            crate::contract::world::on(http, simulator::Dialect::V2_0Dev, $contract).await;
        }
    };
}

use {everywhere, on_every_dialect, simulated};
