//! What the tools do: on every dialect of the simulator, on one of them over HTTP too, and, with
//! the feature `live-tests`, on the real Kestra that `KESTRA_E2E_URL` names. A contract is a
//! function over a [`world::World`]; the lists at the head of each file say where it runs.

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

/// Makes the tests of contracts that hold on every Kestra, a real one included.
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

/// Makes the tests of contracts that need faults, or a clock to move: on the simulator alone.
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
