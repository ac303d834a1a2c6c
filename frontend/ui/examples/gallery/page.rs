//! The gallery as a page of the portal: an entity's page first, then everything else.

use frontend_ui::*;
use host_api::{EntityGraph, GraphEdge, GraphNode};
use host_model::{EntityRef, Severity};
use leptos::prelude::*;

use crate::{parts, plugin};

/// The whole page.
#[component]
pub fn Gallery() -> AnyView {
    let item = NavItem::new;
    let groups = vec![
        NavGroup {
            title: String::new(),
            items: vec![
                item("Home", "/", Icon::Home),
                item("Catalog", "/catalog", Icon::Catalog),
                item("APIs", "/api-docs", Icon::Api),
                item("Docs", "/docs", Icon::Docs),
                item("Create", "/create", Icon::Create),
            ],
        },
        NavGroup {
            title: "Portal".to_owned(),
            items: vec![
                item("Relations", "/catalog-graph", Icon::Graph),
                item("Plugins", "/plugins", Icon::Plugin),
                item("Settings", "/settings", Icon::Settings),
            ],
        },
    ];
    let theme = view! { <Button kind="button" variant=ButtonVariant::Quiet icon=Icon::Moon label="Theme"/> }.into_any();
    let account = view! { <Avatar name="Grace Okafor"/> }.into_any();
    let footer = view! { "Callboard 0.1.0" }.into_any();
    view! {
        <Shell brand="Acme" groups current="/catalog/default/component/checkout" theme account nav_footer=footer>
            <FlashArea messages=vec![
                FlashMessage::done("Run 4182 of “Publish image” was started again.").url(Some("https://github.example/runs/4182".into())),
            ]/>
            <EntityHead/>
            <div class="grid">
                <About/>
                <Relations/>
                <plugin::Runs/>
                <LinksCard/>
                <plugin::Numbers/>
                <plugin::Missing/>
                <plugin::Deployments/>
                <plugin::Waiting/>
                <plugin::Everything/>
                <plugin::Errors/>
                <parts::Catalog/>
                <parts::Foundations/>
                <parts::Forms/>
                <parts::States/>
                <parts::Logs/>
            </div>
            <ErrorPage status=404 message="There is no component “chekout” in the catalog." reference="01J9Z8F3K2"/>
        </Shell>
    }
    .into_any()
}

#[component]
fn EntityHead() -> AnyView {
    let base = "/catalog/default/component/checkout";
    let actions = view! {
        <Button kind="button" icon=Icon::Star label="Star"/>
        <Button kind="button" icon=Icon::Refresh>"Refresh"</Button>
        <LinkButton href="#" icon=Icon::Code>"Source"</LinkButton>
    };
    let tabs = view! {
        <Tabs label="Sections of Checkout" tabs=vec![
            Tab::new("Overview", base, true),
            Tab::new("APIs", format!("{base}/apis"), false).count(3),
            Tab::new("Dependencies", format!("{base}/dependencies"), false).count(7),
            Tab::new("CI/CD", format!("{base}/ci"), false),
            Tab::new("Docs", format!("{base}/docs"), false),
        ]/>
    };
    view! {
        <PageHeader
            title="Checkout"
            crumbs=vec![Crumb::new("Catalog", "/catalog"), Crumb::new("Storefront", "/catalog/default/system/storefront")]
            description="Takes a basket through address, shipping and payment, and hands the order to fulfilment."
            mark=view! { <KindIcon kind="component" large=true/> }.into_any()
            actions=actions.into_any()
            tabs=tabs.into_any()
        >
            <KindBadge kind="Component" spec_type="service"/>
            <Meta label="Owner"><EntityLink reference="group:default/payments" title="Payments" plain=true/></Meta>
            <Badge tone=lifecycle_tone("production")>"production"</Badge>
        </PageHeader>
    }
    .into_any()
}

