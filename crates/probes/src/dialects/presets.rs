//! The built-in dialects, as files of the format that users write.

/// The text of a built-in dialect.
pub(super) fn text(name: &str) -> Option<&'static str> {
    match name {
        "f1" => Some(include_str!("f1.toml")),
        "f2" => Some(include_str!("f2.toml")),
        "f3" => Some(include_str!("f3.toml")),
        "f4" => Some(include_str!("f4.toml")),
        "mt5-httpapi" => Some(include_str!("mt5_httpapi.toml")),
        "conn-bridge" => Some(include_str!("conn_bridge.toml")),
        "quant-server" => Some(include_str!("quant_server.toml")),
        _ => None,
    }
}
