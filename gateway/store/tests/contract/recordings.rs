//! Legal holds, and searches for a card.

use hoop_model::{HoldId, SearchId, SessionId};
use hoop_store::{Answer, CardSearch, HoldOf, LegalHold, Store};

use super::{at, reviewer};

pub async fn a_hold_is_in_force_until_it_is_released_once(store: &Store) {
    let hold = |of| LegalHold { id: HoldId::new(), of, reason: "case 7".into(), by: reviewer("carol"), at: at(0) };
    let (session, other) = (SessionId::new(), SessionId::new());
    let (one, two) = (hold(HoldOf::Session(session)), hold(HoldOf::Connection("tools".parse().unwrap())));
    for hold in [&one, &two] {
        store.insert_legal_hold(hold).await.unwrap();
    }
    assert_eq!(store.legal_holds().await.unwrap(), [one.clone(), two.clone()]);
    let tools = "tools".parse().unwrap();
    assert!(one.keeps(Some(session), None) && !one.keeps(Some(other), Some(&tools)) && !one.keeps(None, None));
    assert!(two.keeps(None, Some(&tools)) && !two.keeps(Some(session), None));
    assert_eq!(store.remove_legal_hold(one.id).await.unwrap(), Some(one.clone()));
    assert_eq!(store.remove_legal_hold(one.id).await.unwrap(), None);
    assert_eq!(store.legal_holds().await.unwrap(), [two]);
}

pub async fn a_search_is_approved_once_and_ends(store: &Store) {
    let search = CardSearch {
        id: SearchId::new(),
        digest: "k1_abc".into(),
        reason: "case 7".into(),
        by: reviewer("carol"),
        at: at(0),
        ends: at(60),
        approved: None,
    };
    store.insert_card_search(&search).await.unwrap();
    assert_eq!(store.card_search(search.id).await.unwrap().as_ref(), Some(&search));
    assert_eq!(store.card_search(SearchId::new()).await.unwrap(), None);
    let said = |name: &str| Some(Answer { by: reviewer(name), at: at(1), reason: None });
    let (dave, erin) = (
        CardSearch { approved: said("dave"), ..search.clone() },
        CardSearch { approved: said("erin"), ..search.clone() },
    );
    assert!(store.approve_card_search(&dave).await.unwrap());
    assert!(!store.approve_card_search(&erin).await.unwrap(), "of two that come at once, one wins");
    assert_eq!(store.card_searches(at(59)).await.unwrap(), [dave]);
    assert!(store.card_searches(at(60)).await.unwrap().is_empty());
}
