//! The accounts of a target. A number that was never read is a dash, never zero; one that is not of now looks old.

use leptos::prelude::*;
use rebound::amount::Amount;
use rebound::view::AccountView;

use crate::parts::icon::{Badge, Missing};
use crate::parts::moment::{Moment, Told};

/// The table of accounts.
#[component]
pub(crate) fn Accounts(accounts: Memo<Vec<AccountView>>) -> impl IntoView {
    let body = move || {
        let rows = accounts.get();
        if rows.is_empty() {
            return view! { <p class="empty">"No accounts are known yet: the bridge has not listed any."</p> }.into_any();
        }
        view! {
            <table class="stacking accounts">
                <thead>
                    <tr>
                        <th scope="col">"Account"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="number">"Balance"</th>
                        <th scope="col" class="number">"Equity"</th>
                        <th scope="col" class="number">"Read"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <section class="block"><h3>"Accounts"</h3>{body}</section> }
}

fn row(account: AccountView) -> impl IntoView {
    let old = !account.live && account.read_at.is_some();
    let read = match account.read_at {
        Some(at) if account.live => view! { <Moment at told=Told::Ago/> }.into_any(),
        Some(at) => {
            view! { <span class="last-read"><span>"last read "</span><Moment at told=Told::Ago/></span> }
                .into_any()
        }
        None => view! { <Missing why="never read"/> }.into_any(),
    };
    let never_read = account.read_at.is_none();
    view! {
        <tr class:old=old>
            <th scope="row">
                <span class="account-id">{account.id.number().to_string()}</span>
                {account.name.map(|name| view! { <span class="account-name">{name}</span> })}
                {account.reserve.then(|| view! { <span class="tag" title="zero is its ordinary balance">"reserve"</span> })}
                {account.note.map(|note| view! { <span class="reason">{note}</span> })}
            </th>
            <td data-label="State"><Badge tone=account.tone word=account.state/></td>
            <td data-label="Balance" class="number">{money(account.balance, account.currency.clone(), never_read)}</td>
            <td data-label="Equity" class="number">{money(account.equity, account.currency, never_read)}</td>
            <td data-label="Read" class="number read quiet-text">{read}</td>
        </tr>
    }
    .into_any()
}

fn money(amount: Option<Amount>, currency: Option<String>, never_read: bool) -> AnyView {
    let Some(amount) = amount else {
        let why = if never_read { "never read" } else { "the bridge did not tell it" };
        return view! { <Missing why/> }.into_any();
    };
    view! {
        <span class="money">
            {amount.to_string()}
            {currency.map(|currency| view! { <small class="currency">" "{currency}</small> })}
        </span>
    }
    .into_any()
}
