//! What the tools do, on every dialect of the simulator, on one of them over HTTP too, and, with the feature `live-tests`, on a
//! real Kestra named by `KESTRA_E2E_URL`. A contract is a function over a [`World`].

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

/// The tests of one contract: one a dialect, and one on a real Kestra.
macro_rules! contract {
    ($(#[$note:meta])* async fn $name:ident($world:ident) $body:block) => {
        $(#[$note])*
        mod $name {
            #[allow(unused_imports, reason = "not every contract needs all of them")]
            use super::*;

            async fn contract($world: &mut crate::contract::world::World) $body

            crate::contract::on_every_dialect!(contract);

            #[cfg(feature = "live-tests")]
            #[tokio::test]
            async fn live() {
                crate::contract::world::on_a_real_kestra(contract).await;
            }
        }
    };
}

/// The tests of a contract that needs faults or another clock: on the simulator alone.
macro_rules! simulated {
    ($(#[$note:meta])* async fn $name:ident($world:ident) $body:block) => {
        $(#[$note])*
        mod $name {
            #[allow(unused_imports, reason = "not every contract needs all of them")]
            use super::*;

            async fn contract($world: &mut crate::contract::world::World) $body

            crate::contract::on_every_dialect!(contract);
        }
    };
}

macro_rules! on_every_dialect {
    ($contract:ident) => {
        #[tokio::test]
        async fn kestra_1_3() {
            let stdio = crate::contract::world::Way::Stdio;
            crate::contract::world::on(stdio, simulator::Dialect::V1_3, $contract).await;
        }

        #[tokio::test]
        async fn kestra_2_0_dev() {
            let stdio = crate::contract::world::Way::Stdio;
            crate::contract::world::on(stdio, simulator::Dialect::V2_0Dev, $contract).await;
        }

        #[tokio::test]
        async fn kestra_2_0_unproven() {
            let stdio = crate::contract::world::Way::Stdio;
            crate::contract::world::on(stdio, simulator::Dialect::V2_0, $contract).await;
        }

        #[tokio::test]
        async fn over_http() {
            let http = crate::contract::world::Way::Http;
            crate::contract::world::on(http, simulator::Dialect::V2_0Dev, $contract).await;
        }
    };
}

use {contract, on_every_dialect, simulated};
