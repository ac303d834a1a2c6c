//! What a reader can choose for themselves.

use frontend_ui::{Button, ButtonVariant, Card, Choice, Fact, FieldText, Icon, KeyValues, PageHeader, RadioField};
use host_api::PageContext;
use leptos::prelude::*;

use crate::Page;

/// The page.
pub(crate) fn load(context: &PageContext) -> Page {
    let theme = context.theme.clone().unwrap_or_else(|| "system".to_owned());
    let who = context.principal.audit_name();
    let version = context.site.version.clone();
    Page::new("Settings", move || {
        let text = FieldText {
            label: "Theme".to_owned(),
            help: "Kept in a cookie of this browser.".to_owned(),
            required: true,
            ..FieldText::default()
        };
        let options = [("system", "As the system has it"), ("light", "Light"), ("dark", "Dark")];
        let options = options.map(|(value, label)| Choice::new(value, label)).to_vec();
        let facts = vec![
            Fact::new("You are", who.clone()),
            Fact::new("Callboard", version.clone()),
            Fact::new("API", view! { <a href="/api/openapi.json">"/api/openapi.json"</a> }),
        ];
        let theme = theme.clone();
        view! {
            <PageHeader title="Settings"/>
            <div class="grid">
                <Card title="Appearance" icon=Icon::Sun width="medium">
                    <form class="stack" method="post" action="/settings">
                        <input type="hidden" name="back" value="/settings"/>
                        <RadioField name="theme" text value=theme options/>
                        <div><Button variant=ButtonVariant::Primary>"Save"</Button></div>
                    </form>
                </Card>
                <Card title="About" icon=Icon::Info width="medium"><KeyValues facts/></Card>
            </div>
        }
        .into_any()
    })
}
