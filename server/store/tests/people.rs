use store::{Store, StoreError, entity::user};
use uuid::Uuid;

use crate::fresh;

pub async fn add_user(store: &Store, login: &str, extension: Option<&str>) -> Uuid {
    let id = Uuid::now_v7();
    let row = user::Model {
        id,
        login: login.into(),
        name: login.into(),
        role: "agent".into(),
        extension: extension.map(Into::into),
        takes_calls: true,
        password_hash: None,
        created_at: 1,
        active: true,
        international: false,
        max_calls: None,
        sealed_sip_ha1: None,
    };
    store.add_user(row).await.unwrap();
    id
}

#[tokio::test]
async fn a_taken_extension_is_named() {
    let (store, _folder) = fresh().await;
    add_user(&store, "anna", Some("101")).await;
    let twin = user::Model {
        id: Uuid::now_v7(),
        login: "boris".into(),
        ..store.user_by_login("anna").await.unwrap().unwrap()
    };
    let error = store.add_user(twin).await.unwrap_err();
    assert!(matches!(error, StoreError::Taken(column) if column == "users.extension"));
}

#[tokio::test]
async fn a_link_signs_in_once_and_not_after_its_time() {
    let (store, _folder) = fresh().await;
    let id = add_user(&store, "anna", None).await;
    store.add_link(vec![1; 32], id, 100).await.unwrap();
    store.add_link(vec![2; 32], id, 100).await.unwrap();
    assert_eq!(store.take_link(&[1; 32], 50).await.unwrap(), Some(id));
    assert_eq!(store.take_link(&[1; 32], 50).await.unwrap(), None);
    assert_eq!(store.take_link(&[2; 32], 100).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let (store, _folder) = fresh().await;
    let id = add_user(&store, "anna", None).await;
    for token in [1, 2] {
        store
            .add_session(vec![token; 32], id, 1, 100)
            .await
            .unwrap();
    }
    store
        .set_password(id, "hash".into(), &[2; 32])
        .await
        .unwrap();
    assert!(store.session(&[1; 32], 5).await.unwrap().is_none());
    assert_eq!(
        store.session(&[2; 32], 5).await.unwrap().unwrap().user.id,
        id
    );
    assert!(store.session(&[2; 32], 100).await.unwrap().is_none());
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let (store, place) = fresh().await;
    add_user(&store, "anna", Some("101")).await;
    store.set_setting("region", &"RU").await.unwrap();
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.count_users().await.unwrap(), 1);
    assert_eq!(
        store.setting::<String>("region").await.unwrap().as_deref(),
        Some("RU")
    );
}

#[tokio::test]
async fn nothing_belongs_to_somebody_who_does_not_exist() {
    let (store, _folder) = fresh().await;
    let error = store
        .add_session(vec![1; 32], Uuid::now_v7(), 1, 100)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Dangling));
}

#[tokio::test]
async fn a_second_trubka_is_kept_out_of_a_database_until_the_first_is_gone() {
    let (store, place) = fresh().await;
    let Some(url) = place.url() else {
        // The data folder's lock does it for files.
        return;
    };
    let second = Store::connect(url).await;
    assert!(matches!(second, Err(StoreError::InUse)));
    store.close().await;
    let third = place.open().await;
    assert_eq!(third.count_users().await.unwrap(), 0);
}
