//! What others say of entities, in the API's shapes.

use host_api::{
    ApiError, ApiResult, EntityStatuses, SourceStatus, StatusBatch, StatusError, StatusInput, StatusResult,
};
use host_catalog::Saying;
use host_model::{EntityRef, Principal};
use host_store::instant_text;

use super::LocalPortal;
use super::catalog::change_error;

/// The most statuses of one batch.
const MOST: usize = 100;

impl LocalPortal {
    pub(super) fn statuses_of(&self, entity: &EntityRef) -> ApiResult<EntityStatuses> {
        let said = self.features.catalog.statuses(entity).map_err(change_error)?;
        let items = said.into_iter().map(|(source, said)| SourceStatus {
            source,
            status: said.status,
            set_at: instant_text(said.set_at),
            set_by: said.set_by,
            expires_at: said.expires_at.map(instant_text),
        });
        Ok(EntityStatuses { entity_ref: entity.clone(), items: items.collect() })
    }

    pub(super) async fn say_status(
        &self,
        principal: &Principal,
        entity: &EntityRef,
        input: StatusInput,
    ) -> ApiResult<()> {
        let StatusInput { source, status, ttl } = input;
        let saying = Saying { entity_ref: entity.clone(), source, status, ttl };
        let results = self.features.catalog.say_statuses(principal, vec![saying]).await.map_err(change_error)?;
        results.into_iter().collect::<Result<(), _>>().map_err(change_error)
    }

    pub(super) async fn say_statuses(&self, principal: &Principal, batch: StatusBatch) -> ApiResult<Vec<StatusResult>> {
        let count = batch.items.len();
        if !(1..=MOST).contains(&count) {
            return Err(ApiError::input(format!("request/body/items must hold 1 to {MOST} statuses, found {count}")));
        }
        let mut results: Vec<StatusResult> = Vec::with_capacity(count);
        let (mut sayings, mut places) = (Vec::new(), Vec::new());
        for (place, item) in batch.items.into_iter().enumerate() {
            let read = item.entity_ref.parse::<EntityRef>().map_err(|error| ApiError::input(error.to_string()));
            results.push(result(item.entity_ref, read.as_ref().err()));
            if let Ok(entity_ref) = read {
                sayings.push(Saying { entity_ref, source: item.source, status: item.status, ttl: item.ttl });
                places.push(place);
            }
        }
        let said = self.features.catalog.say_statuses(principal, sayings).await.map_err(change_error)?;
        for (place, said) in places.into_iter().zip(said) {
            let error = said.err().map(change_error);
            let entity_ref = std::mem::take(&mut results[place].entity_ref);
            results[place] = result(entity_ref, error.as_ref());
        }
        Ok(results)
    }
}

fn result(entity_ref: String, error: Option<&ApiError>) -> StatusResult {
    let told = |error: &ApiError| StatusError { name: error.kind.name().to_owned(), message: error.message.clone() };
    StatusResult { entity_ref, ok: error.is_none(), error: error.map(told) }
}
