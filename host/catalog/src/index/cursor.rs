//! Where a page begins, as text that clients carry and do not read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FullText, Order, OrderField, Selection};
use crate::QueryError;

/// A page's place in an ordered list, with the query that made the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) selection: Selection,
    pub(crate) order: Vec<OrderField>,
    pub(crate) full_text: Option<FullText>,
    /// The values of the order's fields of the entity at which the page begins (or, backwards, before which it ends).
    pub(crate) values: Vec<Option<String>>,
    /// Its reference.
    pub(crate) entity_ref: String,
    pub(crate) backwards: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    order_fields: Vec<WireOrder>,
    order_field_values: Vec<Option<String>>,
    is_previous: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    full_text_filter: Option<WireText>,
    query: Value,
}

#[derive(Serialize, Deserialize)]
struct WireOrder {
    field: String,
    order: String,
}

#[derive(Serialize, Deserialize)]
struct WireText {
    term: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
}

impl Cursor {
    /// The text.
    pub(crate) fn encode(&self) -> String {
        let mut values = self.values.clone();
        values.push(Some(self.entity_ref.clone()));
        let wire = Wire {
            order_fields: self
                .order
                .iter()
                .map(|field| WireOrder {
                    field: field.field.clone(),
                    order: if field.order == Order::Ascending { "asc" } else { "desc" }.to_owned(),
                })
                .collect(),
            order_field_values: values,
            is_previous: self.backwards,
            full_text_filter: self
                .full_text
                .as_ref()
                .map(|text| WireText { term: text.term.clone(), fields: text.fields.clone() }),
            query: self.selection.to_predicate(),
        };
        STANDARD.encode(serde_json::to_string(&wire).unwrap_or_default())
    }

    /// Reads a text that a client sent back.
    ///
    /// # Errors
    /// When it is none of ours.
    pub(crate) fn decode(text: &str) -> Result<Self, QueryError> {
        let malformed = |message: String| QueryError::MalformedCursor(message);
        let bytes = STANDARD.decode(text.trim()).map_err(|error| malformed(error.to_string()))?;
        let wire: Wire = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
        let mut values = wire.order_field_values;
        let entity_ref = values.pop().flatten().ok_or_else(|| malformed("it names no entity".to_owned()))?;
        if values.len() != wire.order_fields.len() {
            return Err(malformed("it has another number of values than of fields".to_owned()));
        }
        let order = wire.order_fields.into_iter().map(|field| OrderField {
            field: field.field,
            order: if field.order == "desc" { Order::Descending } else { Order::Ascending },
        });
        Ok(Self {
            selection: Selection::from_predicate(&wire.query).map_err(|error| malformed(error.to_string()))?,
            order: order.collect(),
            full_text: wire.full_text_filter.map(|text| FullText { term: text.term, fields: text.fields }),
            values,
            entity_ref,
            backwards: wire.is_previous,
        })
    }
}
