//! Filters: forms whose state is the page's address, so that a filtered list can be shared and works without scripts.

use leptos::prelude::*;

use crate::{Button, ButtonVariant, Choice, Icon, IconView, format};

/// A form that puts its fields into the page's query. `keep` holds the parts of the query that it must not lose.
///
/// On narrow screens the fields are closed behind a summary that says how many filters are set.
///
/// ```ignore
/// view! {
///     <FilterForm action="/catalog" active=1 clear="/catalog">
///         <FilterSelect name="kind" label="Kind" value="api" options=vec![Choice::new("api", "API").count(6)]/>
///     </FilterForm>
/// }
/// ```
#[component]
pub fn FilterForm(
    #[prop(into)] action: String,
    /// How many filters are set.
    #[prop(optional)]
    active: u64,
    /// Where the list without filters is.
    #[prop(optional, into)]
    clear: String,
    #[prop(optional)] keep: Vec<(String, String)>,
    children: Children,
) -> AnyView {
    let hidden: Vec<_> =
        keep.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect();
    let summary = if active == 0 { "Filters".to_owned() } else { format!("Filters ({active})") };
    let clear =
        (active > 0 && !clear.is_empty()).then(|| view! { <a class="filters-clear" href=clear>"Clear all"</a> });
    view! {
        <form class="filters" action=action method="get" aria-label="Filters">
            // Closed on narrow screens only: the style sheet shows the fields where there is room.
            <input class="filters-toggle" type="checkbox" id="filters-toggle" aria-label="Show filters"/>
            <label class="filters-summary" for="filters-toggle">
                <IconView icon=Icon::Filter/>
                <span>{summary}</span>
                <IconView icon=Icon::ChevronDown/>
            </label>
            <div class="filters-fields">
                {hidden}
                {children()}
                <div class="filters-actions">
                    <Button small=true variant=ButtonVariant::Secondary>"Apply"</Button>
                    {clear}
                </div>
            </div>
        </form>
    }
    .into_any()
}

/// One choice of several; the first option is any.
///
/// ```ignore
/// view! { <FilterSelect name="owner" label="Owner" value="" any="Anyone" options=owners/> }
/// ```
#[component]
pub fn FilterSelect(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// The value that is set; empty for any.
    #[prop(optional, into)]
    value: String,
    /// The words for no filter. Without them one of the options must be chosen.
    #[prop(optional, into)]
    any: String,
    options: Vec<Choice>,
) -> AnyView {
    let options: Vec<_> = options
        .into_iter()
        .map(|option| {
            let selected = option.value == value;
            let text = match option.count {
                Some(count) => format!("{} ({})", option.label, format::group_digits(count)),
                None => option.label,
            };
            view! { <option value=option.value selected=selected>{text}</option> }
        })
        .collect();
    view! {
        <label class="filter">
            <span class="filter-label">{label}</span>
            <span class="select">
                <select name=name>
                    {(!any.is_empty()).then(|| view! { <option value="">{any}</option> })}
                    {options}
                </select>
                <IconView icon=Icon::ChevronDown/>
            </span>
        </label>
    }
    .into_any()
}

/// Any number of choices, such as tags.
///
/// ```ignore
/// view! { <FilterChecks name="tag" label="Tags" values=vec!["rust".into()] options=tags/> }
/// ```
#[component]
pub fn FilterChecks(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional)] values: Vec<String>,
    options: Vec<Choice>,
) -> AnyView {
    let options: Vec<_> = options
        .into_iter()
        .map(|option| {
            let checked = values.contains(&option.value);
            let count =
                option.count.map(|count| view! { <span class="filter-count">{format::group_digits(count)}</span> });
            view! {
                <label class="check">
                    <input type="checkbox" name=name.clone() value=option.value checked=checked/>
                    <span class="check-label">{option.label}</span>
                    {count}
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="filter">
            <legend class="filter-label">{label}</legend>
            <div class="filter-options">{options}</div>
        </fieldset>
    }
    .into_any()
}

/// A filter by text.
///
/// ```ignore
/// view! { <FilterText name="text" label="Text" placeholder="Name or description"/> }
/// ```
#[component]
pub fn FilterText(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] placeholder: String,
) -> AnyView {
    view! {
        <label class="filter">
            <span class="filter-label">{label}</span>
            <input class="input" type="search" name=name value=value placeholder=placeholder autocomplete="off"/>
        </label>
    }
    .into_any()
}
