//! Silence while Rebound's own network is gone says nothing about a bridge.

use std::net::SocketAddr;

use rebound::check::CheckId;
use rebound::target::Reach;
use rebound_server::config::Settings;
use rebound_sim::Fault;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::site::{Site, a_site, check};

/// Somebody who answers while the network works.
struct Beacon {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Beacon {
    async fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                drop(line);
            }
        });
        Self { address, task }
    }

    /// The network is gone.
    async fn falls_silent(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

/// The bridge counts as one that is reached over the network.
fn over_the_network(settings: &mut Settings) {
    for target in &mut settings.core.targets {
        target.reach = Reach::Network;
    }
}

async fn a_site_with(beacon: &Beacon) -> Site {
    let section =
        format!("[own_network]\nbeacons = [\"{}\"]\ninterval = \"5s\"\ntimeout = \"500ms\"", beacon.address);
    let making = a_site().await.planned(|plan| plan.more = section);
    let site = making.adjusted(over_the_network).start().await;
    site.is_well().await;
    site
}

#[tokio::test]
async fn silence_without_an_own_network_is_unknown_and_nothing_is_healed() {
    let beacon = Beacon::at("127.0.0.1:0").await;
    let address = beacon.address.to_string();
    let site = a_site_with(&beacon).await;

    beacon.falls_silent().await;
    site.host.fault(Fault::ProcessDown).await;
    let gone = |board: &rebound::view::Board| {
        let reason = check(board, CheckId::BridgeReachable).reason.clone();
        reason.is_some_and(|reason| reason.contains("own network is gone"))
    };
    let board = site.until("the own network's silence", gone).await;
    site.after_looks(4).await;

    assert_eq!(check(&board, CheckId::BridgeReachable).verdict, "Unknown");
    assert_eq!(board.own.network_works, Some(false));
    assert!(site.incidents().await.is_empty() && site.alerts().await.is_empty());
    site.was_left_alone().await;

    let _beacon = Beacon::at(&address).await;
    site.host.clear(Fault::ProcessDown).await;
    site.is_well().await;
    assert!(site.incidents().await.is_empty(), "nothing was wrong with the bridge");
}

#[tokio::test]
async fn silence_beside_a_working_network_is_the_bridges_own() {
    let beacon = Beacon::at("127.0.0.1:0").await;
    let site = a_site_with(&beacon).await;

    site.host.fault(Fault::ProcessDown).await;
    let incident = site.recovers().await;

    assert_eq!(incident.main_cause().unwrap().reason.code(), "bridge_silent");
    assert_eq!(site.board().await.own.network_works, Some(true));
}
