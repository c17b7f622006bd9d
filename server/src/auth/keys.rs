//! Keys of programs: `rbk_`, an id that may be shown, and 256 bits by chance that are shown once and kept as a hash.

use rand::RngExt as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::roster::Key;

/// What every key begins with, so that one that got out is known for what it is.
const MARK: &str = "rbk_";

/// A new key.
pub(super) struct MadeUp {
    pub(super) id: String,
    pub(super) key: String,
}

/// Makes a key up.
pub(super) fn made_up() -> MadeUp {
    let mut rng = rand::rng();
    let (id, secret) = (digits(&rng.random::<[u8; 4]>()), digits(&rng.random::<[u8; 32]>()));
    MadeUp { key: format!("{MARK}{id}_{secret}"), id }
}

/// Whether a bearer token is meant as a key.
pub(crate) fn is_meant(token: &str) -> bool {
    token.starts_with(MARK)
}

/// The id in a key.
pub(super) fn id_in(key: &str) -> Option<&str> {
    key.strip_prefix(MARK)?.split_once('_').map(|(id, _)| id)
}

/// What is kept of a key. It has 256 bits by chance, so nobody finds it by trying, and a quick hash does.
pub(super) fn hash(key: &str) -> String {
    digits(&Sha256::new().chain_update("rebound key ").chain_update(key).finalize())
}

/// Whether it is that key. Takes as long for every wrong one.
pub(super) fn is_right(key: &str, kept: &Key) -> bool {
    hash(key).as_bytes().ct_eq(kept.hash.as_bytes()).into()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use rebound::role::Role;
    use rebound::time::Timestamp;

    use super::*;

    fn kept(made: &MadeUp) -> Key {
        Key {
            id: made.id.clone(),
            name: "backup".to_owned(),
            role: Role::Viewer,
            hash: hash(&made.key),
            made_at: Timestamp::from_ms(0),
            made_by: "admin".to_owned(),
            ends_at: None,
        }
    }

    #[test]
    fn a_key_is_known_by_its_id_and_right_by_all_of_it() {
        let (one, other) = (made_up(), made_up());
        assert!(is_meant(&one.key));
        assert_eq!(id_in(&one.key), Some(one.id.as_str()));
        assert!(is_right(&one.key, &kept(&one)));
        assert!(!is_right(&other.key, &kept(&one)));
        assert!(!is_right(&format!("{MARK}{}_", one.id), &kept(&one)));
        assert_ne!(one.key, other.key);
    }

    #[test]
    fn what_is_kept_is_not_the_key() {
        let made = made_up();
        let secret = made.key.rsplit('_').next().unwrap();
        assert!(secret.len() == 64 && !kept(&made).hash.contains(secret));
    }
}
