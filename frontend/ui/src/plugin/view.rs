//! Draws a whole view: its blocks from the roots down, what is missing, and how fresh it is.

use host_model::Severity;
use host_model::plugin::{FaultCode, PluginError};
use host_model::view::{Action, Block, Layout, MAX_DEPTH, Section, View};
use leptos::prelude::*;

use super::block::draw_block;
use super::{PanelContext, PluginErrorView};
use crate::{CalloutView, Disclosure, RelativeTime, SafeLink};

/// What a plugin shows. A view that breaks the contract is explained instead of drawn.
///
/// ```ignore
/// view! { <PluginView view=view context=PanelContext::new(&key, now)/> }
/// ```
#[component]
pub fn PluginView(view: View, context: PanelContext) -> AnyView {
    if let Err(error) = view.validate() {
        let error = PluginError::Fault { fault: FaultCode::BadData, message: error.to_string() };
        return view! { <PluginErrorView error retry_url=context.retry_url/> }.into_any();
    }
    let View { blocks, roots, actions, fetched_at, source, missing } = view;
    let mut blocks: Vec<Option<Block>> = blocks.into_iter().map(Some).collect();
    let drawn: Vec<AnyView> = roots.iter().map(|&root| draw(root, &mut blocks, &actions, &context, 1)).collect();
    let missing = (!missing.is_empty()).then(|| {
        let parts: Vec<_> = missing.into_iter().take(20).map(|part| view! { <li>{part}</li> }).collect();
        view! {
            <CalloutView severity=Severity::Warning title="Some of this could not be had">
                <ul class="plugin-missing">{parts}</ul>
            </CalloutView>
        }
    });
    let footer = (fetched_at.is_some() || source.is_some()).then(|| {
        let age = fetched_at.map(|time| view! { <span>"As of "<RelativeTime time now=context.now/></span> });
        let source = source.map(|link| view! { <SafeLink url=link.url text=link.text/> });
        view! { <footer class="plugin-footer">{age}{source}</footer> }
    });
    view! { <div class="plugin-view">{missing}{drawn}{footer}</div> }.into_any()
}

/// Draws a block and what is below it. Every block is taken, so that none is drawn twice.
fn draw(index: u32, blocks: &mut [Option<Block>], actions: &[Action], context: &PanelContext, depth: usize) -> AnyView {
    let Some(block) = blocks.get_mut(index as usize).and_then(Option::take) else { return ().into_any() };
    match block {
        Block::Section(section) if depth <= MAX_DEPTH => draw_section(section, blocks, actions, context, depth),
        block => draw_block(index, block, actions, context),
    }
}

fn draw_section(
    section: Section,
    blocks: &mut [Option<Block>],
    actions: &[Action],
    context: &PanelContext,
    depth: usize,
) -> AnyView {
    let Section { title, children, layout, collapsed } = section;
    let children: Vec<AnyView> =
        children.iter().map(|&child| draw(child, blocks, actions, context, depth + 1)).collect();
    let layout = match layout {
        Layout::Stack => "stack",
        Layout::Columns => "columns",
    };
    let body = view! { <div class="plugin-section-body" data-layout=layout>{children}</div> };
    if collapsed {
        let summary = title.unwrap_or_else(|| "More".to_owned());
        return view! { <Disclosure summary>{body}</Disclosure> }.into_any();
    }
    // Sections within sections have smaller headings.
    let heading = title.map(|title| match depth {
        1 => view! { <h3 class="plugin-section-title">{title}</h3> }.into_any(),
        _ => view! { <h4 class="plugin-section-title">{title}</h4> }.into_any(),
    });
    view! { <section class="plugin-section">{heading}{body}</section> }.into_any()
}
