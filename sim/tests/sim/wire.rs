//! The faults of the wire in every dialect: who is spared, and how a refusal looks.

use rebound_sim::{Dialect, Fault, Sim};

use crate::{ask, client, speaking, with_key};

/// A path of each dialect that tells its health.
const HEALTH_PATHS: [(Dialect, &str); 7] = [
    (Dialect::F1, "/health"),
    (Dialect::F2, "/api/mt5/bridge/health"),
    (Dialect::F3, "/api/mt5/bridge/health"),
    (Dialect::F4, "/api/mt5/bridge/health"),
    (Dialect::Mt5Httpapi, "/terminal"),
    (Dialect::ConnBridge, "/health"),
    (Dialect::QuantServer, "/health"),
];

/// Each dialect with this fault, and the path of its health.
async fn each_with(fault: Fault) -> Vec<(Dialect, &'static str, Sim)> {
    let mut all = Vec::new();
    for (dialect, path) in HEALTH_PATHS {
        let sim = speaking(dialect).await;
        sim.fault(fault).await;
        all.push((dialect, path, sim));
    }
    all
}

#[tokio::test]
async fn a_refused_key_spares_only_what_needs_none() {
    for (dialect, path, sim) in each_with(Fault::Http401).await {
        let wanted = if dialect == Dialect::F1 { 200 } else { 401 };
        assert_eq!(ask(&sim, path).await.0, wanted, "{dialect}");
    }
}

#[tokio::test]
async fn a_404_is_in_the_words_of_the_dialect() {
    for (dialect, path, sim) in each_with(Fault::Http404).await {
        let (status, body) = ask(&sim, path).await;
        let says_detail = body["detail"] == "Not Found";
        let is_page = matches!(dialect, Dialect::Mt5Httpapi | Dialect::QuantServer);
        assert_eq!((status, says_detail), (404, !is_page), "{dialect}");
    }
}

#[tokio::test]
async fn another_program_names_itself_at_the_root_and_knows_no_path() {
    for (dialect, path, sim) in each_with(Fault::WrongService).await {
        assert_eq!(ask(&sim, path).await.0, 404, "{dialect}");
        let origin = sim.bridge_url.trim_end_matches("/northwind/1000001");
        let root = client().get(format!("{origin}/")).send().await.unwrap();
        let service = root.json::<serde_json::Value>().await.unwrap()["service"].clone();
        let right = if dialect == Dialect::F1 { "FIDUS MT5 Bridge API" } else { "FIDUS MT5 Bridge Service" };
        assert_eq!(service, right, "{dialect}");
    }
}

#[tokio::test]
async fn every_dialect_breaks_down_hangs_up_and_redirects() {
    for (dialect, path, sim) in each_with(Fault::Http500).await {
        assert_eq!(ask(&sim, path).await.0, 500, "{dialect}");
        sim.clear_all().await;
        sim.fault(Fault::Redirect).await;
        assert_eq!(ask(&sim, path).await.0, 302, "{dialect}");
        sim.clear_all().await;
        sim.fault(Fault::ProcessDown).await;
        assert!(client().get(&sim.bridge_url).send().await.unwrap_err().is_connect(), "{dialect}");
    }
}

#[tokio::test]
async fn the_server_and_date_headers_are_those_of_the_dialect() {
    for (dialect, path) in HEALTH_PATHS {
        let sim = speaking(dialect).await;
        let response = with_key(client().get(format!("{}{path}", sim.bridge_url))).send().await.unwrap();
        let server = response.headers()["server"].to_str().unwrap().to_owned();
        let wanted = match dialect {
            Dialect::F1 | Dialect::F2 | Dialect::F3 | Dialect::F4 | Dialect::ConnBridge => "uvicorn",
            Dialect::Mt5Httpapi => "nginx",
            Dialect::QuantServer => "Werkzeug",
        };
        assert!(server.starts_with(wanted) && response.headers().contains_key("date"), "{dialect} {server}");
    }
}

#[tokio::test]
async fn a_wrong_clock_shows_in_every_dialect_that_tells_a_time() {
    for dialect in [Dialect::F1, Dialect::F3, Dialect::F4] {
        let sim = speaking(dialect).await;
        sim.fault_with(Fault::ClockSkew, -86_400).await.unwrap();
        let path = HEALTH_PATHS.iter().find(|(known, _)| *known == dialect).unwrap().1;
        let time: chrono::DateTime<chrono::Utc> =
            ask(&sim, path).await.1["timestamp"].as_str().unwrap().parse().unwrap();
        sim.clear_all().await;
        let right: chrono::DateTime<chrono::Utc> =
            ask(&sim, path).await.1["timestamp"].as_str().unwrap().parse().unwrap();
        assert_eq!((right - time).num_hours(), 24, "{dialect}");
    }
}
