//! The accounts of a target. A number that was never read is a dash, never zero; one that is not of now looks old.

use leptos::prelude::*;

use crate::parts::icon::Badge;
use crate::parts::line::{piece, pieces};
use crate::sheet::target::AccountRow;
use crate::tongue::t;

/// The table of accounts.
pub(crate) fn accounts(rows: Vec<AccountRow>) -> AnyView {
    let body = if rows.is_empty() {
        view! { <p class="empty">{t("No accounts are known yet: the bridge has not listed any.")}</p> }
            .into_any()
    } else {
        view! {
            <table class="stacking accounts">
                <thead>
                    <tr>
                        <th scope="col">{t("Account")}</th>
                        <th scope="col">{t("State")}</th>
                        <th scope="col" class="number">{t("Balance")}</th>
                        <th scope="col" class="number">{t("Equity")}</th>
                        <th scope="col" class="number">{t("Read")}</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <section class="block"><h3>{t("Accounts")}</h3>{body}</section> }.into_any()
}

fn row(account: AccountRow) -> AnyView {
    let class = if account.old { "old" } else { "" };
    let name = account.name.map(|name| view! { <span class="account-name">{name}</span> }.into_any());
    let reserve = account.reserve.then(|| {
        view! { <span class="tag" title=t("zero is its ordinary balance")>{t("reserve")}</span> }.into_any()
    });
    let note = account.note.map(|note| view! { <span class="reason">{note}</span> }.into_any());
    view! {
        <tr class=class>
            <th scope="row"><span class="account-id">{account.id}</span>{name}{reserve}{note}</th>
            <td data-label=t("State")><Badge mark=account.mark/></td>
            <td data-label=t("Balance") class="number">{piece(account.balance)}</td>
            <td data-label=t("Equity") class="number">{piece(account.equity)}</td>
            <td data-label=t("Read") class="number read quiet-text"><span class="last-read">{pieces(account.read)}</span></td>
        </tr>
    }
    .into_any()
}
