//! From `/authorize` over consent and the identity provider to a code.

use crate::stand::{Application, Stand};

#[tokio::test]
async fn a9_consent_comes_before_the_provider_hears_anything() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let question = application.ask(&stand, &browser).await;
    assert_eq!(question.status, 200);
    assert!(
        stand.idp.requests().is_empty(),
        "{:?}",
        stand.idp.requests()
    );
    let back = application.approved(&browser, question).await;
    assert!(stand.idp.requests().iter().any(|r| r.path == "/authorize"));
    let answer = application.redeem(&stand, &back.get("code")).await;
    assert_eq!(answer.status(), 200);
}
