use rebound::alert::AlertPolicy;
use rebound::target::{EndpointSpec, EndpointWay, OwnNetworkSpec, TargetKind, TargetSpec};

use super::*;

#[test]
fn only_what_stands_on_a_change_is_touched() {
    let named = |name: &str, on: &[&str]| {
        let id = TargetId::try_new(name).unwrap();
        let mut spec = TargetSpec::new(id, TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Tcp)));
        spec.depends_on = on.iter().map(|on| TargetId::try_new(on).unwrap()).collect();
        spec
    };
    let before = Config {
        targets: vec![named("host", &[]), named("bridge", &["host"]), named("other", &[])],
        alerts: AlertPolicy::default(),
        own_network: OwnNetworkSpec::default(),
        maintenance: Vec::new(),
        readiness: ReadinessSpec::default(),
        drills: rebound::drill::DrillPolicy::default(),
    };
    let mut after = before.clone();
    after.targets.first_mut().unwrap().thresholds.successes_to_close = 5;
    let touched: Vec<String> = touched(&before, &after).iter().map(ToString::to_string).collect();
    assert_eq!(touched, ["bridge", "host"]);
    after.alerts.cooldown = Duration::from_secs(60);
    assert_eq!(super::touched(&before, &after).len(), 3);
}
