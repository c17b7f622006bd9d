//! Facts about the password that is made up.

use rebound_store::MemoryLogins;

use super::*;

fn memory() -> Arc<MemoryLogins> {
    Arc::new(MemoryLogins::new())
}

/// A server on `logins`, with a copy on its machine.
fn on(logins: &Arc<MemoryLogins>, copy: &Arc<MemoryLogins>) -> Hashes {
    Hashes { logins: Arc::clone(logins) as Arc<dyn Logins>, copy: Some(Arc::clone(copy) as Arc<dyn Logins>) }
}

async fn starts(kept: Hashes) -> (Passwords, Option<String>) {
    Passwords::prepare(kept, "admin", None).await.unwrap()
}

fn away() -> Option<StoreError> {
    Some(StoreError::Unavailable("frozen".to_owned()))
}

#[tokio::test]
async fn servers_share_the_password_that_one_of_them_made_up() {
    let store = memory();
    let (one, told) = starts(on(&store, &memory())).await;
    let (other, nothing) = starts(on(&store, &memory())).await;
    let password = told.unwrap();
    assert_eq!(nothing, None);
    assert!(one.are_right("admin", password.clone()).await);
    assert!(other.are_right("admin", password.clone()).await);
    assert!(!other.are_right("root", password).await);
}

#[tokio::test]
async fn one_made_up_before_servers_shared_it_stays_good() {
    let (store, copy) = (memory(), memory());
    let kept = Hashes { logins: Arc::clone(&copy) as Arc<dyn Logins>, copy: None };
    let password = Passwords::make_up_anew(&kept, "admin").await.unwrap();
    let (_, told) = starts(on(&store, &copy)).await;
    assert_eq!(told, None);
    let (other, _) = starts(on(&store, &memory())).await;
    assert!(other.are_right("admin", password).await);
}

#[tokio::test]
async fn a_new_password_counts_on_every_server_without_a_restart() {
    let store = memory();
    let (one, old) = starts(on(&store, &memory())).await;
    let new = Passwords::make_up_anew(&on(&store, &memory()), "admin").await.unwrap();
    assert!(!one.are_right("admin", old.unwrap()).await);
    assert!(one.are_right("admin", new).await);
}

#[tokio::test]
async fn a_start_while_the_store_is_away_knows_the_last_password() {
    let (store, copy) = (memory(), memory());
    let (_, told) = starts(on(&store, &copy)).await;
    store.fail_with(away());
    let (again, nothing) = starts(on(&store, &copy)).await;
    assert_eq!(nothing, None);
    assert!(again.are_right("admin", told.unwrap()).await);
}

#[tokio::test]
async fn a_first_start_while_the_store_is_away_lets_nobody_in_until_it_is_back() {
    let (store, elsewhere) = (memory(), memory());
    store.fail_with(away());
    let (passwords, told) = starts(on(&store, &memory())).await;
    assert_eq!(told, None);
    assert!(!passwords.are_right("admin", String::new()).await);
    store.fail_with(None);
    let password = Passwords::make_up_anew(&on(&store, &elsewhere), "admin").await.unwrap();
    assert!(passwords.are_right("admin", password).await);
}
