//! The components that are not shown by the entity's page.

use std::collections::BTreeMap;

use frontend_ui::*;
use host_model::plugin::FieldError;
use host_model::view::{Level, Status, TreeNode};
use host_model::{Severity, view::Level as L};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::NOW;

/// A catalog page: filters, table, paging.
#[component]
pub fn Catalog() -> AnyView {
    let rows = [
        ("component:default/checkout", "Checkout", "Storefront", "Payments", "service", "production"),
        ("component:default/catalog-web", "Catalog web", "Storefront", "Discovery", "website", "production"),
        ("component:labs/price-oracle", "", "Pricing", "Labs", "service", "experimental"),
        (
            "component:default/legacy-basket-synchronisation-worker",
            "",
            "Storefront",
            "Payments",
            "worker",
            "deprecated",
        ),
    ];
    let rows = rows
        .into_iter()
        .map(|(reference, title, system, owner, spec_type, lifecycle)| {
            vec![
                view! { <EntityLink reference title/> }.into_any(),
                view! { <EntityLink reference=format!("system:default/{}", system.to_lowercase()) title=system plain=true/> }.into_any(),
                view! { <EntityLink reference=format!("group:default/{}", owner.to_lowercase()) title=owner plain=true/> }.into_any(),
                spec_type.into_any(),
                view! { <Badge tone=lifecycle_tone(lifecycle)>{lifecycle}</Badge> }.into_any(),
                view! { <TagList tags=vec![TagItem::link("rust", "/catalog?tag=rust"), TagItem::link("tier-1", "/catalog?tag=tier-1")]/> }.into_any(),
            ]
        })
        .collect();
    let column = TableColumn::new;
    let columns = vec![
        column("Name").sortable("?sort=-name", Some(SortOrder::Ascending)),
        column("System"),
        column("Owner").sortable("?sort=owner", None),
        column("Type").sortable("?sort=type", None),
        column("Lifecycle"),
        column("Tags"),
    ];
    let kinds = vec![Choice::new("component", "Component").count(31), Choice::new("api", "API").count(12)];
    let owners = vec![
        Choice::new("group:default/payments", "Payments").count(9),
        Choice::new("group:default/labs", "Labs").count(2),
    ];
    let tags = vec![
        Choice::new("rust", "rust").count(14),
        Choice::new("grpc", "grpc").count(6),
        Choice::new("tier-1", "tier-1").count(8),
    ];
    view! {
        <div data-width="full">
            <div class="with-aside">
                <FilterForm action="/catalog" active=2 clear="/catalog">
                    <FilterText name="text" label="Text" placeholder="Name or description"/>
                    <FilterSelect name="kind" label="Kind" value="component" options=kinds/>
                    <FilterSelect name="owner" label="Owner" any="Anyone" options=owners/>
                    <FilterChecks name="tag" label="Tags" values=vec!["rust".into()] options=tags/>
                </FilterForm>
                <Card title="Components" note="31" flush=true
                    actions=view! { <LinkButton href="/create" small=true variant=ButtonVariant::Primary icon=Icon::Plus>"Create"</LinkButton> }.into_any()
                    footer=view! { <div class="grow"><Pagination first=1 last=20 total=31_u64 next="?cursor=b"/></div> }.into_any()>
                    <DataTable caption="Components" columns rows/>
                </Card>
            </div>
        </div>
        <Card title="APIs" note="0" flush=true width="medium">
            <DataTable caption="APIs" columns=vec![TableColumn::new("Name")] rows=vec![]
                empty=view! {
                    <EmptyStateView icon=Icon::Api title="No API matches" text="Take a filter away, or register a catalog-info.yaml with kind: API.">
                        <LinkButton href="/catalog" small=true>"Clear the filters"</LinkButton>
                    </EmptyStateView>
                }.into_any()/>
        </Card>
        <Card title="Still loading" width="medium"><Skeleton label="Loading" lines=6/></Card>
    }
    .into_any()
}

/// Icons, buttons, badges, statuses.
#[component]
pub fn Foundations() -> AnyView {
    let icons: Vec<_> = Icon::ALL.iter().map(|&icon| view! { <IconView icon label=icon.name()/> }).collect();
    let kinds =
        ["Component", "API", "System", "Domain", "Resource", "Group", "User", "Template", "Location", "Cluster"];
    let kinds: Vec<_> = kinds.iter().map(|kind| view! { <KindBadge kind=*kind/> }).collect();
    let levels = [L::Ok, L::Warning, L::Error, L::Pending, L::Running, L::Muted, L::Unknown];
    let levels: Vec<_> = levels.iter().map(|&level| view! { <StatusView level/> }).collect();
    let tones = [Tone::Neutral, Tone::Accent, Tone::Ok, Tone::Warning, Tone::Error, Tone::Info];
    let tones: Vec<_> = tones.iter().map(|&tone| view! { <Badge tone>{tone.as_str()}</Badge> }).collect();
    view! {
        <Card title="Foundations" width="full">
            <div class="stack">
                <div class="row">{icons}</div>
                <div class="row">{kinds}</div>
                <div class="row">{levels}</div>
                <div class="row">{tones}</div>
                <div class="row">
                    <Button variant=ButtonVariant::Primary icon=Icon::Play>"Primary"</Button>
                    <Button>"Secondary"</Button>
                    <Button variant=ButtonVariant::Quiet>"Quiet"</Button>
                    <Button variant=ButtonVariant::Danger icon=Icon::Trash>"Remove"</Button>
                    <Button disabled=true>"Disabled"</Button>
                    <Button small=true>"Small"</Button>
                    <Button icon=Icon::More label="More"/>
                    <button class="button" type="button" popovertarget="remove-plugin">"Open a dialog"</button>
                    <kbd>"Ctrl K"</kbd>
                    <PersonView name="Grace Okafor"/><PersonView name="Jean-Luc Martin"/><PersonView name="Xu Lin"/>
                </div>
                <Dialog id="remove-plugin" title="Remove the plugin?">
                    <p>"Its cards, actions and documents go with it."</p>
                    <DialogActions dialog="remove-plugin"><Button variant=ButtonVariant::Danger>"Remove"</Button></DialogActions>
                </Dialog>
            </div>
        </Card>
    }
    .into_any()
}