#[component]
fn About() -> AnyView {
    let entity = |reference: &'static str, title: &'static str| view! { <EntityLink reference title/> };
    let facts = vec![
        Fact::new("Owner", entity("group:default/payments", "Payments")),
        Fact::new("System", entity("system:default/storefront", "Storefront")),
        Fact::new("Domain", entity("domain:default/commerce", "Commerce")),
        Fact::new("Lifecycle", view! { <Badge tone=Tone::Ok>"production"</Badge> }),
        Fact::new(
            "Tags",
            view! {
                <TagList tags=["rust", "grpc", "pci", "tier-1"].map(|tag| TagItem::link(tag, format!("/catalog?tag={tag}"))).into()/>
            },
        ),
        Fact::new(
            "Source",
            view! { <SafeLink url="https://github.example/acme/checkout" text="acme/checkout" icon=Icon::Code/> },
        ),
    ];
    view! {
        <Card title="About" icon=Icon::Info width="medium"
            actions=view! { <LinkButton href="#" small=true variant=ButtonVariant::Quiet icon=Icon::Edit label="Edit"/> }.into_any()>
            <KeyValues facts/>
        </Card>
    }
    .into_any()
}

#[component]
fn LinksCard() -> AnyView {
    view! {
        <Card title="Links" icon=Icon::Link width="small">
            <ul class="stack" data-gap="small">
                <li><SafeLink url="https://grafana.example/d/checkout" text="Dashboard" icon=Icon::Chart/></li>
                <li><SafeLink url="https://wiki.example/runbooks/checkout" text="Runbook" icon=Icon::Docs/></li>
                <li><SafeLink url="mailto:payments@acme.example" text="Write to the team" icon=Icon::Mail/></li>
                <li><SafeLink url="javascript:alert(1)" text="A link that is none" icon=Icon::Link/></li>
            </ul>
        </Card>
    }
    .into_any()
}

#[component]
fn Relations() -> AnyView {
    let reference = |text: &str| text.parse::<EntityRef>().expect("a reference of the gallery");
    let node = |text: &str, title: &str, kind: &str, spec_type: Option<&str>, x: f64, y: f64| GraphNode {
        entity_ref: reference(text),
        title: title.to_owned(),
        kind: kind.to_owned(),
        spec_type: spec_type.map(str::to_owned),
        exists: text != "resource:default/ledger-db",
        distance: 0,
        hidden: 0,
        x,
        y,
        width: 168.0,
        height: 44.0,
    };
    let edge = |source: &str, target: &str, relation: &str, points: &[(f64, f64)]| GraphEdge {
        source: reference(source),
        target: reference(target),
        relation: relation.to_owned(),
        points: points.to_vec(),
    };
    let graph = EntityGraph {
        nodes: vec![
            node("group:default/payments", "Payments", "Group", Some("team"), 100.0, 40.0),
            node("system:default/storefront", "Storefront", "System", None, 100.0, 120.0),
            node("component:default/checkout", "Checkout", "Component", Some("service"), 380.0, 120.0),
            node("api:default/orders", "Orders", "API", Some("openapi"), 660.0, 40.0),
            node("resource:default/ledger-db", "ledger-db", "Resource", None, 660.0, 120.0),
            node("component:default/fraud", "Fraud detection and scoring", "Component", Some("service"), 660.0, 200.0),
        ],
        edges: vec![
            edge(
                "component:default/checkout",
                "group:default/payments",
                "ownedBy",
                &[(296.0, 112.0), (240.0, 76.0), (184.0, 40.0)],
            ),
            edge(
                "component:default/checkout",
                "system:default/storefront",
                "partOf",
                &[(296.0, 120.0), (184.0, 120.0)],
            ),
            edge("component:default/checkout", "api:default/orders", "providesApi", &[(464.0, 112.0), (576.0, 40.0)]),
            edge(
                "component:default/checkout",
                "resource:default/ledger-db",
                "dependsOn",
                &[(464.0, 120.0), (576.0, 120.0)],
            ),
            edge(
                "component:default/checkout",
                "component:default/fraud",
                "dependsOn",
                &[(464.0, 128.0), (576.0, 200.0)],
            ),
        ],
        width: 760.0,
        height: 240.0,
        truncated: false,
        ..EntityGraph::default()
    };
    let drawing = entity_drawing(&graph, &reference("component:default/checkout"));
    view! {
        <Card title="Relations" icon=Icon::Graph width="medium" flush=true
            actions=view! { <LinkButton href="/catalog-graph" small=true variant=ButtonVariant::Quiet>"Whole graph"</LinkButton> }.into_any()
            footer=view! { "Dashed: referred to, but not in the catalog" }.into_any()>
            <GraphView drawing label="Relations of Checkout"/>
        </Card>
        <div data-width="full">
            <CalloutView severity=Severity::Warning title="One relation leads nowhere">
                <p>"resource:default/ledger-db is not in the catalog. Register it, or take it out of the descriptor."</p>
            </CalloutView>
        </div>
    }
    .into_any()
}