/// A template's form, with a refused answer.
#[component]
pub fn Forms() -> AnyView {
    let schema = json!({
        "required": ["name", "owner"],
        "properties": {
            "name": {"title": "Name", "type": "string", "description": "Lower-case letters, digits and dashes.", "pattern": "^[a-z0-9-]+$"},
            "owner": {"title": "Owner", "type": "string", "ui:field": "OwnerPicker"},
            "replicas": {"title": "Replicas", "type": "integer", "minimum": 1, "maximum": 9, "default": 2},
            "visibility": {"title": "Visibility", "enum": ["private", "internal"], "enumNames": ["Private", "Everyone at Acme"], "ui:widget": "radio", "default": "private"},
            "public": {"title": "Reachable from the internet", "type": "boolean", "description": "Adds the edge gateway."},
            "hosts": {"title": "Host names", "type": "array", "items": {"type": "string"}},
            "notes": {"title": "Notes", "type": "string", "ui:widget": "textarea"}
        }
    });
    let values = json!({"name": "Check out!", "owner": "group:default/payments"});
    let Value::Object(values) = values else { return ().into_any() };
    let errors =
        vec![FieldError { field: "/name".into(), message: "Use lower-case letters, digits and dashes only.".into() }];
    let choices = BTreeMap::from([(
        "/owner".to_owned(),
        vec![Choice::new("group:default/payments", "Payments"), Choice::new("group:default/labs", "Labs")],
    )]);
    view! {
        <Card title="New service" icon=Icon::Template width="medium">
            <form class="stack" method="post">
                <SchemaFields schema values errors choices id_prefix="new"/>
                <div class="row">
                    <Button variant=ButtonVariant::Primary>"Review"</Button>
                    <Button variant=ButtonVariant::Quiet>"Cancel"</Button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

/// Callouts, empty states, trees.
#[component]
pub fn States() -> AnyView {
    let node = |label: &str, parent: Option<u32>, level: Option<Level>| TreeNode {
        label: label.to_owned(),
        parent,
        status: level.map(|level| Status { level, text: String::new(), detail: None }),
        url: None,
    };
    let nodes = vec![
        node("checkout", None, Some(L::Warning)),
        node("Deployment checkout", Some(0), Some(L::Ok)),
        node("ReplicaSet checkout-7d9f", Some(1), None),
        node("Pod checkout-7d9f-x2x9k", Some(2), Some(L::Ok)),
        node("Pod checkout-7d9f-9klmn", Some(2), Some(L::Running)),
        node("Service checkout", Some(0), Some(L::Error)),
    ];
    let messages = vec![
        FlashMessage::failed("The action was refused: the run is still in progress."),
        FlashMessage { severity: Some(Severity::Info), text: "Refresh scheduled.".into(), url: None },
    ];
    view! {
        <Card title="States" width="medium">
            <div class="stack">
                <CalloutView severity=Severity::Info><p>"A callout without a title."</p></CalloutView>
                <CalloutView severity=Severity::Error title="Line 12, column 3 of catalog-info.yaml">
                    <p>"The value of "<code>"spec.owner"</code>" is missing."</p>
                </CalloutView>
                <FlashArea messages/>
                <TreeView nodes label="Resources of checkout"/>
                <EmptyStateView icon=Icon::Star title="Nothing starred yet" text="Star an entity, and it will wait for you here.">
                    <LinkButton href="/catalog" small=true icon=Icon::Catalog>"Open the catalog"</LinkButton>
                </EmptyStateView>
            </div>
        </Card>
    }
    .into_any()
}

/// Code, logs, tables of steps.
#[component]
pub fn Logs() -> AnyView {
    let log = "\u{1b}[1mFetching the skeleton\u{1b}[0m\n\u{1b}[32m✓\u{1b}[0m 14 files rendered\n\u{1b}[33mwarning:\u{1b}[0m README.md has no owner line\n\u{1b}[31merror:\u{1b}[0m the repository acme/checkout exists already, so that nothing was pushed; choose another name\n\u{1b}[2mdone in 1.2 s\u{1b}[0m";
    let diff = "@@ -1,4 +1,5 @@\n metadata:\n   name: checkout\n+  annotations:\n+    github.com/project-slug: acme/checkout\n-  title: chekout\n";
    view! {
        <Card title="Output" icon=Icon::Terminal width="medium"
            footer=view! { "Started "<RelativeTime time=NOW - 240_000 now=NOW/> }.into_any()>
            <div class="stack">
                <LogView text=log first_line=118 truncated=true label="Output of Publish"/>
                <LogView text="" label="Nothing"/>
            </div>
        </Card>
        <Card title="Change" icon=Icon::Branch width="medium">
            <div class="stack">
                <CodeBlock text=diff language="diff" title="catalog-info.yaml"/>
                <CodeBlock text="cargo xtask run --profile dev -- --listen 127.0.0.1:7007"/>
                <Disclosure summary="How it works" open=true><p>"A disclosure that is open."</p></Disclosure>
            </div>
        </Card>
    }
    .into_any()
}
